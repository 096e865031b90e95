package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;

/** {@code c}. */
@Command(name = "c", description = "Run until a breakpoint, Ctrl-C or the end of a guest; all guests run",
    footerHeading = "Examples:%n", footer = {
        "  c              run on; Ctrl-C stops the machine",
        "  run, g         the same under other tools' names"})
public final class ContinueCommand extends RunningCommand {
  @Override
  Stop go(Shell shell) {
    return shell.session().guests().living().resume();
  }
}
