package dev.trapline.shell.render;

/** Numbers as the shell prints them: always with {@code 0x}. */
final class Hex {
  private Hex() {}

  static String of(long v) {
    return "0x" + Long.toHexString(v);
  }

  /** With leading zeros to a width in bits. */
  static String of(long v, int bits) {
    return "0x" + pad(v, bits / 4);
  }

  /** Digits only. */
  static String pad(long v, int digits) {
    String s = Long.toHexString(digits >= 16 ? v : v & (1L << 4 * digits) - 1);
    return "0".repeat(Math.max(0, digits - s.length())) + s;
  }

  /** An address padded to eight digits, or sixteen if it needs more. */
  static String address(long v) {
    return of(v, v >>> 32 != 0 ? 64 : 32);
  }
}
