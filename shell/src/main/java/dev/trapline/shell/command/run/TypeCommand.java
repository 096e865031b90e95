package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code type}. */
@Command(name = "type", description = "Send text to the guest's serial console",
    footerHeading = "Examples:%n", footer = {"  type \"root\\n\"   the text and a line end; taken when the machine runs"})
public final class TypeCommand extends ShellCommand {
  @Parameters(paramLabel = "TEXT", description = "in quotes if it has blanks; \\n \\r \\t within \"...\"")
  private String text;

  @Override
  public Object run(Shell shell) {
    shell.session().type(text.getBytes(StandardCharsets.ISO_8859_1));
    return null;
  }
}
