package dev.trapline.vm.device.display;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The font a video BIOS keeps in ROM and loads into plane 2: 256 characters of code page 437, 8 by 16 dots. It is drawn from the strokes
 * in {@code rom-font.txt}, which explains itself, in integers alone, so it is the same everywhere.
 */
public final class RomFont {
  /** Lines of a character. */
  public static final int HEIGHT = 16;
  private static final int WIDTH = 8;
  private static final int CHARACTERS = 256;
  private static final byte[] DOTS = draw();

  private RomFont() {}

  /** A line of a character, leftmost dot in bit 7. */
  public static int line(int character, int y) {
    return DOTS[character * HEIGHT + y] & 0xff;
  }

  private static byte[] draw() {
    Map<Character, String[]> glyphs = read();
    byte[] out = new byte[CHARACTERS * HEIGHT];
    for (int c = 0; c < CHARACTERS; c++) {
      Cell cell = new Cell();
      cell.draw(CodePage.of(c), glyphs);
      System.arraycopy(cell.lines, 0, out, c * HEIGHT, HEIGHT);
    }
    return out;
  }

  private static Map<Character, String[]> read() {
    Map<Character, String[]> glyphs = new HashMap<>();
    try (InputStream in = RomFont.class.getResourceAsStream("rom-font.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.isEmpty() && !line.startsWith("//")) {
          glyphs.put(line.charAt(0), line.substring(2).split(" "));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return glyphs;
  }

  /** One character being drawn. */
  private static final class Cell {
    private final byte[] lines = new byte[HEIGHT];

    void draw(char character, Map<Character, String[]> glyphs) {
      for (String s : glyphs.getOrDefault(character, new String[0])) {
        String rest = s.substring(1);
        switch (s.charAt(0)) {
          case '-' -> strokes(rest, 1);
          case '#' -> rectangle(rest, true);
          case '!' -> rectangle(rest, false);
          case '=' -> draw(rest.charAt(0), glyphs);
          case '+' -> new Frame(rest).draw(this);
          case '%' -> shade(digit(rest, 0));
          default -> strokes(s, 2);
        }
      }
    }

    private void dot(int x, int y, boolean on) {
      if (x < WIDTH) {
        int bit = 0x80 >> x;
        lines[y] = (byte) (on ? lines[y] | bit : lines[y] & ~bit);
      }
    }

    private void strokes(String points, int pen) {
      for (int i = 0; i + 2 <= points.length(); i += 2) {
        int j = Math.min(i + 2, points.length() - 2);
        stroke(digit(points, i), digit(points, i + 1), digit(points, j), digit(points, j + 1), pen);
      }
    }

    private void stroke(int x, int y, int toX, int toY, int pen) {
      int n = Math.max(1, Math.max(Math.abs(toX - x), Math.abs(toY - y)));
      for (int i = 0; i <= n; i++) {
        for (int p = 0; p < pen; p++) {
          dot(x + between(toX - x, i, n) + p, y + between(toY - y, i, n), true);
        }
      }
    }

    /** {@code length * i / n}, rounded half up. */
    private static int between(int length, int i, int n) {
      return Math.floorDiv(2 * length * i + n, 2 * n);
    }

    private void rectangle(String corners, boolean on) {
      for (int y = digit(corners, 1); y <= digit(corners, 3); y++) {
        for (int x = digit(corners, 0); x <= digit(corners, 2); x++) {
          dot(x, y, on);
        }
      }
    }

    private void shade(int quarters) {
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int x = i % WIDTH;
        int y = i / WIDTH;
        boolean sparse = (x + 2 * (y & 1) & 3) == 0;
        dot(x, y, quarters == 2 ? (x + y & 1) == 0 : sparse == (quarters == 1));
      }
    }
  }

  private static int digit(String s, int at) {
    return Character.digit(s.charAt(at), 16);
  }

  /** A frame's arms, which meet in the middle of the cell. A double arm is a band with a hollow in it. */
  private record Frame(int up, int down, int left, int right) {
    private static final int DOUBLE = 2;

    Frame(String arms) {
      this(digit(arms, 0), digit(arms, 1), digit(arms, 2), digit(arms, 3));
    }

    void draw(Cell cell) {
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int x = i % WIDTH;
        int y = i / WIDTH;
        if (band(x, y) && !hollow(x, y)) {
          cell.dot(x, y, true);
        }
      }
    }

    /** Left or above the line in the middle -1, on it 0, right or below 1; it is two dots wide and one high. */
    private static int side(int at, int first, int last) {
      return at < first ? -1 : at > last ? 1 : 0;
    }

    private static int column(int x) {
      return side(x, 3, 4);
    }

    private static int row(int y) {
      return side(y, 7, 7);
    }

    private boolean band(int x, int y) {
      int upright = Math.max(up, down);
      int level = Math.max(left, right);
      boolean inColumn = upright == DOUBLE ? x >= 1 && x <= 6 : upright > 0 && column(x) == 0;
      boolean inRow = level == DOUBLE ? y >= 6 && y <= 8 : level > 0 && row(y) == 0;
      boolean reachesUp = up > 0 && row(y) <= 0 || down > 0 && row(y) >= 0 || inRow;
      boolean reachesLeft = left > 0 && column(x) <= 0 || right > 0 && column(x) >= 0 || inColumn;
      return inColumn && reachesUp || inRow && reachesLeft;
    }

    private boolean hollow(int x, int y) {
      int v = row(y);
      int h = column(x);
      if (v == 0 && h == 0) {
        return open(up, down, left, right) && Math.max(up, down) == DOUBLE || open(left, right, up, down) && Math.max(left, right) == DOUBLE;
      }
      return h == 0 && (v < 0 ? up : down) == DOUBLE || v == 0 && (h < 0 ? left : right) == DOUBLE;
    }

    /** Whether the hollow of two opposite arms goes through the middle, whatever crosses it. */
    private static boolean open(int one, int other, int across, int alsoAcross) {
      boolean through = one == DOUBLE && other == DOUBLE;
      int single = (across == 1 ? 1 : 0) + (alsoAcross == 1 ? 1 : 0);
      return Math.max(across, alsoAcross) == DOUBLE || through && single < 2;
    }
  }
}
