package dev.trapline.vm.softfloat;

import java.math.BigInteger;

/**
 * A number with a 128-bit significand for the inside of elementary functions: {@code (-1)^sign * hi:lo * 2^(exp - 127)}, normalised, or
 * zero. Operations work in place and truncate; each is off by at most a few units of the last of 128 places.
 */
final class Quad {
  int sign;
  int exp;
  long hi;
  long lo;

  Quad() {}

  Quad(int sign, int exp, long hi, long lo) {
    set(sign, exp, hi, lo);
  }

  /** A fixed-point number. */
  static Quad of(BigInteger value, int fractionBits) {
    Quad q = new Quad();
    if (value.signum() != 0) {
      int length = value.bitLength();
      BigInteger m = length > 128 ? value.abs().shiftRight(length - 128) : value.abs().shiftLeft(128 - length);
      q.set(value.signum() < 0 ? 1 : 0, length - 1 - fractionBits, m.shiftRight(64).longValue(), m.longValue());
    }
    return q;
  }

  Quad set(int newSign, int newExp, long newHi, long newLo) {
    sign = newSign;
    exp = newExp;
    hi = newHi;
    lo = newLo;
    return this;
  }

  Quad set(Quad q) {
    return set(q.sign, q.exp, q.hi, q.lo);
  }

  Quad copy() {
    return new Quad(sign, exp, hi, lo);
  }

  boolean isZero() {
    return hi == 0;
  }

  /** Sets an integer. */
  Quad set(long v) {
    if (v == 0) {
      return set(0, 0, 0, 0);
    }
    long m = Math.abs(v);
    int n = Long.numberOfLeadingZeros(m);
    return set(v < 0 ? 1 : 0, 63 - n, m << n, 0);
  }

  private Quad normalise() {
    if (hi == 0) {
      hi = lo;
      lo = 0;
      exp -= 64;
      if (hi == 0) {
        return this;
      }
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n != 0) {
      hi = hi << n | lo >>> 64 - n;
      lo <<= n;
      exp -= n;
    }
    return this;
  }

  /** Sets a 128-bit integer scaled by {@code 2^-fractionBits}. */
  Quad setFixed(long high, long low, int fractionBits) {
    return set(0, 127 - fractionBits, high, low).normalise();
  }

  Quad mul(Quad b) {
    if (hi == 0 || b.hi == 0) {
      return set(0, 0, 0, 0);
    }
    long top = Math.unsignedMultiplyHigh(hi, b.hi);
    long low = hi * b.hi;
    long x = Math.unsignedMultiplyHigh(hi, b.lo);
    long y = Math.unsignedMultiplyHigh(lo, b.hi);
    long sum = low + x;
    top += Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    long sum2 = sum + y;
    top += Long.compareUnsigned(sum2, sum) < 0 ? 1 : 0;
    return set(sign ^ b.sign, exp + b.exp + 1, top, sum2).normalise();
  }

  Quad add(Quad b) {
    if (b.hi == 0) {
      return this;
    }
    if (hi == 0) {
      return set(b);
    }
    boolean swap = exp < b.exp || exp == b.exp
        && (Long.compareUnsigned(hi, b.hi) < 0 || hi == b.hi && Long.compareUnsigned(lo, b.lo) < 0);
    int rs = swap ? b.sign : sign;
    int re = swap ? b.exp : exp;
    return swap ? combine(rs, re, b.hi, b.lo, hi, lo, b.exp - exp, sign == b.sign)
        : combine(rs, re, hi, lo, b.hi, b.lo, exp - b.exp, sign == b.sign);
  }

  private Quad combine(int rs, int re, long ah, long al, long bh, long bl, int d, boolean same) {
    long sh = d < 64 ? bh >>> d : 0;
    long sl = d == 0 ? bl : d < 64 ? bh << 64 - d | bl >>> d : d < 128 ? bh >>> d - 64 : 0;
    if (same) {
      long l = al + sl;
      long carry = Long.compareUnsigned(l, al) < 0 ? 1 : 0;
      long partial = ah + sh;
      long h = partial + carry;
      boolean overflow = Long.compareUnsigned(partial, ah) < 0 || Long.compareUnsigned(h, partial) < 0;
      return overflow ? set(rs, re + 1, h >>> 1 | Long.MIN_VALUE, h << 63 | l >>> 1) : set(rs, re, h, l);
    }
    if (d >= 128) {
      sl = 1; // whatever is subtracted, the result is a little smaller
    }
    long l = al - sl;
    long h = ah - sh - (Long.compareUnsigned(al, sl) < 0 ? 1 : 0);
    return set(rs, re, h, l).normalise();
  }

  Quad negate() {
    sign ^= 1;
    return this;
  }

  Quad sub(Quad b) {
    negate();
    add(b);
    return negate();
  }

  /** Reciprocal: a 64-bit quotient and one Newton step. */
  Quad reciprocal() {
    long d = hi;
    boolean power = d == Long.MIN_VALUE;
    Quad r = power ? new Quad(sign, -exp, Long.MIN_VALUE, 0)
        : new Quad(sign, -exp - 1, Arith.divide128(Long.MIN_VALUE, 0, d), 0);
    if (power && lo == 0) {
      return set(r);
    }
    Quad error = copy().mul(r).negate().add(new Quad(0, 1, Long.MIN_VALUE, 0));
    return set(r.mul(error));
  }

  Quad div(Quad b) {
    return mul(b.copy().reciprocal());
  }

  /** Multiplies by a power of two. */
  Quad scale(int power) {
    exp += power;
    return this;
  }
}
