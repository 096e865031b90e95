package dev.trapline.vm.softfloat;

/**
 * Arithmetic on unpacked numbers, exact but for a sticky bit. An operand is sign (0 or 1), exponent and a 64-bit significand
 * with its top bit set (or zero): {@code m * 2^(e - 63)}. The result goes to the environment's {@code r} fields.
 */
final class Arith {
  static final long MSB = Long.MIN_VALUE;

  private Arith() {}

  private static void result(FpEnv e, int sign, int exp, long hi, long lo) {
    e.rSign = sign;
    e.rExp = exp;
    e.rHi = hi;
    e.rLo = lo;
  }

  /** Sum; operands may be zero (significand 0). An exact zero sum is negative only when rounding down. */
  static void add(FpEnv e, int sa, int ea, long ma, int sb, int eb, long mb) {
    if (mb == 0) {
      result(e, ma == 0 && sa != sb ? zeroSign(e) : sa, ea, ma, 0);
    } else if (ma == 0) {
      result(e, sb, eb, mb, 0);
    } else if (ea < eb || ea == eb && Long.compareUnsigned(ma, mb) < 0) {
      addOrdered(e, sb, eb, mb, sa, ea, ma);
    } else {
      addOrdered(e, sa, ea, ma, sb, eb, mb);
    }
  }

  private static int zeroSign(FpEnv e) {
    return e.rounding == FpEnv.RD ? 1 : 0;
  }

  private static void addOrdered(FpEnv e, int sa, int ea, long ma, int sb, int eb, long mb) {
    int d = ea - eb;
    long bh = shiftedHigh(mb, d);
    long bl = shiftedLow(mb, d);
    if (sa == sb) {
      long hi = ma + bh;
      if (Long.compareUnsigned(hi, ma) < 0) {
        result(e, sa, ea + 1, hi >>> 1 | MSB, hi << 63 | bl >>> 1 | bl & 1);
      } else {
        result(e, sa, ea, hi, bl);
      }
      return;
    }
    long lo = -bl;
    long hi = ma - bh - (bl != 0 ? 1 : 0);
    if ((hi | lo) == 0) {
      result(e, zeroSign(e), 0, 0, 0);
    } else {
      normalise(e, sa, ea, hi, lo);
    }
  }

  /** High word of {@code m.0} shifted right. */
  static long shiftedHigh(long m, int d) {
    return d < 64 ? m >>> d : 0;
  }

  /** Low word of {@code m.0} shifted right, with everything lost jammed into bit 0. */
  static long shiftedLow(long m, int d) {
    if (d == 0) {
      return 0;
    }
    if (d <= 64) {
      return d == 64 ? m : m << 64 - d;
    }
    return d < 128 ? m >>> d - 64 | (m << 128 - d != 0 ? 1 : 0) : m != 0 ? 1 : 0;
  }

  static void normalise(FpEnv e, int sign, int exp, long hi, long lo) {
    if (hi == 0) {
      int n = Long.numberOfLeadingZeros(lo);
      result(e, sign, exp - 64 - n, lo << n, 0);
      return;
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n == 0) {
      result(e, sign, exp, hi, lo);
    } else {
      result(e, sign, exp - n, hi << n | lo >>> 64 - n, lo << n);
    }
  }

  /** Product of nonzero operands; exact. */
  static void mul(FpEnv e, int sign, int ea, long ma, int eb, long mb) {
    long hi = Math.unsignedMultiplyHigh(ma, mb);
    long lo = ma * mb;
    if (hi < 0) {
      result(e, sign, ea + eb + 1, hi, lo);
    } else {
      result(e, sign, ea + eb, hi << 1 | lo >>> 63, lo << 1);
    }
  }

