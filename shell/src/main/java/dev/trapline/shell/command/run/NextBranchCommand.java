package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Goal;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;

/** {@code next-branch}. */
@Command(name = "next-branch", description = "Step until a jump, call or return is next",
    footerHeading = "Examples:%n", footer = {
        "  next-branch     at least one instruction; calls are stepped into",
        "  next-branch --json"})
public final class NextBranchCommand extends RunningCommand {
  @Override
  Stop go(Shell shell) {
    return shell.session().stepTo(Goal.BRANCH);
  }
}
