package dev.trapline.vm.debug.view;

import java.util.List;

/** Rows of cells under column heads; cells may be empty. */
public record TableView(String title, List<String> heads, List<List<String>> rows) {
  public TableView {
    heads = List.copyOf(heads);
    rows = rows.stream().map(List::copyOf).toList();
  }
}
