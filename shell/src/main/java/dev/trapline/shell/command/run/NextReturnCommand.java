package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Goal;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;

/** {@code next-ret}. */
@Command(name = "next-ret", description = "Step until a return from a function or handler is next",
    footerHeading = "Examples:%n", footer = {
        "  next-ret        at least one instruction; of the innermost function that returns",
        "  next-ret --json"})
public final class NextReturnCommand extends RunningCommand {
  @Override
  Stop go(Shell shell) {
    return shell.session().stepTo(Goal.RETURN);
  }
}
