package dev.trapline.vm.softfloat;

/** Single precision by integer arithmetic: the complete path behind {@link SoftFloat}. SSE rules for NaNs (SDM 1 table 4-7). */
final class F32 {
  static final int SIGN = Integer.MIN_VALUE;
  static final int MAGNITUDE = Integer.MAX_VALUE;
  static final int INFINITY = 0x7f800000;
  static final int QUIET = 0x00400000;
  static final int FRACTION = 0x007fffff;
  /** The default NaN, "real indefinite". */
  static final int INDEFINITE = 0xffc00000;

  private F32() {}

  static boolean isNaN(int a) {
    return (a & MAGNITUDE) > INFINITY;
  }

  static boolean isSignalling(int a) {
    return isNaN(a) && (a & QUIET) == 0;
  }

  static boolean isInfinite(int a) {
    return (a & MAGNITUDE) == INFINITY;
  }

  static boolean isZero(int a) {
    return (a & MAGNITUDE) == 0;
  }

  static boolean isDenormal(int a) {
    return Integer.compareUnsigned((a & MAGNITUDE) - 1, FRACTION) < 0;
  }

  static int sign(int a) {
    return a >>> 31;
  }

  /** Unbiased exponent of a finite nonzero value after normalisation. */
  static int exponent(int a) {
    int field = a >>> 23 & 0xff;
    return field != 0 ? field - 127 : Format.F32_MIN + 8 - Integer.numberOfLeadingZeros(a & FRACTION);
  }

  /** Normalised significand, 0 for zero. */
  static long significand(int a) {
    long fraction = a & FRACTION;
    if ((a & INFINITY) != 0) {
      return fraction << 40 | Arith.MSB;
    }
    return fraction << Long.numberOfLeadingZeros(fraction);
  }

  /** Denormals-are-zero. */
  static int daz(int a, FpEnv e) {
    return e.daz && isDenormal(a) ? a & SIGN : a;
  }

  /** The NaN of an operation with at least one NaN operand: the first one, quieted; IE for a signalling one. */
  static int propagate(int a, int b, FpEnv e) {
    if (isSignalling(a) || isSignalling(b)) {
      e.raise(FpEnv.IE);
    }
    return (isNaN(a) ? a : b) | QUIET;
  }

  static int invalid(FpEnv e) {
    e.raise(FpEnv.IE);
    return INDEFINITE;
  }

  /** Raises DE for denormal operands; true if it is not masked. */
  static boolean denormal(int a, int b, FpEnv e) {
    return (isDenormal(a) || isDenormal(b)) && e.raise(FpEnv.DE);
  }

  static int add(int x, int y, FpEnv e) {
    int a = daz(x, e);
    int b = daz(y, e);
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
    return Format.toF32(e);
  }

  static int mul(int x, int y, FpEnv e) {
    int a = daz(x, e);
    int b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      return propagate(a, b, e);
    }
    int sign = (a ^ b) & SIGN;
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
    return Format.toF32(e);
  }

  static int div(int x, int y, FpEnv e) {
    int a = daz(x, e);
    int b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      return propagate(a, b, e);
    }
    int sign = (a ^ b) & SIGN;
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
    return Format.toF32(e);
  }

  static int sqrt(int x, FpEnv e) {
    int a = daz(x, e);
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
    return Format.toF32(e);
  }

  static int compare(int x, int y, boolean signalling, FpEnv e) {
    int a = daz(x, e);
    int b = daz(y, e);
    if (isNaN(a) || isNaN(b)) {
      if (signalling || isSignalling(a) || isSignalling(b)) {
        e.raise(FpEnv.IE);
      }
      return SoftFloat.UNORDERED;
    }
    denormal(a, b, e);
    int ka = a < 0 ? -(a & MAGNITUDE) : a;
    int kb = b < 0 ? -(b & MAGNITUDE) : b;
    return Integer.compare(ka, kb);
  }
}
