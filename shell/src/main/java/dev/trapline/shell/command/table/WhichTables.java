package dev.trapline.shell.command.table;

import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Expr;
import dev.trapline.vm.debug.paging.AddressSpace;
import picocli.CommandLine.Option;

/** Whose tables a command is about. */
final class WhichTables {
  @Option(names = "--cr3", paramLabel = "VALUE", description = "the tables this value of CR3 leads to, not those in use")
  private String root;

  @Option(names = "--process", paramLabel = "PID", description = "the tables of a process of a Linux guest")
  private Integer pid;

  AddressSpace of(Shell shell) {
    if (root != null && pid != null) {
      throw new BadInput("--cr3 and --process are two ways to say whose tables: give one");
    }
    var tables = shell.session().tables();
    return tables.space(pid != null ? Long.valueOf(tables.root(pid)) : root == null ? null : Expr.evaluate(root, shell.session().names()));
  }
}
