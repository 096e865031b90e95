package dev.trapline.vm.debug.view;

import java.util.List;

/** A device or a group of them, decoded: what its registers mean, then what it has several of. */
public record BoardView(String title, List<Field> fields, List<TableView> tables) {
  public BoardView {
    fields = List.copyOf(fields);
    tables = List.copyOf(tables);
  }
}
