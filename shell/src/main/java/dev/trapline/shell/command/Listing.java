package dev.trapline.shell.command;

import dev.trapline.vm.debug.BadInput;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that lists something and so takes {@code --json}, {@code --where} and {@code --top}. */
public abstract class Listing extends ShellCommand {
  @Option(names = "--json", description = "print as JSON")
  private boolean json;

  @Option(names = "--where", paramLabel = "{CLOSURE}", description = "only rows for which this holds: --where {it.dpl() == 3}")
  private String where;

  @Option(names = "--top", paramLabel = "N", description = "only the first rows")
  private Integer top;

  public boolean json() {
    return json;
  }

  /** How many rows are asked for, for commands that cut their listing themselves. */
  protected final int top(int usual) {
    int n = top == null ? usual : Math.max(0, top);
    top = null;
    return n;
  }

  /** The rows asked for. */
  final Object narrowed(Shell shell, Object value) {
    if (where == null && top == null) {
      return value;
    }
    if (!(value instanceof List<?>)) {
      throw new BadInput("--where and --top choose rows of a list, this is none");
    }
    List<?> rows = (List<?>) (where == null ? value : shell.chosen(value, where));
    return top == null ? rows : List.copyOf(rows.subList(0, Math.clamp(top, 0, rows.size())));
  }
}
