package dev.trapline.vm.device.input;

/**
 * Scan codes of the US keyboard. A key is its set 1 code, with {@link #EXTENDED} for those prefixed E0h. The controller's translation from
 * set 2 to set 1 is the table of the IBM PS/2 technical reference ("Keyboard/Auxiliary Device Controller").
 */
final class ScanCodes {
  static final int EXTENDED = 0x100;
  static final int SHIFT = 0x2a;
  static final int CONTROL = 0x1d;
  static final int ALT = 0x38;
  static final int RELEASE_1 = 0x80;
  static final int RELEASE_2 = 0xf0;
  private static final int F7 = 0x41;
  private static final int F7_SET_2 = 0x83;
  private static final int SYSRQ = 0x54;
  private static final int SYSRQ_SET_2 = 0x84;

  private static final int[] TRANSLATION = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54};

  /** Characters by set 1 code from {@code first}, unshifted and shifted. */
  private record Keys(int first, String plain, String shifted) {}

  private static final Keys[] LAYOUT = {
    new Keys(0x02, "1234567890-=", "!@#$%^&*()_+"),
    new Keys(0x10, "qwertyuiop[]", "QWERTYUIOP{}"),
    new Keys(0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    new Keys(0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    new Keys(0x39, " ", " "),
    new Keys(0x0f, "\t", "\t"),
    new Keys(0x1c, "\n", "\n"),
    new Keys(0x1c, "\r", "\r"),
    new Keys(0x0e, "\b", "\b"),
    new Keys(0x0e, "\177", "\177"),
    new Keys(0x01, "\033", "\033")};

  private ScanCodes() {}

  /** A byte of set 2 as the controller translates it. */
  static int translate(int set2) {
    return set2 == F7_SET_2 ? F7 : set2 == SYSRQ_SET_2 ? SYSRQ : set2 < TRANSLATION.length ? TRANSLATION[set2] : set2;
  }

  /** The set 2 code of a set 1 code, without prefix. */
  static int set2(int set1) {
    if (set1 == F7) {
      return F7_SET_2;
    }
    for (int i = 0; i < TRANSLATION.length; i++) {
      if (TRANSLATION[i] == set1) {
        return set1 == SYSRQ ? SYSRQ_SET_2 : i;
      }
    }
    throw new IllegalArgumentException(String.format("no key has scan code %02Xh", set1));
  }

  /**
   * The key of a character with {@link #SHIFT} or {@link #CONTROL} in the upper half of the result, as {@code modifier << 16 | key}; -1 if
   * the US keyboard has none.
   */
  static int key(char c) {
    for (Keys k : LAYOUT) {
      int plain = k.plain.indexOf(c);
      int shifted = k.shifted.indexOf(c);
      if (plain >= 0 || shifted >= 0) {
        return plain >= 0 ? k.first + plain : SHIFT << 16 | k.first + shifted;
      }
    }
    return c > 0 && c < ' ' ? controlled(c) : -1;
  }

  private static int controlled(char c) {
    int base = key((char) (c < 27 ? c + 0x60 : c + 0x40));
    return base < 0 ? -1 : CONTROL << 16 | base & 0xffff;
  }
}
