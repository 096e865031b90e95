package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code owner}. */
@Command(name = "owner", description = "Whose a frame of host-physical memory is, and who maps it: owner ADDRESS",
    footerHeading = "Examples:%n", footer = {
        "  owner p:0x7000      the frame behind a guest-physical address",
        "  owner esp           behind a virtual one",
        "  owner h:0x8141000   a host-physical address: a guest's, or the monitor's and what for"})
public final class OwnerCommand extends Listing {
  @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "[v:|l:|p:|h:]address")
  private List<String> words;

  @Override
  public Object run(Shell shell) {
    var session = shell.session();
    Address at = Address.parse(join(words), session.names());
    if (at instanceof Address.Host h) {
      return session.monitor().owner(h.address());
    }
    long physical = session.inspect().physical(at);
    if (physical < 0) {
      throw new BadInput(at + " is not mapped");
    }
    return session.monitor().owner(session.monitor().host(physical));
  }
}
