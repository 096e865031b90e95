package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.paging.Mapping;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture of an address space. What lies close together is a strip of cells of equal size; between two strips is nothing.
 *
 * @param strips in ascending order
 */
public record AddressMap(List<Strip> strips) {
  /** Cells of a strip at most. */
  private static final int CELLS = 64;
  /** A hole larger than this many times what is before it begins a new strip. */
  private static final int GAP = 4;
  private static final long LEAST_GAP = 1L << 22;
  private static final int CELL = 12;
  private static final int LINE = 26;
  private static final int LABEL = 190;

  /** What a cell shows: the most dangerous rights in it, in this order. */
  enum Kind {
    WRITE_EXECUTE('!', Ink.ERROR, "#c0392b", "writable and executable"),
    EXECUTE('x', Ink.SYMBOL, "#27ae60", "executable"),
    WRITE('w', Ink.ACCENT, "#e0a800", "writable"),
    READ('r', Ink.NAME, "#2980b9", "read only"),
    NONE('.', Ink.DIM, "#eeeeee", "not mapped");

    private final char letter;
    private final Ink ink;
    private final String colour;
    private final String meaning;

    Kind(char letter, Ink ink, String colour, String meaning) {
      this.letter = letter;
      this.ink = ink;
      this.colour = colour;
      this.meaning = meaning;
    }

    static Kind of(Mapping m) {
      return m.getW() && m.getX() ? WRITE_EXECUTE : m.getX() ? EXECUTE : m.getW() ? WRITE : READ;
    }
  }

  /**
   * A part of the address space.
   *
   * @param mapped bytes
   * @param user bytes of user pages
   * @param cells what there is in each
   */
  public record Strip(long from, long last, long cellBytes, long mapped, long user, List<Kind> cells) {
    private static Strip of(List<Mapping> pages) {
      long from = pages.getFirst().linear();
      long last = pages.getLast().last();
      long cell = 4096;
      while (Long.compareUnsigned(last - from, cell * CELLS) >= 0) {
        cell <<= 1;
      }
      int n = (int) Long.divideUnsigned(last - from, cell) + 1;
      Kind[] cells = new Kind[n];
      java.util.Arrays.fill(cells, Kind.NONE);
      for (Mapping m : pages) {
        int end = (int) Long.divideUnsigned(m.last() - from, cell);
        for (int i = (int) Long.divideUnsigned(m.linear() - from, cell); i <= end; i++) {
          cells[i] = cells[i].compareTo(Kind.of(m)) < 0 ? cells[i] : Kind.of(m);
        }
      }
      return new Strip(from, last, cell, pages.stream().mapToLong(Mapping::bytes).sum(),
          pages.stream().filter(Mapping::getU).mapToLong(Mapping::bytes).sum(), List.of(cells));
    }

    private String whose() {
      return user == 0 ? "supervisor" : user == mapped ? "user" : "both";
    }
  }

  /** The picture of single pages in ascending order. */
  public static AddressMap of(List<Mapping> pages) {
    var strips = new ArrayList<Strip>();
    int start = 0;
    for (int i = 1; i <= pages.size(); i++) {
      if (i == pages.size() || apart(pages.get(start), pages.get(i - 1), pages.get(i))) {
        strips.add(Strip.of(pages.subList(start, i)));
        start = i;
      }
    }
    return new AddressMap(strips);
  }

  private static boolean apart(Mapping first, Mapping last, Mapping next) {
    long span = last.last() - first.linear();
    return Long.compareUnsigned(next.linear() - last.last(), Math.max(LEAST_GAP, span * GAP)) > 0;
  }

  /** The picture for a terminal. */
  String text(Style style) {
    if (strips.isEmpty()) {
      return "nothing is mapped";
    }
    var out = new StringBuilder();
    for (Strip s : strips) {
      out.append(Hex.address(s.from())).append("  ").append(style.in(Ink.DIM, size(s.mapped()) + " mapped, " + s.whose() + ", a cell is "
          + size(s.cellBytes()))).append("\n  ");
      s.cells().forEach(k -> out.append(style.in(k.ink, String.valueOf(k.letter))));
      out.append('\n');
    }
    for (Kind k : Kind.values()) {
      out.append(style.in(k.ink, String.valueOf(k.letter))).append(' ').append(k.meaning).append(k == Kind.NONE ? "" : "   ");
    }
    return out.toString();
  }

  private static String size(long bytes) {
    return bytes >= 1L << 40 ? (bytes >> 40) + "T" : bytes >= 1L << 30 ? (bytes >> 30) + "G" : bytes >= 1L << 20 ? (bytes >> 20) + "M"
        : (bytes >> 10) + "K";
  }

  /** The picture as an SVG document. */
  public String svg() {
    int width = LABEL + CELLS * CELL + 10;
    int height = (strips.size() + 2) * LINE;
    var out = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"12\">%n"
        .formatted(width, height));
    for (int i = 0; i < strips.size(); i++) {
      strip(out, strips.get(i), i * LINE + 6);
    }
    legend(out, strips.size() * LINE + LINE);
    return out.append("</svg>\n").toString();
  }

  private static void strip(StringBuilder out, Strip s, int y) {
    out.append("<text x=\"4\" y=\"%d\">%s</text>%n".formatted(y + 14, Hex.address(s.from())));
    for (int i = 0; i < s.cells().size(); i++) {
      out.append("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" fill=\"%s\"><title>%s: %s</title></rect>%n".formatted(LABEL + i * CELL, y,
          CELL - 1, s.cells().get(i).colour, Hex.address(s.from() + i * s.cellBytes()), s.cells().get(i).meaning));
    }
  }

  private static void legend(StringBuilder out, int y) {
    int x = LABEL;
    for (Kind k : Kind.values()) {
      out.append("<rect x=\"%d\" y=\"%d\" width=\"11\" height=\"11\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n".formatted(x, y - 10,
          k.colour, x + 16, y, k.meaning));
      x += 40 + 8 * k.meaning.length();
    }
  }
}
