package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.view.GuestView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code guest}. */
@Command(name = "guest", description = "Guests of the monitor, and the one that commands are about: guest, guest trap",
    footerHeading = "Examples:%n", footer = {
        "  guest            all: technique, memory, state, exits; * is the one that commands are about",
        "  guest trap       r, x, u, pt, bp, si, info and the others are now about this one; a stop chooses the one that stopped",
        "  guest 2          the same by number",
        "  r -g trap        one command about another guest; x trap:0x1000 and u g2.cpu0:eip say so within an address",
        "  attach trap      its console; Ctrl-] and a digit chooses another there"})
public final class GuestCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "GUEST", description = "name or number of a guest")
  private String guest;

  @Override
  public Object run(Shell shell) {
    List<GuestView> all = shell.session().monitor().guests();
    if (guest == null) {
      return all;
    }
    shell.session().guests().select(guest);
    return shell.session().monitor().guests().stream().filter(GuestView::current).toList();
  }
}
