package dev.trapline.shell.render;

import dev.trapline.vm.debug.BadInput;

/**
 * gdb's {@code /nfu}: count, format letter ({@code x d u o t a c s i}) and unit ({@code b h w g} for 1, 2, 4, 8 bytes), in any order.
 *
 * @param count how many units, strings or instructions; 0 if not given
 * @param letter format, or 0
 * @param unit bytes, or 0
 */
public record MemoryFormat(int count, char letter, int unit) {
  private static final int MOST = 65536;

  /** Reads what stands behind the slash; empty gives nothing chosen. */
  public static MemoryFormat parse(String text) {
    int n = 0;
    char letter = 0;
    int unit = 0;
    for (char c : text.toCharArray()) {
      if (Character.isDigit(c)) {
        n = n * 10 + c - '0';
        if (n > MOST) {
          throw new BadInput("/" + text + ": at most " + MOST + " at once");
        }
      } else if ("bhwg".indexOf(c) >= 0) {
        unit = 1 << "bhwg".indexOf(c);
      } else if ("xduotacsi".indexOf(c) >= 0) {
        letter = c;
      } else {
        throw new BadInput("/" + text + ": '" + c + "' is neither a format (x d u o t a c s i) nor a unit (b h w g)");
      }
    }
    return new MemoryFormat(n, letter, unit);
  }

  /** What is not given here, taken from another. */
  public MemoryFormat or(MemoryFormat other) {
    return new MemoryFormat(count == 0 ? other.count : count, letter == 0 ? other.letter : letter, unit == 0 ? other.unit : unit);
  }
}
