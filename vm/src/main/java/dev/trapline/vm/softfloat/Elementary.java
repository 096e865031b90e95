package dev.trapline.vm.softfloat;

/**
 * The x87's elementary functions (SDM 1 8.3.6, 8.3.9, 8.3.10; SDM 2A tables of each). Computed with 128-bit significands and rounded
 * once to 64 bits by the rounding mode, so a result is the correctly rounded one save for cases closer than about 2^-110 to a tie.
 *
 * <p>Trigonometric arguments are reduced by the 66-bit value of pi that the processors use (SDM 1 8.3.8), so results near multiples of
 * pi are those of the hardware, not of mathematics.
 */
public final class Elementary {
  /** pi/2 in 66 bits, scaled by 2^65. */
  private static final long HALF_PI_HIGH = 0x3L;
  private static final long HALF_PI_LOW = 0x243f6a8885a308d3L;
  private static final int HALF_PI_SCALE = 65;
  /** Significand of pi/4. */
  private static final long QUARTER_PI = 0xc90fdaa22168c234L;
  /** Below this exponent x^2 is lost beside 1 in the result and the second term of a series only steers rounding. */
  private static final int TINY = -70;

  private Elementary() {}

  // ---- operands and results

  private static Quad load(int se, long sig) {
    return new Quad(F80.sign(se), F80.exponent(se, sig), F80.significand(se, sig), 0);
  }

  /** Rounds an irrational result. */
  private static void deliver(Quad q, FpEnv e) {
    e.rSign = q.sign;
    e.rExp = q.exp;
    e.rHi = q.hi;
    e.rLo = q.lo | 1;
    Format.toF80(e, 64);
  }

  /** {@code sum(c[i] * z^i)}. */
  private static Quad polynomial(Quad[] c, Quad z) {
    Quad acc = c[c.length - 1].copy();
    for (int i = c.length - 2; i >= 0; i--) {
      acc.mul(z).add(c[i]);
    }
    return acc;
  }

  private static Quad square(Quad q) {
    return q.copy().mul(q);
  }

  // ---- trigonometric functions

  /** Whether an argument is outside the range of FSIN and its kin, 2^63 or more: C2 is set and nothing happens. */
  public static boolean outOfRange(int se, long sig) {
    int field = se & F80.MAX_EXP;
    return field >= F80.BIAS + 63 && field != F80.MAX_EXP && sig < 0;
  }

  /** NaN, infinity, zero or denormal; true if the environment's result is final. */
  private static boolean special(int se, long sig, FpEnv e) {
    if (F80.nan(se, sig, se, sig, e)) {
      return true;
    }
    if (F80.isInfinite(se, sig)) {
      F80.invalid(e);
      return true;
    }
    return F80.denormal(se, sig, se, sig, e);
  }

  /** FSIN of an argument in range. */
  public static void sin(int se, long sig, FpEnv e) {
    if (special(se, sig, e)) {
      return;
    }
    if (sig == 0) {
      e.extended(se, sig);
      return;
    }
    Quad r = new Quad();
    int quadrant = reduce(se, sig, r);
    Quad result = (quadrant & 1) == 0 ? sine(r) : cosine(r);
    result.sign ^= quadrant >> 1 ^ F80.sign(se);
    deliver(result, e);
  }

  /** FCOS of an argument in range. */
  public static void cos(int se, long sig, FpEnv e) {
    if (special(se, sig, e)) {
      return;
    }
    if (sig == 0) {
      e.extended(F80.BIAS, F80.MSB);
      return;
    }
    Quad r = new Quad();
    int quadrant = reduce(se, sig, r);
    Quad result = (quadrant & 1) == 0 ? cosine(r) : sine(r);
    result.sign ^= (quadrant + 1 & 2) >> 1;
    deliver(result, e);
  }

