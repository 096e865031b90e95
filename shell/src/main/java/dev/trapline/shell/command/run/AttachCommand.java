package dev.trapline.shell.command.run;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Stop;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code attach}. */
@Command(name = "attach", description = "Run with your keys and eyes at a console of the guest; Ctrl-] comes back",
    footerHeading = "Examples:%n", footer = {
        "  attach         the serial console, uart0: every key goes there, Ctrl-C too",
        "  attach trap    that guest's; Ctrl-] and a digit chooses another, 0 all of them",
        "  attach uart1   another serial port; hvc0 a virtio console; info consoles lists them",
        "  attach screen  the text screen and the keyboard, with cursor and function keys"})
public final class AttachCommand extends RunningCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "CONSOLE|GUEST",
      description = "uart0 to uart3, virtio-console0, screen; or a guest for its uart0 (uart0)")
  private String console = "uart0";

  @Override
  Stop go(Shell shell) {
    Guests guests = shell.session().guests();
    boolean guest = guests.names().contains(console) || guests.several() && console.matches("[0-9]+");
    if (guest) {
      guests.select(console);
    }
    return shell.attach(guest ? "uart0" : console);
  }

  @Override
  public boolean repeats() {
    return false;
  }
}
