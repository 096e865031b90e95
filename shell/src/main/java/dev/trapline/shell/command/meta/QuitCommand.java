package dev.trapline.shell.command.meta;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import picocli.CommandLine.Command;

/** {@code quit}. */
@Command(name = "quit", description = "Leave; so does Ctrl-D twice",
    footerHeading = "Examples:%n", footer = {"  quit"})
public final class QuitCommand extends ShellCommand {
  @Override
  public Object run(Shell shell) {
    shell.leave();
    return null;
  }
}
