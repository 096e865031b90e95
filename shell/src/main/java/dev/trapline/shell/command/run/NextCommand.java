package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ni}. */
@Command(name = "ni", description = "Step over calls, software interrupts and repeated string instructions",
    footerHeading = "Examples:%n", footer = {
        "  ni             one instruction; a call runs to its return",
        "  ni 5           five of them"})
public final class NextCommand extends RunningCommand {
  @Parameters(arity = "0..*", paramLabel = "COUNT", description = "how many instructions (1)")
  private List<String> count;

  @Override
  Stop go(Shell shell) {
    return shell.session().stepOver(Count.of(shell, count));
  }
}