  /** FPTAN of an argument in range. */
  public static void tan(int se, long sig, FpEnv e) {
    if (special(se, sig, e)) {
      return;
    }
    if (sig == 0) {
      e.extended(se, sig);
      return;
    }
    Quad r = new Quad();
    int quadrant = reduce(se, sig, r);
    Quad result = tangent(r);
    if ((quadrant & 1) != 0) {
      result.reciprocal().negate();
    }
    result.sign ^= F80.sign(se);
    deliver(result, e);
  }

  /** The remainder of the magnitude by pi/2, in [-pi/4, pi/4]; returns the quotient modulo 4. */
  private static int reduce(int se, long sig, Quad r) {
    int exp = F80.exponent(se, sig);
    long m = F80.significand(se, sig);
    if (exp < -1 || exp == -1 && Long.compareUnsigned(m, QUARTER_PI) <= 0) {
      r.set(0, exp, m, 0);
      return 0;
    }
    long hi = 0;
    long lo = 0;
    int quotient = 0;
    for (int i = 0; i < 64 + exp + HALF_PI_SCALE - 63; i++) {
      hi = hi << 1 | lo >>> 63;
      lo = lo << 1 | (i < 64 ? m >>> 63 - i & 1 : 0);
      quotient <<= 1;
      if (hi > HALF_PI_HIGH || hi == HALF_PI_HIGH && Long.compareUnsigned(lo, HALF_PI_LOW) >= 0) {
        hi -= HALF_PI_HIGH + (Long.compareUnsigned(lo, HALF_PI_LOW) < 0 ? 1 : 0);
        lo -= HALF_PI_LOW;
        quotient++;
      }
    }
    return centre(hi, lo, quotient, r);
  }

  private static int centre(long hi, long lo, int quotient, Quad r) {
    long backLow = HALF_PI_LOW - lo;
    long backHigh = HALF_PI_HIGH - hi - (Long.compareUnsigned(HALF_PI_LOW, lo) < 0 ? 1 : 0);
    boolean up = hi > backHigh || hi == backHigh && Long.compareUnsigned(lo, backLow) > 0;
    if (up) {
      r.setFixed(backHigh, backLow, HALF_PI_SCALE).negate();
    } else {
      r.setFixed(hi, lo, HALF_PI_SCALE);
    }
    return (up ? quotient + 1 : quotient) & 3;
  }

  private static Quad sine(Quad r) {
    return polynomial(ElementaryConstants.SIN, square(r)).mul(r);
  }

  private static Quad cosine(Quad r) {
    return polynomial(ElementaryConstants.COS, square(r));
  }

  private static Quad tangent(Quad r) {
    if (r.exp < TINY) {
      Quad third = ElementaryConstants.ATANH_SERIES[1].copy().mul(r).mul(r).mul(r);
      return r.copy().add(third);
    }
    return sine(r).div(cosine(r));
  }

  // ---- FPATAN

  /** FPATAN: the angle of the point (x, y), in (-pi, pi]. */
  public static void atan2(int yse, long ys, int xse, long xs, FpEnv e) {
    if (F80.nan(yse, ys, xse, xs, e) || F80.denormal(yse, ys, xse, xs, e)) {
      return;
    }
    boolean left = (xse & F80.SIGN) != 0;
    boolean yi = F80.isInfinite(yse, ys);
    boolean xi = F80.isInfinite(xse, xs);
    int sign = yse & F80.SIGN;
    if (yi || xi || ys == 0 || xs == 0) {
      atanSpecial(sign, yi, xi, ys == 0, left, e);
      return;
    }
    Quad y = load(yse, ys);
    Quad x = load(xse, xs);
    y.sign = 0;
    x.sign = 0;
    Quad angle = quadrantAngle(y, x);
    if (left) {
      angle.negate().add(ElementaryConstants.PI);
    }
    angle.sign = sign >> 15;
    deliver(angle, e);
  }

