package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code si}. */
@Command(name = "si", description = "Execute one instruction, or COUNT; interrupts may enter",
    footerHeading = "Examples:%n", footer = {
        "  si             one instruction",
        "  si 100         a hundred; an empty line repeats it"})
public final class StepCommand extends RunningCommand {
  @Parameters(arity = "0..*", paramLabel = "COUNT", description = "how many instructions (1)")
  private List<String> count;

  @Override
  Stop go(Shell shell) {
    return shell.session().step(Count.of(shell, count));
  }
}
