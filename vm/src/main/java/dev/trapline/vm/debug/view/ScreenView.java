package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * What the monitor shows.
 *
 * @param lines a text screen's lines, trailing blanks removed; empty in graphics modes
 * @param width characters, or dots in graphics modes
 * @param cursorRow from 0; -1 if there is no cursor
 */
public record ScreenView(boolean graphics, List<String> lines, int width, int height, int cursorRow, int cursorColumn) {
  public ScreenView {
    lines = List.copyOf(lines);
  }

  /** The text, empty lines at the end left out. */
  public String text() {
    return String.join("\n", lines).stripTrailing();
  }
}
