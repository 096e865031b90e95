package dev.trapline.vm.softfloat;

/** Conversions of the extended format: to and from singles, doubles, integers and packed decimals (SDM 1 8.2.1, 4.7). */
public final class F80Convert {
  /** Largest 18-digit number. */
  private static final long BCD_MAX = 999_999_999_999_999_999L;
  /** High half (sign byte and two digits) of the packed decimal indefinite. */
  public static final int BCD_INDEFINITE_HIGH = 0xffff;
  /** Low half of the packed decimal indefinite. */
  public static final long BCD_INDEFINITE_LOW = 0xc000000000000000L;

  private F80Convert() {}

  // ---- widening, bit for bit: a signalling NaN stays one, a denormal becomes a normal number; nothing is raised

  /** Sign and exponent of a single. */
  public static int signExp32(int a) {
    int sign = a >>> 16 & 0x8000;
    int field = a >>> 23 & 0xff;
    if (field == 0xff) {
      return sign | F80.MAX_EXP;
    }
    if (field != 0) {
      return sign | field - 127 + F80.BIAS;
    }
    return F32.isZero(a) ? sign : sign | F32.exponent(a) + F80.BIAS;
  }

  /** Significand of a single. */
  public static long sig32(int a) {
    return F32.significand(a);
  }

  /** Sign and exponent of a double. */
  public static int signExp64(long a) {
    int sign = (int) (a >>> 48) & 0x8000;
    int field = (int) (a >>> 52) & 0x7ff;
    if (field == 0x7ff) {
      return sign | F80.MAX_EXP;
    }
    if (field != 0) {
      return sign | field - 1023 + F80.BIAS;
    }
    return F64.isZero(a) ? sign : sign | F64.exponent(a) + F80.BIAS;
  }

  /** Significand of a double. */
  public static long sig64(long a) {
    return F64.significand(a);
  }

  public static boolean isDenormal32(int a) {
    return F32.isDenormal(a);
  }

  public static boolean isDenormal64(long a) {
    return F64.isDenormal(a);
  }

  /** FLD m32: widens, quieting a signalling NaN (IE) and reporting a denormal (DE). */
  public static void fromF32(int a, FpEnv e) {
    load(F32.isSignalling(a), F32.isDenormal(a), signExp32(a), sig32(a), e);
  }

  /** FLD m64, as {@link #fromF32}. */
  public static void fromF64(long a, FpEnv e) {
    load(F64.isSignalling(a), F64.isDenormal(a), signExp64(a), sig64(a), e);
  }

  private static void load(boolean signalling, boolean denormal, int se, long sig, FpEnv e) {
    if (signalling) {
      e.raise(FpEnv.IE);
    } else if (denormal) {
      e.raise(FpEnv.DE);
    }
    e.extended(se, signalling ? sig | F80.QUIET : sig);
  }

  /** Sign and exponent of an integer. */
  public static int signExpOf(long v) {
    return v == 0 ? 0 : (v < 0 ? 0x8000 : 0) | F80.BIAS + 63 - Long.numberOfLeadingZeros(Math.abs(v));
  }

  /** Significand of an integer. */
  public static long sigOf(long v) {
    long m = Math.abs(v);
    return m << Long.numberOfLeadingZeros(m);
  }

  // ---- narrowing

  private static void unpack(int se, long sig, FpEnv e) {
    e.rSign = F80.sign(se);
    e.rExp = F80.exponent(se, sig);
    e.rHi = F80.significand(se, sig);
    e.rLo = 0;
  }

  /** FST m32. With an unmasked IE, OE or UE nothing is to be stored. */
  public static int toF32(int se, long sig, FpEnv e) {
    int sign = (se & 0x8000) << 16;
    if (F80.isUnsupported(se, sig)) {
      e.raise(FpEnv.IE);
      return F32.INDEFINITE;
    }
    if ((se & F80.MAX_EXP) == F80.MAX_EXP) {
      return sign | F32.INFINITY | (int) (nanFraction(se, sig, e) >>> 40);
    }
    unpack(se, sig, e);
    int result = Format.toF32(e);
    undelivered(e);
    return result;
  }

  /** FST m64. With an unmasked IE, OE or UE nothing is to be stored. */
  public static long toF64(int se, long sig, FpEnv e) {
    long sign = (se & 0x8000L) << 48;
    if (F80.isUnsupported(se, sig)) {
      e.raise(FpEnv.IE);
      return F64.INDEFINITE;
    }
    if ((se & F80.MAX_EXP) == F80.MAX_EXP) {
      return sign | F64.INFINITY | nanFraction(se, sig, e) >>> 11;
    }
    unpack(se, sig, e);
    long result = Format.toF64(e);
    undelivered(e);
    return result;
  }

  /** A store that an unmasked overflow or underflow forbids is not inexact either. */
  private static void undelivered(FpEnv e) {
    if ((e.unmasked() & (FpEnv.OE | FpEnv.UE)) != 0) {
      e.flags &= ~FpEnv.PE;
      e.roundedUp = false;
    }
  }

  /** The fraction of a NaN, quieted, at bit 62 downwards; 0 for an infinity. */
  private static long nanFraction(int se, long sig, FpEnv e) {
    if (!F80.isNaN(se, sig)) {
      return 0;
    }
    if (F80.isSignalling(se, sig)) {
      e.raise(FpEnv.IE);
    }
    return sig & Long.MAX_VALUE | F80.QUIET;
  }

  /** FIST, FISTTP: to an integer of 16, 32 or 64 bits by a rounding mode; IE and the indefinite value if it does not fit. */
  public static long toInt(int se, long sig, int bits, int rounding, FpEnv e) {
    if (F80.isUnsupported(se, sig) || (se & F80.MAX_EXP) == F80.MAX_EXP) {
      return Convert.invalid(bits, e);
    }
    return F80.isZero(se, sig) ? 0
        : Convert.toInt(F80.sign(se), F80.exponent(se, sig), F80.significand(se, sig), bits, rounding, e);
  }

  /** FBSTP: the magnitude as an integer of at most eighteen digits, or -1 with IE. */
  public static long toDecimal(int se, long sig, FpEnv e) {
    int saved = e.flags;
    long v = toInt(se, sig, 64, e.rounding, e);
    long m = Math.abs(v);
    if ((e.flags & FpEnv.IE) != 0 || m > BCD_MAX) {
      e.flags = saved;
      e.raise(FpEnv.IE);
      e.roundedUp = false;
      return -1;
    }
    return m;
  }

  /** Eighteen decimal digits as packed decimal: the low sixteen. */
  public static long packLow(long magnitude) {
    long packed = 0;
    long m = magnitude;
    for (int i = 0; i < 16; i++) {
      packed |= m % 10 << 4 * i;
      m /= 10;
    }
    return packed;
  }

  /** The two highest of eighteen digits. */
  public static int packHigh(long magnitude) {
    long m = magnitude / 10_000_000_000_000_000L;
    return (int) (m / 10 << 4 | m % 10);
  }

  /** FBLD: packed decimal to magnitude; digits above nine count as they stand, as in the processor. */
  public static long unpackDecimal(long low, int high) {
    long m = (high >> 4 & 15) * 10 + (high & 15);
    for (int i = 15; i >= 0; i--) {
      m = m * 10 + (low >>> 4 * i & 15);
    }
    return m;
  }
}
