package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.FieldsView;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sym}. */
@Command(name = "sym", description = "List symbols whose name contains a text",
    footerHeading = "Examples:%n", footer = {"  sym            the first hundred", "  sym irq        those with irq in their name"})
public final class SymbolsCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "TEXT", description = "part of the name")
  private String part = "";

  @Override
  public Object run(Shell shell) {
    var symbols = shell.session().symbols();
    var all = symbols.names().stream().filter(n -> n.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT))).toList();
    var fields = all.stream().limit(top(100)).map(n -> Field.hex(n, symbols.address(n).orElse(0), "")).toList();
    int more = all.size() - fields.size();
    return new FieldsView(all.size() + " symbols" + (more > 0 ? ", " + more + " not shown (--top N)" : ""), fields);
  }
}
