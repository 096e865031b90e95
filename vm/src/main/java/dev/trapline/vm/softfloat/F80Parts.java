package dev.trapline.vm.softfloat;

/** Operations on the parts of an extended value: rounding to an integer, scaling, extraction, partial remainder. */
public final class F80Parts {
  /** {@link #extract}: the exponent part is the same NaN as the significand part. */
  public static final int EXPONENT_NAN = Integer.MIN_VALUE;
  /** {@link #extract}: the exponent part is plus infinity. */
  public static final int EXPONENT_INF = Integer.MAX_VALUE;
  /** {@link #extract}: the exponent part is minus infinity. */
  public static final int EXPONENT_NEGATIVE_INF = Integer.MIN_VALUE + 1;
  /** Beyond the range of any exponent sum. */
  private static final int SCALE_LIMIT = 0x20000;

  private F80Parts() {}

  /** FRNDINT: rounds to an integral value by the rounding mode. */
  public static void roundToInt(int se, long sig, FpEnv e) {
    if (F80.nan(se, sig, se, sig, e)) {
      return;
    }
    if (F80.denormal(se, sig, se, sig, e)) {
      return;
    }
    int exp = (se & F80.MAX_EXP) - F80.BIAS;
    if (exp >= 63 || sig == 0) {
      e.extended(se, sig);
      return;
    }
    long magnitude = Math.abs(Convert.toInt(F80.sign(se), F80.exponent(se, sig), F80.significand(se, sig), 64, e.rounding, e));
    integer(se & F80.SIGN, magnitude, e);
  }

  /** A signed magnitude below 2^64 as an extended value, exactly. */
  static void integer(int sign, long magnitude, FpEnv e) {
    if (magnitude == 0) {
      e.extended(sign, 0);
    } else {
      int n = Long.numberOfLeadingZeros(magnitude);
      e.extended(sign | F80.BIAS + 63 - n, magnitude << n);
    }
  }

  /** FSCALE: {@code a * 2^trunc(b)} (SDM 2A FSCALE). */
  public static void scale(int ase, long as, int bse, long bs, FpEnv e) {
    if (F80.nan(ase, as, bse, bs, e)) {
      return;
    }
    boolean down = (bse & F80.SIGN) != 0;
    boolean infinite = F80.isInfinite(ase, as);
    boolean zero = F80.isZero(ase, as);
    boolean byInfinity = F80.isInfinite(bse, bs);
    if (byInfinity && (down ? infinite : zero)) {
      F80.invalid(e);
      return;
    }
    if (F80.denormal(ase, as, bse, bs, e)) {
      return;
    }
    if (infinite || zero) {
      e.extended(ase, as);
    } else if (byInfinity) {
      e.extended(down ? ase & F80.SIGN : ase & F80.SIGN | F80.MAX_EXP, down ? 0 : F80.MSB);
    } else {
      load(e, ase, as);
      e.rExp += amount(bse, bs);
      Format.toF80(e, 64);
    }
  }

  private static void load(FpEnv e, int se, long sig) {
    e.rSign = F80.sign(se);
    e.rExp = F80.exponent(se, sig);
    e.rHi = F80.significand(se, sig);
    e.rLo = 0;
  }

  private static int amount(int se, long sig) {
    int exp = (se & F80.MAX_EXP) - F80.BIAS;
    if (exp < 0 || sig == 0) {
      return 0;
    }
    int n = exp > 17 ? SCALE_LIMIT : (int) (sig >>> 63 - exp);
    return (se & F80.SIGN) != 0 ? -n : n;
  }

  /**
   * FXTRACT: exponent and significand of a value.
   *
   * @return the exponent part as an extended value: an integer in {@link Integer} range, or one of {@link #EXPONENT_NAN},
   *     {@link #EXPONENT_INF}, {@link #EXPONENT_NEGATIVE_INF}; the significand part is the environment's result
   */
  public static int extract(int se, long sig, FpEnv e) {
    if (F80.nan(se, sig, se, sig, e)) {
      return EXPONENT_NAN;
    }
    if (F80.isZero(se, sig)) {
      e.raise(FpEnv.ZE);
      e.extended(se, sig);
      return EXPONENT_NEGATIVE_INF;
    }
    if (F80.isInfinite(se, sig)) {
      e.extended(se, sig);
      return EXPONENT_INF;
    }
    F80.denormal(se, sig, se, sig, e);
    e.extended(se & F80.SIGN | F80.BIAS, F80.significand(se, sig));
    return F80.exponent(se, sig);
  }

