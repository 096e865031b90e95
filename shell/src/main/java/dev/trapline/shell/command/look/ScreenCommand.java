package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import dev.trapline.vm.debug.view.ScreenView;
import picocli.CommandLine.Command;

/** {@code screen}. */
@Command(name = "screen", description = "The text on the guest's screen",
    footerHeading = "Examples:%n", footer = {"  screen         in graphics modes, how large it is: screenshot keeps it"})
public final class ScreenCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    ScreenView s = shell.session().inspect().screen();
    return s.graphics() ? "graphics, " + s.width() + " by " + s.height() : s.text();
  }
}
