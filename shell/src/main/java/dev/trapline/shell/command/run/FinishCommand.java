package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;

/** {@code finish}. */
@Command(name = "finish", description = "Run until the current function has returned",
    footerHeading = "Examples:%n", footer = {
        "  finish         stops after the RET (or IRET) that leaves this stack level"})
public final class FinishCommand extends RunningCommand {
  @Override
  Stop go(Shell shell) {
    return shell.session().finish();
  }
}
