package dev.trapline.vm.isa;

/** The register files an operand may name. Width in bits; {@code GPR8H} is AH, CH, DH, BH (index 0 to 3). */
public enum RegFile {
  GPR8(8), GPR8H(8), GPR16(16), GPR32(32), GPR64(64), SEG(16), CR(64), DR(64), ST(80), MMX(64), XMM(128);

  /** Width in bits. */
  public final int bits;

  RegFile(int bits) {
    this.bits = bits;
  }

  /** The general-purpose file of a width of 8 (low bytes), 16, 32 or 64 bits. */
  public static RegFile gpr(int bits) {
    return switch (bits) {
      case 8 -> GPR8;
      case 16 -> GPR16;
      case 32 -> GPR32;
      case 64 -> GPR64;
      default -> throw new IllegalArgumentException("no general-purpose registers of " + bits + " bits");
    };
  }

  public boolean isGpr() {
    return this.ordinal() <= GPR64.ordinal();
  }
}
