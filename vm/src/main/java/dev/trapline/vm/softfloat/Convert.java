package dev.trapline.vm.softfloat;

/** Conversions between singles, doubles and integers, and rounding to integers, as SSE defines them (SDM 1 11.4.1.6, 4.1). */
public final class Convert {
  /** 16-bit integer indefinite. */
  public static final long INDEFINITE16 = 0x8000;
  /** 32-bit integer indefinite. */
  public static final int INDEFINITE32 = 0x80000000;
  /** 64-bit integer indefinite. */
  public static final long INDEFINITE64 = 0x8000000000000000L;

  private Convert() {}

  /** CVTSS2SD. */
  public static long f32ToF64(int x, FpEnv e) {
    int a = F32.daz(x, e);
    long sign = (long) (a & F32.SIGN) << 32;
    if (F32.isNaN(a)) {
      if (F32.isSignalling(a)) {
        e.raise(FpEnv.IE);
      }
      return sign | F64.INFINITY | F64.QUIET | (a & 0x7fffffL) << 29;
    }
    if (F32.isInfinite(a)) {
      return sign | F64.INFINITY;
    }
    if (F32.isDenormal(a)) {
      e.raise(FpEnv.DE);
    }
    return Double.doubleToRawLongBits(Float.intBitsToFloat(a));
  }

  /** CVTSD2SS. */
  public static int f64ToF32(long x, FpEnv e) {
    long a = F64.daz(x, e);
    int sign = (int) (a >>> 32) & F32.SIGN;
    if (F64.isNaN(a)) {
      if (F64.isSignalling(a)) {
        e.raise(FpEnv.IE);
      }
      return sign | F32.INFINITY | F32.QUIET | (int) (a >>> 29) & 0x7fffff;
    }
    if (F64.isInfinite(a)) {
      return sign | F32.INFINITY;
    }
    if (F64.isDenormal(a) && e.raise(FpEnv.DE) || F64.isZero(a)) {
      return sign;
    }
    load(e, F64.sign(a), F64.exponent(a), F64.significand(a));
    return Format.toF32(e);
  }

  private static void load(FpEnv e, int sign, int exp, long sig) {
    e.rSign = sign;
    e.rExp = exp;
    e.rHi = sig;
    e.rLo = 0;
  }

  private static void loadInteger(FpEnv e, long v) {
    long m = v < 0 ? -v : v;
    int n = Long.numberOfLeadingZeros(m);
    load(e, (int) (v >>> 63), 63 - n, m == 0 ? 0 : m << n);
  }

  /** CVTSI2SS; 32-bit sources are sign-extended by the caller. */
  public static int i64ToF32(long v, FpEnv e) {
    if (v >> 24 == v >> 63) {
      return Float.floatToRawIntBits((float) v); // exact
    }
    loadInteger(e, v);
    return Format.toF32(e);
  }

  /** CVTSI2SD; a 32-bit source is always exact. */
  public static long i64ToF64(long v, FpEnv e) {
    if (v >> 53 == v >> 63) {
      return Double.doubleToRawLongBits((double) v); // exact
    }
    loadInteger(e, v);
    return Format.toF64(e);
  }

  /**
   * Double to signed integer.
   *
   * @param bits width of the integer, 16, 32 or 64; out of range is invalid and gives the indefinite value
   * @param rounding {@link FpEnv#RN} to {@link FpEnv#RZ} ({@code e.rounding()} or truncation)
   * @return the value, sign-extended
   */
  public static long f64ToInt(long x, int bits, int rounding, FpEnv e) {
    if (rounding == FpEnv.RZ && (x & F64.INFINITY) != 0) {
      double d = Double.longBitsToDouble(x);
      long whole = (long) d;
      if (whole >> bits - 1 == whole >> 63 && Math.abs(d) < 0x1p62) {
        e.flags |= whole == d ? 0 : FpEnv.PE;
        return whole;
      }
    }
    long a = F64.daz(x, e);
    if (F64.isNaN(a) || F64.isInfinite(a)) {
      return invalid(bits, e);
    }
    return F64.isZero(a) ? 0 : toInt(F64.sign(a), F64.exponent(a), F64.significand(a), bits, rounding, e);
  }

