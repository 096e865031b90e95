package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Goal;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;

/** {@code next-call}. */
@Command(name = "next-call", description = "Step until a call or software interrupt is next",
    footerHeading = "Examples:%n", footer = {
        "  next-call       at least one instruction",
        "  pc              the same (WinDbg)"})
public final class NextCallCommand extends RunningCommand {
  @Override
  Stop go(Shell shell) {
    return shell.session().stepTo(Goal.CALL);
  }
}