  private static void atanSpecial(int sign, boolean yi, boolean xi, boolean yZero, boolean left, FpEnv e) {
    int eighths;
    if (yi) {
      eighths = xi ? left ? 3 : 1 : 2;
    } else if (xi || yZero) {
      eighths = left ? 4 : 0;
    } else {
      eighths = 2;
    }
    if (eighths == 0) {
      e.extended(sign, 0);
    } else {
      Quad angle = new Quad().set(eighths).mul(ElementaryConstants.PI).scale(-2);
      angle.sign = sign >> 15;
      deliver(angle, e);
    }
  }

  /** atan(y / x) for positive operands, in (0, pi/2). */
  private static Quad quadrantAngle(Quad y, Quad x) {
    boolean steep = y.exp > x.exp || y.exp == x.exp && Long.compareUnsigned(y.hi, x.hi) > 0;
    Quad t = steep ? x.copy().div(y) : y.copy().div(x);
    Quad angle = arctangent(t);
    return steep ? angle.negate().add(ElementaryConstants.PI.copy().scale(-1)) : angle;
  }

  /** atan of a number in (0, 1]: atan(k/16) plus the series of the rest. */
  private static Quad arctangent(Quad t) {
    int k = t.exp < -5 ? 0 : (int) (t.hi >>> 58 - t.exp) + 1 >> 1;
    if (k == 0) {
      return smallArctangent(t);
    }
    Quad c = new Quad().set(k).scale(-4);
    Quad u = t.copy().sub(c).div(t.copy().mul(c).add(ElementaryConstants.UNIT));
    return (u.isZero() ? u : smallArctangent(u)).add(ElementaryConstants.ATAN[k]);
  }

  private static Quad smallArctangent(Quad u) {
    return polynomial(ElementaryConstants.ATAN_SERIES, square(u)).mul(u);
  }

  // ---- exponential and logarithms

  /** F2XM1: {@code 2^x - 1} for |x| up to 1. */
  public static void exp2m1(int se, long sig, FpEnv e) {
    if (F80.nan(se, sig, se, sig, e)) {
      return;
    }
    boolean negative = (se & F80.SIGN) != 0;
    if (F80.isInfinite(se, sig)) {
      e.extended(negative ? F80.SIGN | F80.BIAS : se, F80.MSB);
      return;
    }
    if (F80.denormal(se, sig, se, sig, e)) {
      return;
    }
    if (sig == 0) {
      e.extended(se, sig);
    } else if (F80.exponent(se, sig) >= 0) {
      boundary(se, sig, negative, e);
    } else {
      Quad x = load(se, sig).mul(ElementaryConstants.LN2);
      deliver(polynomial(ElementaryConstants.EXPM1, x).mul(x), e);
    }
  }

  /** Beyond 1, where the manuals leave it undefined, AMD processors give the argument; PE is set even for the exact results at 1 and -1. */
  private static void boundary(int se, long sig, boolean negative, FpEnv e) {
    boolean one = (se & F80.MAX_EXP) == F80.BIAS && sig == F80.MSB;
    outside(one && negative ? F80.SIGN | F80.BIAS - 1 : se, sig, e);
  }

  private static void outside(int se, long sig, FpEnv e) {
    e.extended(se, sig);
    e.flags |= FpEnv.PE;
  }

