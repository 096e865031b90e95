package dev.trapline.vm.device.display;

import java.util.List;

/** What a monitor would show, at one moment. */
public sealed interface Screen {
  /** Text as lines of Unicode (code page 437 decoded), trailing blanks kept: every line has as many characters as there are columns. */
  record Text(List<String> lines, Cursor cursor, List<int[]> attributes) implements Screen {
    public int columns() {
      return lines.isEmpty() ? 0 : lines.getFirst().length();
    }

    /** The lines, trailing blanks removed, each ended by a line end; empty lines at the end are left out. */
    public String text() {
      StringBuilder out = new StringBuilder();
      int last = lines.size();
      while (last > 0 && lines.get(last - 1).isBlank()) {
        last--;
      }
      lines.subList(0, last).forEach(l -> out.append(l.stripTrailing()).append('\n'));
      return out.toString();
    }
  }

  /** Where the cursor is, from 0; {@code visible} is false when it is switched off or off the screen. */
  record Cursor(int row, int column, boolean visible) {}

  /** A picture: rows from the top, pixels as 0xAARRGGBB with AA = FF. */
  record Pixels(int width, int height, int[] argb) implements Screen {
    public int at(int x, int y) {
      return argb[y * width + x];
    }
  }
}
