package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cpu}. */
@Command(name = "cpu", description = "List the processors, or choose the one that commands are about: cpu, cpu 1",
    footerHeading = "Examples:%n", footer = {
        "  cpu              all: state, mode, next instruction",
        "  cpu 1            r, u, x, bt, pt walk, si and ni are now about processor 1; a stop chooses the one that stopped"})
public final class CpuCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "N", description = "number of a processor")
  private Integer number;

  @Override
  public Object run(Shell shell) {
    Session session = shell.session();
    if (number == null) {
      return session.cpus();
    }
    session.select(number);
    return session.cpus().subList(number, number + 1);
  }
}
