package dev.trapline.vm.softfloat;

/** Double precision by integer arithmetic: the complete path behind {@link SoftFloat}. SSE rules for NaNs (SDM 1 table 4-7). */
final class F64 {
  static final long SIGN = Long.MIN_VALUE;
  static final long MAGNITUDE = Long.MAX_VALUE;
  static final long INFINITY = 0x7ff0000000000000L;
  static final long QUIET = 0x0008000000000000L;
  static final long FRACTION = 0x000fffffffffffffL;
  /** The default NaN, "real indefinite". */
  static final long INDEFINITE = 0xfff8000000000000L;

  private F64() {}

  static boolean isNaN(long a) {
    return (a & MAGNITUDE) > INFINITY;
  }

  static boolean isSignalling(long a) {
    return isNaN(a) && (a & QUIET) == 0;
  }

  static boolean isInfinite(long a) {
    return (a & MAGNITUDE) == INFINITY;
  }

  static boolean isZero(long a) {
    return (a & MAGNITUDE) == 0;
  }

  static boolean isDenormal(long a) {
    return Long.compareUnsigned((a & MAGNITUDE) - 1, FRACTION) < 0;
  }

  static int sign(long a) {
    return (int) (a >>> 63);
  }

  /** Unbiased exponent of a finite nonzero value after normalisation. */
  static int exponent(long a) {
    int field = (int) (a >>> 52) & 0x7ff;
    return field != 0 ? field - 1023 : Format.F64_MIN + 11 - Long.numberOfLeadingZeros(a & FRACTION);
  }

  /** Normalised significand, 0 for zero. */
  static long significand(long a) {
    long fraction = a & FRACTION;
    if ((a & INFINITY) != 0) {
      return fraction << 11 | Arith.MSB;
    }
    return fraction << Long.numberOfLeadingZeros(fraction);
  }

  /** Denormals-are-zero. */
  static long daz(long a, FpEnv e) {
    return e.daz && isDenormal(a) ? a & SIGN : a;
  }

  /** The NaN of an operation with at least one NaN operand: the first one, quieted; IE for a signalling one. */
  static long propagate(long a, long b, FpEnv e) {
    if (isSignalling(a) || isSignalling(b)) {
      e.raise(FpEnv.IE);
    }
    return (isNaN(a) ? a : b) | QUIET;
  }

  static long invalid(FpEnv e) {
    e.raise(FpEnv.IE);
    return INDEFINITE;
  }

  /** Raises DE for denormal operands; true if it is not masked. */
  static boolean denormal(long a, long b, FpEnv e) {
    return (isDenormal(a) || isDenormal(b)) && e.raise(FpEnv.DE);
  }

  static long add(long x, long y, FpEnv e) {
    long a = daz(x, e);
    long b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      return propagate(a, b, e);
    }
    if (isInfinite(a)) {
      if (isInfinite(b) && a != b) {
        return invalid(e);
      }
      denormal(a, b, e);
      return a;
    }
    if (denormal(a, b, e) || isInfinite(b)) {
      return b;
    }
    Arith.add(e, sign(a), exponent(a), significand(a), sign(b), exponent(b), significand(b));
    return Format.toF64(e);
  }

  static long mul(long x, long y, FpEnv e) {
    long a = daz(x, e);
    long b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      return propagate(a, b, e);
    }
    long sign = (a ^ b) & SIGN;
    boolean zero = isZero(a) || isZero(b);
    if (isInfinite(a) || isInfinite(b)) {
      if (zero) {
        return invalid(e);
      }
      denormal(a, b, e);
      return sign | INFINITY;
    }
    if (denormal(a, b, e) || zero) {
      return sign;
    }
    Arith.mul(e, sign(sign), exponent(a), significand(a), exponent(b), significand(b));
    return Format.toF64(e);
  }

  static long div(long x, long y, FpEnv e) {
    long a = daz(x, e);
    long b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      return propagate(a, b, e);
    }
    long sign = (a ^ b) & SIGN;
    if (isInfinite(a)) {
      if (isInfinite(b)) {
        return invalid(e);
      }
      denormal(a, b, e);
      return sign | INFINITY;
    }
    if (isZero(b)) {
      if (isZero(a)) {
        return invalid(e);
      }
      e.raise(FpEnv.ZE);
      return sign | INFINITY;
    }
    if (denormal(a, b, e) || isZero(a) || isInfinite(b)) {
      return sign;
    }
    Arith.div(e, sign(sign), exponent(a), significand(a), exponent(b), significand(b));
    return Format.toF64(e);
  }

  static long sqrt(long x, FpEnv e) {
    long a = daz(x, e);
    if (isNaN(a)) {
      return propagate(a, a, e);
    }
    if (isZero(a)) {
      return a;
    }
    if (a < 0) {
      return invalid(e);
    }
    if (denormal(a, a, e) || isInfinite(a)) {
      return a;
    }
    Arith.sqrt(e, exponent(a), significand(a));
    return Format.toF64(e);
  }

  static int compare(long x, long y, boolean signalling, FpEnv e) {
    long a = daz(x, e);
    long b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      if (signalling || isSignalling(a) || isSignalling(b)) {
        e.raise(FpEnv.IE);
      }
      return SoftFloat.UNORDERED;
    }
    denormal(a, b, e);
    long ka = a < 0 ? -(a & MAGNITUDE) : a;
    long kb = b < 0 ? -(b & MAGNITUDE) : b;
    return Long.compare(ka, kb);
  }
}
