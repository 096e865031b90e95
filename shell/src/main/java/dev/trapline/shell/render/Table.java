package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.view.TableView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Left-aligned columns with a heading; columns that are empty in every row are left out. */
public final class Table {
  private final String[] heads;
  private final List<String[]> rows = new ArrayList<>();

  public Table(String... heads) {
    this.heads = heads;
  }

  /** The same as a table of text. */
  static Table of(TableView view) {
    Table t = new Table(view.heads().toArray(String[]::new));
    view.rows().forEach(r -> t.row(r.toArray()));
    return t;
  }

  /** One row, with as many cells as there are heads; null is an empty one. */
  public Table row(Object... cells) {
    String[] r = new String[heads.length];
    for (int i = 0; i < r.length; i++) {
      r[i] = cells[i] == null ? "" : cells[i].toString();
    }
    rows.add(r);
    return this;
  }

  /** The table in lines, without a line end after the last. */
  public String text(Style style) {
    int[] columns = IntStream.range(0, heads.length).filter(i -> rows.stream().anyMatch(r -> !r[i].isEmpty())).toArray();
    var out = new StringBuilder(style.in(Ink.HEAD, line(heads, columns)));
    for (String[] r : rows) {
      out.append('\n').append(line(r, columns));
    }
    return out.toString();
  }

  private String line(String[] cells, int[] columns) {
    var out = new StringBuilder();
    for (int i : columns) {
      int width = Math.max(heads[i].length(), rows.stream().mapToInt(r -> r[i].length()).max().orElse(0));
      out.append(cells[i]).append(" ".repeat(width - cells[i].length() + 2));
    }
    return out.toString().stripTrailing();
  }
}
