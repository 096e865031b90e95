package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.Symbols;
import dev.trapline.vm.debug.view.MemoryView;

/** Memory as rows of units. */
public final class MemoryText {
  private static final int ROW = 16;
  private final Style style;
  private final Symbols symbols;

  public MemoryText(Style style, Symbols symbols) {
    this.style = style;
    this.symbols = symbols;
  }

  public String text(MemoryView m, MemoryFormat f) {
    if (f.letter() == 's') {
      return string(m);
    }
    int perRow = f.letter() == 'a' ? 1 : f.letter() == 't' ? Math.max(1, 4 / f.unit()) : ROW / f.unit();
    var out = new StringBuilder();
    for (int i = 0; i < f.count(); i += perRow) {
      int n = Math.min(perRow, f.count() - i);
      out.append(out.isEmpty() ? "" : "\n").append(row(m, f, i, n, perRow));
    }
    return out.toString();
  }

  private String row(MemoryView m, MemoryFormat f, int first, int n, int perRow) {
    long address = m.address() + (long) first * f.unit();
    var out = new StringBuilder(m.selector() >= 0 ? Hex.pad(m.selector(), 4) + ":" + Hex.pad(address, 4) : Hex.address(address));
    Symbols.Near near = m.linear() < 0 ? null : symbols.near(m.linear() + (long) first * f.unit());
    out.append(near == null ? ":" : " " + style.in(Ink.SYMBOL, "<" + near + ">") + ":");
    for (int i = 0; i < n; i++) {
      out.append("  ").append(unit(m.value((first + i) * f.unit(), f.unit()), f));
    }
    if (f.unit() == 1 && f.letter() == 'x') {
      out.append(" ".repeat((perRow - n) * 6)).append("  ").append(ascii(m, first, n));
    }
    return out.toString();
  }

  private String unit(Long value, MemoryFormat f) {
    int bits = 8 * f.unit();
    if (value == null) {
      return style.in(Ink.DIM, "?".repeat(2 + bits / 4));
    }
    long signed = value << 64 - bits >> 64 - bits;
    return switch (f.letter()) {
      case 'd' -> Long.toString(signed);
      case 'u' -> Long.toUnsignedString(value);
      case 'o' -> "0" + Long.toOctalString(value);
      case 't' -> "0".repeat(bits - Long.toBinaryString(value | 1L << bits - 1).length()) + binary(value, bits);
      case 'c' -> "'" + (char) printable((int) (value & 0xff)) + "'";
      case 'a' -> named(value, bits);
      default -> Hex.of(value, bits);
    };
  }

  private static String binary(long value, int bits) {
    String s = Long.toBinaryString(value);
    return "0".repeat(bits - s.length()) + s;
  }

  private String named(long value, int bits) {
    Symbols.Near near = symbols.near(value);
    return Hex.of(value, bits) + (near == null ? "" : " " + style.in(Ink.SYMBOL, "<" + near + ">"));
  }

  private static String ascii(MemoryView m, int first, int n) {
    var out = new StringBuilder();
    for (int i = first; i < first + n; i++) {
      out.append((char) printable(m.cells().get(i)));
    }
    return out.toString();
  }

  private static int printable(int c) {
    return c >= 0x20 && c < 0x7f ? c : '.';
  }

  private String string(MemoryView m) {
    var out = new StringBuilder();
    for (int c : m.cells()) {
      if (c <= 0) {
        break;
      }
      out.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : Character.toString(printable(c)));
    }
    return Hex.address(m.address()) + ":  \"" + out + "\"";
  }
}
