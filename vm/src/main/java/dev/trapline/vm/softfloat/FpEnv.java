package dev.trapline.vm.softfloat;

/**
 * What an operation depends on besides its operands, and what it leaves behind: rounding, masks, precision; sticky flags and
 * the extended result. One per register file (x87, SSE), reused for ever.
 */
public final class FpEnv {
  /** Invalid operation; bit positions are those of the x87 status word and MXCSR. */
  public static final int IE = 1;
  /** Denormal operand. */
  public static final int DE = 2;
  /** Division by zero. */
  public static final int ZE = 4;
  /** Overflow. */
  public static final int OE = 8;
  /** Underflow. */
  public static final int UE = 16;
  /** Precision: the result is inexact. */
  public static final int PE = 32;
  /** All six. */
  public static final int ALL = 63;

  /** Rounding to nearest, ties to even; the values are those of the RC fields. */
  public static final int RN = 0;
  /** Rounding towards minus infinity. */
  public static final int RD = 1;
  /** Rounding towards plus infinity. */
  public static final int RU = 2;
  /** Rounding towards zero. */
  public static final int RZ = 3;

  /** {@link #quotient} of a reduction that needs another step. */
  public static final int INCOMPLETE = -1;
  /** {@link #quotient} when a NaN or an invalid operand decided the result. */
  public static final int NO_QUOTIENT = -2;

  /** Sticky exception flags. */
  public int flags;
  /** Whether the last operation rounded its result's magnitude up (C1 of the x87 status word). */
  public boolean roundedUp;
  /** Extended result: sign in bit 15, biased exponent below. */
  public int signExp;
  /** Extended result: significand with explicit integer bit. */
  public long sig;

  /** Low three bits of the quotient of a partial remainder, or {@link #INCOMPLETE} or {@link #NO_QUOTIENT}. */
  public int quotient;
  /** Set by the caller when an operand widened from memory was denormal: it raises DE like a denormal register. */
  public boolean wideDenormal;

  /** The MXCSR bits the fields below were taken from; -1 if none. */
  private int sseControl = -1;
  int rounding;
  int masks = ALL;
  /** Significand bits of x87 results: 24, 53 or 64. */
  int precision = 64;
  /** Last place of an x87 significand at the current precision. */
  long ulp = 1;
  /** Left shift that brings the bits below {@link #ulp} to the top. */
  int tailShift;
  boolean ftz;
  boolean daz;
  /** Nearest, all masked, no FTZ or DAZ: the host's own arithmetic gives the result. */
  boolean plain = true;

  // The exact or sticky-extended result before rounding: (-1)^rSign * rHi.rLo * 2^(rExp - 63), rHi normalised.
  int rSign;
  int rExp;
  long rHi;
  long rLo;

  /** Takes rounding, masks, FTZ, DAZ and flags from an MXCSR value (SDM 1 10.2.3). */
  public void mxcsr(int value) {
    flags = value & ALL;
    if ((value & ~ALL) == sseControl) {
      return;
    }
    sseControl = value & ~ALL;
    masks = value >> 7 & ALL;
    rounding = value >> 13 & 3;
    ftz = (value & 0x8000) != 0;
    daz = (value & 0x40) != 0;
    plain = rounding == RN && masks == ALL && !ftz && !daz;
  }

  /** The MXCSR value of this environment. */
  public int mxcsr() {
    return flags | masks << 7 | rounding << 13 | (ftz ? 0x8000 : 0) | (daz ? 0x40 : 0);
  }

  /** Takes rounding, precision and masks from an x87 control word (SDM 1 8.1.5). */
  public void controlWord(int value) {
    sseControl = -1;
    masks = value & ALL;
    rounding = value >> 10 & 3;
    precision = switch (value >> 8 & 3) {
      case 0 -> 24;
      case 2 -> 53;
      default -> 64;
    };
    ulp = 1L << 64 - precision;
    tailShift = precision;
  }

  /** Rounding mode, {@link #RN} to {@link #RZ}. */
  public int rounding() {
    return rounding;
  }

  /** The flags that are raised and not masked. */
  public int unmasked() {
    return flags & ~masks;
  }

  /** Clears flags and rounding indication before an x87 instruction, whose flags are collected in the status word. */
  public void begin() {
    flags = 0;
    roundedUp = false;
    wideDenormal = false;
  }

  /** Leaves an extended result. */
  void extended(int resultSignExp, long resultSig) {
    signExp = resultSignExp;
    sig = resultSig;
  }

  /** Raises flags; true if one of them is not masked. */
  boolean raise(int which) {
    flags |= which;
    return (which & ~masks) != 0;
  }
}