  /** FYL2X: {@code y * log2(x)}. */
  public static void yLog2(int yse, long ys, int xse, long xs, FpEnv e) {
    if (F80.nan(yse, ys, xse, xs, e)) {
      return;
    }
    boolean yi = F80.isInfinite(yse, ys);
    boolean zero = F80.isZero(xse, xs);
    boolean negative = (xse & F80.SIGN) != 0 && !zero;
    boolean one = (xse & F80.MAX_EXP) == F80.BIAS && xs == F80.MSB;
    boolean xi = F80.isInfinite(xse, xs);
    if (negative || (zero || xi) && F80.isZero(yse, ys) || one && yi) {
      F80.invalid(e);
      return;
    }
    boolean below = zero || (xse & F80.MAX_EXP) < F80.BIAS;
    int sign = yse & F80.SIGN ^ (below ? F80.SIGN : 0);
    if (zero && !yi) {
      e.raise(FpEnv.ZE);
      e.extended(sign | F80.MAX_EXP, F80.MSB);
      return;
    }
    if (F80.denormal(yse, ys, xse, xs, e)) {
      return;
    }
    if (zero || xi || yi) {
      e.extended(sign | F80.MAX_EXP, F80.MSB);
    } else if (one || F80.isZero(yse, ys)) {
      e.extended(sign, 0);
    } else {
      product(log2(load(xse, xs)), yse, ys, e);
    }
  }

  /** FYL2XP1: {@code y * log2(x + 1)}. */
  public static void yLog2Plus1(int yse, long ys, int xse, long xs, FpEnv e) {
    if (F80.nan(yse, ys, xse, xs, e)) {
      return;
    }
    boolean yi = F80.isInfinite(yse, ys);
    boolean xi = F80.isInfinite(xse, xs);
    boolean negative = (xse & F80.SIGN) != 0;
    boolean xZero = F80.isZero(xse, xs);
    boolean yZero = F80.isZero(yse, ys);
    if (xZero && yi || xi && (negative || yZero)) {
      F80.invalid(e);
      return;
    }
    if (F80.denormal(yse, ys, xse, xs, e)) {
      return;
    }
    int sign = (yse ^ xse) & F80.SIGN;
    if (xi || yi) {
      e.extended(sign | F80.MAX_EXP, F80.MSB);
    } else if (xZero || yZero) {
      e.extended(sign, 0);
    } else if (negative && F80.exponent(xse, xs) >= 0) {
      outside(xse, xs, e);
    } else {
      product(log2Plus1(load(xse, xs)), yse, ys, e);
    }
  }

  private static void product(Quad log, int yse, long ys, FpEnv e) {
    boolean exact = log.lo == 0 && log.hi << 16 == 0;
    log.mul(load(yse, ys));
    if (exact) {
      e.rSign = log.sign;
      e.rExp = log.exp;
      e.rHi = log.hi;
      e.rLo = log.lo;
      Format.toF80(e, 64);
      // Processors report powers of two as inexact too, and then as underflow where the result is denormal.
      e.flags |= (e.signExp & F80.MAX_EXP) == 0 ? FpEnv.PE | FpEnv.UE : FpEnv.PE;
    } else {
      deliver(log, e);
    }
  }

  /** Base-2 logarithm of a positive number other than 1; exact for powers of two. */
  private static Quad log2(Quad x) {
    // Halve the significand above the square root of 2, so that the logarithm of numbers near 1 is not a difference.
    boolean upper = Long.compareUnsigned(x.hi, 0xb504f333f9de6484L) > 0;
    int whole = upper ? x.exp + 1 : x.exp;
    Quad m = x.copy().scale(-whole);
    Quad sum = new Quad().set(whole);
    Quad minus = m.copy().sub(ElementaryConstants.UNIT);
    if (minus.isZero()) {
      return sum;
    }
    return atanhLog(minus, m.add(ElementaryConstants.UNIT)).add(sum);
  }

  /** {@code log2(1 + x)}: by the series itself within the instruction's range, else by way of {@code 1 + x}. */
  private static Quad log2Plus1(Quad x) {
    if (x.exp >= -1) {
      return log2(x.add(ElementaryConstants.UNIT));
    }
    return atanhLog(x.copy(), new Quad().set(2).add(x));
  }

  /** log2((1 + s) / (1 - s)) with s = a / b. */
  private static Quad atanhLog(Quad a, Quad b) {
    Quad s = a.div(b);
    return polynomial(ElementaryConstants.ATANH_SERIES, square(s)).mul(s).mul(ElementaryConstants.TWO_OVER_LN2);
  }
}
