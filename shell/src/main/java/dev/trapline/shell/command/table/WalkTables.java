package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pt walk}. */
@Command(name = "walk", description = "Translate an address step by step in every table that takes part, changing nothing")
final class WalkTables extends Listing {
  @Parameters(arity = "0..*", paramLabel = "ADDRESS", description = "a virtual or linear address (the next instruction's)")
  private List<String> address;

  @Override
  public Object run(Shell shell) {
    var inspect = shell.session().inspect();
    return shell.session().tables().walk(address == null ? inspect.here() : Address.parse(join(address), shell.session().names()));
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
