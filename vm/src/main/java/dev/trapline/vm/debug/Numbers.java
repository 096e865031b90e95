package dev.trapline.vm.debug;

import java.util.Locale;
import java.util.OptionalLong;

/**
 * Numbers as people write them: {@code 0x1f}, {@code 1fh}, {@code 0n31}, {@code 0b101}, plain in the chosen radix, WinDbg's
 * {@code ffff8000`1000}.
 */
public final class Numbers {
  private Numbers() {}

  /**
   * Reads a number.
   *
   * @param radix 10 or 16, for digits without prefix or suffix
   * @return empty if the text is not a number of any of these forms or does not fit 64 bits
   */
  public static OptionalLong parse(String text, int radix) {
    String t = text.toLowerCase(Locale.ROOT).replace("`", "").replace("'", "").replace("_", "");
    if (t.startsWith("0x")) {
      return digits(t.substring(2), 16);
    }
    if (t.startsWith("0n")) {
      return digits(t.substring(2), 10);
    }
    if (t.startsWith("0b") && radix == 10) {
      return digits(t.substring(2), 2);
    }
    if (t.endsWith("h") && !t.isEmpty() && Character.isDigit(t.charAt(0))) {
      return digits(t.substring(0, t.length() - 1), 16);
    }
    return digits(t, radix);
  }

  private static OptionalLong digits(String t, int radix) {
    if (t.isEmpty() || t.charAt(0) == '-' || t.charAt(0) == '+') {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(t, radix));
    } catch (NumberFormatException notANumber) {
      return OptionalLong.empty();
    }
  }

  /** The sum of two counts, at most the biggest. */
  static long saturated(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }
}
