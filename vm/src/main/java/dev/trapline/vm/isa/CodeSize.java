package dev.trapline.vm.isa;

/** What code a processor is decoding: the default operand and address size. */
public enum CodeSize {
  BITS16(16), BITS32(32), BITS64(64);

  public final int bits;

  CodeSize(int bits) {
    this.bits = bits;
  }

  public static CodeSize of(int bits) {
    return switch (bits) {
      case 16 -> BITS16;
      case 32 -> BITS32;
      case 64 -> BITS64;
      default -> throw new IllegalArgumentException("code size " + bits + ": 16, 32 or 64 expected");
    };
  }
}
