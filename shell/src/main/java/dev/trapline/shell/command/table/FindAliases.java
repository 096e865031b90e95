package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pt aliases}. */
@Command(name = "aliases", description = "Every virtual address that leads to a physical one")
final class FindAliases extends Listing {
  @Option(names = "--processes", description = "in the tables of every process of a Linux guest too")
  private boolean processes;

  @Parameters(paramLabel = "ADDRESS", description = "p:PHYSICAL, or a virtual address: the others of its page")
  private String address;

  @Override
  public Object run(Shell shell) {
    Address at = Address.parse(address, shell.session().names());
    long physical = shell.session().inspect().physical(at);
    if (physical < 0) {
      throw new BadInput(address + " is not mapped: write p:" + address + " for a physical address");
    }
    return shell.session().tables().aliases(physical, processes);
  }
}
