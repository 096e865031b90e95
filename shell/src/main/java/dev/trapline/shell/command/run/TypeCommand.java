package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.ShellCommand;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code type}. */
@Command(name = "type", description = "Send text to the guest's serial console or type it on its keyboard",
    footerHeading = "Examples:%n", footer = {"  type \"root\\n\"      the text and a line end; taken when the machine runs",
        "  type -k \"dir\\n\"   on the keyboard, for a guest that shows its screen",
        "  type --on uart1 x  on another console: info consoles lists them"})
public final class TypeCommand extends ShellCommand {
  @Parameters(paramLabel = "TEXT", description = "in quotes if it has blanks; \\n \\r \\t within \"...\"")
  private String text;

  @Option(names = {"-k", "--keyboard"}, description = "keys of the PC's US keyboard")
  private boolean keyboard;

  @Option(names = "--on", paramLabel = "CONSOLE", description = "uart0 to uart3, virtio-console0 or screen (uart0)")
  private String console = "uart0";

  @Override
  public Object run(Shell shell) {
    if (keyboard) {
      shell.session().typeKeys(text);
    } else {
      shell.session().type(console, text.getBytes(StandardCharsets.UTF_8));
    }
    return null;
  }
}