  /** Quotient of nonzero operands: 64 bits, a round bit and a sticky bit. */
  static void div(FpEnv e, int sign, int ea, long ma, int eb, long mb) {
    boolean less = Long.compareUnsigned(ma, mb) < 0;
    long q = less ? divide128(ma, 0, mb) : divide128(ma >>> 1, ma << 63, mb);
    long r = (less ? 0 : ma << 63) - q * mb;
    result(e, sign, less ? ea - eb - 1 : ea - eb, q, halfOf(r, mb));
  }

  /** A remainder against its divisor as round and sticky bits: above, at, below half, or zero. */
  static long halfOf(long r, long divisor) {
    if (r == 0) {
      return 0;
    }
    long twice = r << 1;
    int against = r < 0 ? 1 : Long.compareUnsigned(twice, divisor);
    return against > 0 ? MSB | 1 : against == 0 ? MSB : 1;
  }

  /** {@code (hi:lo) / d} for {@code hi < d} and d with its top bit set (Knuth 4.3.1 algorithm D with 32-bit digits). */
  static long divide128(long hi, long lo, long d) {
    long q1 = digit(hi, lo >>> 32, d);
    long rest = (hi << 32 | lo >>> 32) - q1 * d;
    long q0 = digit(rest, lo & 0xffffffffL, d);
    return (q1 << 32) + q0;
  }

  private static long digit(long hi, long next, long d) {
    long dh = d >>> 32;
    long dl = d & 0xffffffffL;
    long q = Long.divideUnsigned(hi, dh);
    long r = hi - q * dh;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * dl, r << 32 | next) > 0) {
      q--;
      r += dh;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return q;
  }

  private static final double TWO_32 = 0x1p32;
  private static final double TWO_63 = 0x1p63;
  private static final double TWO_64 = 0x1p64;

  /** Square root of a positive nonzero operand: 64 bits, a round bit and a sticky bit. */
  static void sqrt(FpEnv e, int ea, long ma) {
    // The root of hi:lo, shifted so that the exponent is even: a double estimate, one Newton step, then exact correction.
    boolean odd = (ea & 1) != 0;
    long hi = odd ? ma : ma >>> 1;
    long lo = odd ? 0 : ma << 63;
    double estimate = Math.sqrt((hi >>> 11) * 2048.0) * TWO_32;
    long s = estimate >= TWO_64 ? -1L : (long) (estimate - TWO_63) + MSB;
    double rest = remainderHigh(hi, lo, s) * TWO_64 + unsigned(lo - s * s);
    s += (long) Math.floor(rest / (2 * estimate)) - 1;
    long rh = remainderHigh(hi, lo, s);
    long rl = lo - s * s;
    while (rh < 0) {
      s--;
      long sum = rl + (s << 1 | 1);
      rh += (s >>> 63) + (Long.compareUnsigned(sum, rl) < 0 ? 1 : 0);
      rl = sum;
    }
    while (aboveTwice(rh, rl, s)) {
      long difference = rl - (s << 1 | 1);
      rh -= (s >>> 63) + (Long.compareUnsigned(difference, rl) > 0 ? 1 : 0);
      rl = difference;
      s++;
    }
    // The root's fraction is above one half exactly when the remainder exceeds the root; it is never equal to one half.
    long tail = (rh | rl) == 0 ? 0 : rh > 0 || Long.compareUnsigned(rl, s) > 0 ? MSB | 1 : 1;
    result(e, 0, ea >> 1, s, tail);
  }

  /** High word of {@code hi:lo - s * s}. */
  private static long remainderHigh(long hi, long lo, long s) {
    return hi - Math.unsignedMultiplyHigh(s, s) - (Long.compareUnsigned(lo, s * s) < 0 ? 1 : 0);
  }

  private static boolean aboveTwice(long rh, long rl, long s) {
    long twiceHigh = s >>> 63;
    return rh > twiceHigh || rh == twiceHigh && Long.compareUnsigned(rl, s << 1) > 0;
  }

  private static double unsigned(long v) {
    return v >= 0 ? v : (v >>> 1) * 2.0;
  }
}
