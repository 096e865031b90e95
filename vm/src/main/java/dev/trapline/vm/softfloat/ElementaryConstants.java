package dev.trapline.vm.softfloat;

import java.math.BigInteger;

/** Constants of the elementary functions, computed exactly enough when first used; nothing is typed in from a table. */
final class ElementaryConstants {
  private static final int BITS = 256;
  private static final BigInteger ONE = BigInteger.ONE.shiftLeft(BITS);

  static final Quad UNIT = new Quad(0, 0, Long.MIN_VALUE, 0);
  private static final BigInteger PI_FIXED = pi();
  private static final BigInteger LN2_FIXED = atanh(3).shiftLeft(1);
  static final Quad PI = Quad.of(PI_FIXED, BITS);
  static final Quad LN2 = Quad.of(LN2_FIXED, BITS);
  /** 2 / ln 2: twice an inverse hyperbolic tangent becomes a base-2 logarithm. */
  static final Quad TWO_OVER_LN2 = Quad.of(ONE.shiftLeft(BITS + 1).divide(LN2_FIXED), BITS);
  /** atan(k / 16) for k up to 16. */
  static final Quad[] ATAN = atans();
  /** 1, -1/3!, 1/5!, ... */
  static final Quad[] SIN = factorials(1, 2, true, 17);
  /** 1, -1/2!, 1/4!, ... */
  static final Quad[] COS = factorials(0, 2, true, 17);
  /** 1, 1/2!, 1/3!, ...: (e^x - 1) / x. */
  static final Quad[] EXPM1 = factorials(1, 1, false, 31);
  /** 1, -1/3, 1/5, ... */
  static final Quad[] ATAN_SERIES = odd(true, 14);
  /** 1, 1/3, 1/5, ... */
  static final Quad[] ATANH_SERIES = odd(false, 28);

  private ElementaryConstants() {}

  private static BigInteger pi() {
    // Machin: pi/4 = 4 atan(1/5) - atan(1/239)
    return atanInverse(5).shiftLeft(2).subtract(atanInverse(239)).shiftLeft(2);
  }

  private static BigInteger atanInverse(int n) {
    return inverseSeries(n, true);
  }

  private static BigInteger atanh(int n) {
    return inverseSeries(n, false);
  }

  private static BigInteger inverseSeries(int n, boolean alternate) {
    BigInteger power = ONE.divide(BigInteger.valueOf(n));
    BigInteger square = BigInteger.valueOf((long) n * n);
    BigInteger sum = BigInteger.ZERO;
    for (int k = 0; power.signum() != 0; k++) {
      BigInteger term = power.divide(BigInteger.valueOf(2L * k + 1));
      sum = alternate && (k & 1) != 0 ? sum.subtract(term) : sum.add(term);
      power = power.divide(square);
    }
    return sum;
  }

  private static Quad[] atans() {
    Quad[] table = new Quad[17];
    for (int k = 0; k <= 16; k++) {
      table[k] = Quad.of(euler(k), BITS);
    }
    return table;
  }

  /** Euler's series for atan(k/16): the ratio of terms is at most one half. */
  private static BigInteger euler(int k) {
    BigInteger scale = BigInteger.valueOf(256L + k * k);
    BigInteger term = ONE.multiply(BigInteger.valueOf(16L * k)).divide(scale);
    BigInteger sum = BigInteger.ZERO;
    for (int n = 1; term.signum() != 0; n++) {
      sum = sum.add(term);
      term = term.multiply(BigInteger.valueOf(2L * n * k * k)).divide(scale.multiply(BigInteger.valueOf(2L * n + 1)));
    }
    return sum;
  }

  private static Quad[] factorials(int first, int step, boolean alternate, int count) {
    Quad[] table = new Quad[count];
    BigInteger factorial = BigInteger.ONE;
    int n = 1;
    for (int i = 0; i < count; i++) {
      for (; n <= first + i * step; n++) {
        factorial = factorial.multiply(BigInteger.valueOf(n));
      }
      table[i] = Quad.of(ONE.divide(factorial), BITS);
      table[i].sign = alternate ? i & 1 : 0;
    }
    return table;
  }

  private static Quad[] odd(boolean alternate, int count) {
    Quad[] table = new Quad[count];
    for (int i = 0; i < count; i++) {
      table[i] = Quad.of(ONE.divide(BigInteger.valueOf(2L * i + 1)), BITS);
      table[i].sign = alternate ? i & 1 : 0;
    }
    return table;
  }
}
