package dev.trapline.shell.script;

import dev.trapline.shell.render.Json;
import dev.trapline.shell.render.Table;
import dev.trapline.vm.debug.BadInput;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Lists as tables. */
final class Rows {
  private Rows() {}

  /** A list of maps or of records, headed by their names. */
  static String table(List<?> rows) {
    if (rows.isEmpty()) {
      return "none";
    }
    return switch (rows.getFirst()) {
      case Map<?, ?> m -> table(m.keySet().stream().map(Object::toString).toList(),
          rows.stream().map(r -> List.copyOf(((Map<?, ?>) r).values().stream().map(Rows::text).toList())).toList());
      case Record r -> table(Arrays.stream(r.getClass().getRecordComponents()).map(RecordComponent::getName).toList(),
          rows.stream().map(x -> Json.fields((Record) x).values().stream().map(Rows::text).toList()).toList());
      default -> throw new BadInput("table: a list of maps or records is expected; for lists name the columns first");
    };
  }

  /** Rows of cells. */
  static String table(List<String> heads, List<? extends List<?>> rows) {
    Table t = new Table(heads.toArray(String[]::new));
    for (List<?> r : rows) {
      if (r.size() != heads.size()) {
        throw new BadInput("table: " + heads.size() + " columns, but a row of " + r.size());
      }
      t.row(r.stream().map(Rows::text).toArray());
    }
    return t.text(dev.trapline.shell.render.Style.PLAIN);
  }

  private static String text(Object cell) {
    return switch (cell) {
      case null -> "";
      case Double d -> "%.1f".formatted(d);
      case Float f -> "%.1f".formatted(f);
      case java.math.BigDecimal b -> "%.1f".formatted(b);
      default -> cell.toString();
    };
  }
}
