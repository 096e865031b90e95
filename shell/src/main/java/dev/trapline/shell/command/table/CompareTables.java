package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pt diff}. */
@Command(name = "diff", description = "What changed in the mappings since pt save")
final class CompareTables extends Listing {
  @Parameters(paramLabel = "NAME", description = "the name given to pt save")
  private String name;

  @Override
  public Object run(Shell shell) {
    return shell.session().tables().since(name);
  }
}
