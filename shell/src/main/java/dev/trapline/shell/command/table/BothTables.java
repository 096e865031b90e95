package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.Address;
import dev.trapline.vm.debug.Expr;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pt both}. */
@Command(name = "both", description = "The guest's tables and the hardware's (shadow, or nested) side by side, with the TLB and every divergence")
final class BothTables extends Listing {
  private static final long PAGE = 4096;

  @Option(names = "--differing", description = "only where they differ")
  private boolean differing;

  @Parameters(arity = "0..1", paramLabel = "ADDRESS", description = "first address; alone: only its page")
  private String from;

  @Parameters(arity = "0..1", paramLabel = "TO", description = "last address")
  private String to;

  @Override
  public Object run(Shell shell) {
    var names = shell.session().names();
    var tables = shell.session().tables();
    if (from == null) {
      return tables.both(0, null, differing);
    }
    long first = shell.session().inspect().linear(Address.parse(from, names)) & -PAGE;
    return tables.both(first, to == null ? Long.valueOf(first + PAGE - 1) : Long.valueOf(Expr.evaluate(to, names)), differing);
  }
}
