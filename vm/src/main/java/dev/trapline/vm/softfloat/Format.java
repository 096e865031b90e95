package dev.trapline.vm.softfloat;

/** Rounding an unpacked result to a format (SDM 1 4.8.4, 4.9.1, 11.5.2; tininess is detected after rounding). */
final class Format {
  static final int F32_MIN = -126;
  static final int F32_MAX = 127;
  static final int F64_MIN = -1022;
  static final int F64_MAX = 1023;
  static final int F80_MIN = -16382;
  static final int F80_MAX = 16383;
  /** Exponent adjustment of unmasked x87 overflow and underflow (SDM 1 8.5.4, 8.5.5). */
  static final int F80_WRAP = 24576;

  private Format() {}

  static int toF32(FpEnv e) {
    int biased = round(e, 24, F32_MIN, F32_MAX, 0);
    return e.rSign << 31 | biased << 23 | (int) (e.rHi >>> 40) & 0x7fffff;
  }

  static long toF64(FpEnv e) {
    long biased = round(e, 53, F64_MIN, F64_MAX, 0);
    return (long) e.rSign << 63 | biased << 52 | e.rHi >>> 11 & 0xfffffffffffffL;
  }

  /** To the extended format at the precision of the control word. */
  static void toF80(FpEnv e) {
    toF80(e, e.precision);
  }

  /** To the extended format at the given precision. */
  static void toF80(FpEnv e, int precision) {
    int biased = round(e, precision, F80_MIN, F80_MAX, F80_WRAP);
    e.signExp = e.rSign << 15 | biased;
    e.sig = e.rHi;
  }

  /**
   * Rounds the result to {@code p} bits within an exponent range and raises the flags.
   *
   * @param wrap exponent adjustment of unmasked overflow and underflow, or 0 if such a result is not delivered
   * @return biased exponent; the significand is left in {@code rHi}
   */
  private static int round(FpEnv e, int p, int min, int max, int wrap) {
    e.roundedUp = false;
    if ((e.rHi | e.rLo) == 0) {
      return 0;
    }
    if (e.rExp < min) {
      return roundTiny(e, p, min, max, wrap);
    }
    boolean inexact = cut(e, p);
    if (e.rExp > max) {
      return overflow(e, p, min, max, wrap, inexact);
    }
    if (inexact) {
      e.flags |= FpEnv.PE;
    }
    return e.rExp - min + 1;
  }

  /** Rounds {@code rHi:rLo} to its top {@code p} bits; true if that was inexact. */
  private static boolean cut(FpEnv e, int p) {
    long lsb = 1L << 64 - p;
    long below = e.rHi & lsb - 1;
    if ((below | e.rLo) == 0) {
      e.roundedUp = false;
      return false;
    }
    boolean up = switch (e.rounding) {
      case FpEnv.RN -> nearestUp(e, lsb, below);
      case FpEnv.RD -> e.rSign != 0;
      case FpEnv.RU -> e.rSign == 0;
      default -> false;
    };
    e.roundedUp = up;
    e.rHi -= below;
    if (up) {
      e.rHi += lsb;
      if (e.rHi == 0) {
        e.rHi = Arith.MSB;
        e.rExp++;
      }
    }
    return true;
  }

  private static boolean nearestUp(FpEnv e, long lsb, long below) {
    boolean half;
    boolean beyond;
    if (lsb == 1) {
      half = e.rLo < 0;
      beyond = e.rLo << 1 != 0;
    } else {
      half = (below & lsb >>> 1) != 0;
      beyond = (below & (lsb >>> 1) - 1 | e.rLo) != 0;
    }
    return half && (beyond || (e.rHi & lsb) != 0);
  }

  private static int overflow(FpEnv e, int p, int min, int max, int wrap, boolean inexact) {
    e.flags |= FpEnv.OE;
    if ((e.masks & FpEnv.OE) == 0) {
      int wrapped = e.rExp - wrap;
      if (wrap == 0 || wrapped <= max) {
        e.flags |= inexact ? FpEnv.PE : 0;
        return wrapped - min + 1;
      }
    }
    e.flags |= FpEnv.PE;
    // Unmasked and still out of range after wrapping (FSCALE only): an infinity whatever the rounding mode.
    boolean infinity = (e.masks & FpEnv.OE) == 0 || e.rounding == FpEnv.RN || e.rounding == (e.rSign != 0 ? FpEnv.RD : FpEnv.RU);
    e.roundedUp = infinity;
    e.rHi = infinity ? Arith.MSB : -(1L << 64 - p);
    return infinity ? max - min + 2 : max - min + 1;
  }

  private static int roundTiny(FpEnv e, int p, int min, int max, int wrap) {
    long hi = e.rHi;
    long lo = e.rLo;
    int exp = e.rExp;
    boolean inexact = cut(e, p);
    boolean tiny = e.rExp < min;
    if (tiny && (e.masks & FpEnv.UE) == 0) {
      e.flags |= FpEnv.UE | (inexact ? FpEnv.PE : 0);
      if (wrap != 0) {
        return wrapTiny(e, min, wrap);
      }
      return 0;
    }
    if (tiny && e.ftz) {
      e.flags |= FpEnv.UE | FpEnv.PE;
      e.rHi = 0;
      return 0;
    }
    int d = min - exp;
    e.rHi = Arith.shiftedHigh(hi, d);
    e.rLo = Arith.shiftedLow(hi, d) | (lo != 0 ? 1 : 0);
    if (cut(e, p)) {
      e.flags |= tiny ? FpEnv.UE | FpEnv.PE : FpEnv.PE;
    }
    return e.rHi < 0 ? 1 : 0;
  }

  private static int wrapTiny(FpEnv e, int min, int wrap) {
    int wrapped = e.rExp + wrap;
    if (wrapped >= min) {
      return wrapped - min + 1;
    }
    e.flags |= FpEnv.PE;
    e.rHi = 0;
    e.roundedUp = false;
    return 0;
  }
}
