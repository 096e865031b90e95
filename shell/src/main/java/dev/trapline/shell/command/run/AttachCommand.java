package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code attach}. */
@Command(name = "attach", description = "Run with your keys and eyes at a console of the guest; Ctrl-] comes back",
    footerHeading = "Examples:%n", footer = {
        "  attach         the serial console, uart0: every key goes there, Ctrl-C too",
        "  attach uart1   another serial port; hvc0 a virtio console; info consoles lists them",
        "  attach screen  the text screen and the keyboard, with cursor and function keys"})
public final class AttachCommand extends RunningCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "CONSOLE", description = "uart0 to uart3, virtio-console0, screen (uart0)")
  private String console = "uart0";

  @Override
  Stop go(Shell shell) {
    return shell.attach(console);
  }

  @Override
  public boolean repeats() {
    return false;
  }
}