  /**
   * FPREM and FPREM1 (SDM 2A): remainder of {@code a / b} with a truncated or nearest quotient; leaves {@code quotient}.
   *
   * @param nearest IEEE remainder (FPREM1)
   */
  public static void remainder(int ase, long as, int bse, long bs, boolean nearest, FpEnv e) {
    e.quotient = FpEnv.NO_QUOTIENT;
    if (F80.nan(ase, as, bse, bs, e)) {
      return;
    }
    if (F80.isInfinite(ase, as) || F80.isZero(bse, bs)) {
      F80.invalid(e);
      return;
    }
    if (F80.denormal(ase, as, bse, bs, e)) {
      return;
    }
    e.quotient = 0;
    if (F80.isZero(ase, as) || F80.isInfinite(bse, bs)) {
      whole(ase, as, e);
      return;
    }
    reduce(ase, as, bse, bs, nearest, e);
    if (e.rHi == 0) {
      e.extended(ase & F80.SIGN, 0);
    } else {
      Format.toF80(e, 64);
    }
  }

  /** The dividend itself as remainder; a denormal one still counts as a tiny result. */
  private static void whole(int se, long sig, FpEnv e) {
    if (sig == 0) {
      e.extended(se, sig);
    } else {
      load(e, se, sig);
      Format.toF80(e, 64);
    }
  }

  private static void reduce(int ase, long as, int bse, long bs, boolean nearest, FpEnv e) {
    load(e, ase, as);
    long mb = F80.significand(bse, bs);
    int eb = F80.exponent(bse, bs);
    int d = e.rExp - eb;
    if (d < (nearest ? -1 : 0)) {
      return;
    }
    if (d >= 64) {
      int n = d - (32 + d % 32);
      long rest = modulo(e.rHi, d - n, mb, e);
      e.quotient = FpEnv.INCOMPLETE;
      Arith.normalise(e, e.rSign, eb + n, rest, 0);
      return;
    }
    long rest = d < 0 ? e.rHi >>> 1 : modulo(e.rHi, d, mb, e);
    boolean lost = d < 0 && (e.rHi & 1) != 0;
    if (nearest && roundsAway(rest, lost, mb, e.quotient)) {
      roundQuotient(e, rest, lost, eb, mb);
    } else if (d >= 0) {
      if (rest == 0) {
        e.rHi = 0;
      } else {
        Arith.normalise(e, e.rSign, eb, rest, 0);
      }
    }
    e.quotient &= 7;
  }

  private static boolean roundsAway(long rest, boolean lost, long divisor, int quotient) {
    long half = Arith.halfOf(rest, divisor);
    return half < 0 && ((half & 1) != 0 || lost || (quotient & 1) != 0);
  }

  /** The quotient goes up by one: the remainder becomes {@code divisor - rest} with the opposite sign. */
  private static void roundQuotient(FpEnv e, long rest, boolean lost, int eb, long divisor) {
    e.quotient++;
    Arith.normalise(e, e.rSign ^ 1, eb, divisor - rest - (lost ? 1 : 0), lost ? Arith.MSB : 0);
  }

  /** {@code m * 2^d mod divisor} for d below 64, with the low quotient bits left in {@code quotient}. */
  private static long modulo(long m, int d, long divisor, FpEnv e) {
    long q = Long.compareUnsigned(m, divisor) >= 0 ? 1 : 0;
    long rest = q != 0 ? m - divisor : m;
    if (d > 0) {
      long low = Arith.divide128(rest >>> 64 - d, rest << d, divisor);
      rest = (rest << d) - low * divisor;
      q = d < 3 ? (q << d) + low : low;
    }
    e.quotient = (int) q & 7;
    return rest;
  }
}