  /** Single to signed integer, as {@link #f64ToInt}. */
  public static long f32ToInt(int x, int bits, int rounding, FpEnv e) {
    if (rounding == FpEnv.RZ && (x & F32.INFINITY) != 0) {
      float d = Float.intBitsToFloat(x);
      long whole = (long) d;
      if (whole >> bits - 1 == whole >> 63 && Math.abs(d) < 0x1p62f) {
        e.flags |= whole == d ? 0 : FpEnv.PE;
        return whole;
      }
    }
    int a = F32.daz(x, e);
    if (F32.isNaN(a) || F32.isInfinite(a)) {
      return invalid(bits, e);
    }
    return F32.isZero(a) ? 0 : toInt(F32.sign(a), F32.exponent(a), F32.significand(a), bits, rounding, e);
  }

  static long invalid(int bits, FpEnv e) {
    e.raise(FpEnv.IE);
    return -1L << bits - 1;
  }

  /** Rounds an unpacked nonzero number to a signed integer of a width; leaves {@code roundedUp}. */
  static long toInt(int sign, int exp, long sig, int bits, int rounding, FpEnv e) {
    e.roundedUp = false;
    if (exp > 63) {
      return invalid(bits, e);
    }
    int d = 63 - exp;
    long whole = Arith.shiftedHigh(sig, d);
    long rest = Arith.shiftedLow(sig, d);
    boolean up = rest != 0 && roundsUp(sign, whole, rest, rounding);
    long m = up ? whole + 1 : whole;
    long limit = (1L << bits - 1) - 1 + sign;
    if (m == 0 && whole != 0 || Long.compareUnsigned(m, limit) > 0) {
      return invalid(bits, e);
    }
    if (rest != 0) {
      e.flags |= FpEnv.PE;
      e.roundedUp = up;
    }
    return sign != 0 ? -m : m;
  }

  private static boolean roundsUp(int sign, long whole, long rest, int rounding) {
    return switch (rounding) {
      case FpEnv.RN -> rest < 0 && (rest << 1 != 0 || (whole & 1) != 0);
      case FpEnv.RD -> sign != 0;
      case FpEnv.RU -> sign == 0;
      default -> false;
    };
  }

  /**
   * ROUNDSD: to an integral value in the same format.
   *
   * @param quiet whether PE is suppressed (imm8 bit 3)
   */
  public static long roundToInt64(long x, int rounding, boolean quiet, FpEnv e) {
    long a = F64.daz(x, e);
    if (F64.isNaN(a)) {
      return F64.propagate(a, a, e);
    }
    if (F64.isZero(a) || F64.exponent(a) >= 52) {
      return a;
    }
    int saved = e.flags;
    long v = toInt(F64.sign(a), F64.exponent(a), F64.significand(a), 64, rounding, e);
    if (quiet) {
      e.flags = saved;
    }
    return a & F64.SIGN | Double.doubleToRawLongBits(Math.abs((double) v));
  }

  /** ROUNDSS, as {@link #roundToInt64}. */
  public static int roundToInt32(int x, int rounding, boolean quiet, FpEnv e) {
    int a = F32.daz(x, e);
    if (F32.isNaN(a)) {
      return F32.propagate(a, a, e);
    }
    if (F32.isZero(a) || F32.exponent(a) >= 23) {
      return a;
    }
    int saved = e.flags;
    long v = toInt(F32.sign(a), F32.exponent(a), F32.significand(a), 64, rounding, e);
    if (quiet) {
      e.flags = saved;
    }
    return a & F32.SIGN | Float.floatToRawIntBits(Math.abs((float) v));
  }
}
