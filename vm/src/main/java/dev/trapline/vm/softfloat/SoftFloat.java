package dev.trapline.vm.softfloat;

/**
 * Single and double precision as SSE defines them (SDM 1 chapter 11). Values are bit patterns. Flags accumulate in the
 * environment; if an operation raises an unmasked flag its value is not to be used, and flags that would only be known after the
 * computation stay clear when an unmasked IE, DE or ZE ends it before (SDM 1 11.5.3.2).
 *
 * <p>With default rounding, everything masked and normal operands the host's own double arithmetic is used: it is IEEE 754 in every
 * Java (JLS 15.4), so the result is the same bits; whether it was exact is found by an error-free transformation unless PE is set
 * already.
 */
public final class SoftFloat {
  /** Result of a comparison: less. */
  public static final int LESS = -1;
  /** Result of a comparison: equal. */
  public static final int EQUAL = 0;
  /** Result of a comparison: greater. */
  public static final int GREATER = 1;
  /** Result of a comparison: one operand is a NaN. */
  public static final int UNORDERED = 2;

  private SoftFloat() {}

  // ---- fast paths: host arithmetic where it is provably the same

  /** A zero, or anything but a denormal. */
  private static boolean plain(long a) {
    return (a & F64.INFINITY) != 0 || a << 1 == 0;
  }

  /** A zero, or anything but a denormal. */
  private static boolean plain(int a) {
    return (a & F32.INFINITY) != 0 || a << 1 == 0;
  }

  private static boolean normal(long a) {
    return (a & F64.INFINITY) != 0;
  }

  /** Whether a host result is far from overflow and underflow, so that only PE may be due. */
  private static boolean safe(double r) {
    double m = Math.abs(r);
    return m > 0x1p-900 && m < 0x1p1000;
  }

  private static boolean safe(float r) {
    float m = Math.abs(r);
    return m > 0x1p-125f && m < 0x1p120f;
  }

  private static boolean normal(int a) {
    return (a & F32.INFINITY) != 0;
  }

  private static boolean sumExact(double a, double b, double r) {
    double bb = r - a;
    return a - (r - bb) + (b - bb) == 0;
  }

  private static boolean sumExact(float a, float b, float r) {
    float bb = r - a;
    return a - (r - bb) + (b - bb) == 0;
  }

  private static void inexact(boolean exact, FpEnv e) {
    if (!exact) {
      e.flags |= FpEnv.PE;
    }
  }

  // ---- double precision

  public static long add64(long a, long b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double r = x + y;
      if (safe(r) || r == 0) { // a zero sum is exact
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(sumExact(x, y, r), e);
        }
        return Double.doubleToRawLongBits(r);
      }
    }
    return F64.add(a, b, e);
  }

  public static long sub64(long a, long b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double r = x - y;
      if (safe(r) || r == 0) { // a zero sum is exact
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(sumExact(x, -y, r), e);
        }
        return Double.doubleToRawLongBits(r);
      }
    }
    return F64.isNaN(b) ? F64.add(a, b, e) : F64.add(a, b ^ F64.SIGN, e);
  }

  public static long mul64(long a, long b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double r = x * y;
      if (safe(r) || r == 0 && (x == 0 || y == 0)) {
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(Math.fma(x, y, -r) == 0, e);
        }
        return Double.doubleToRawLongBits(r);
      }
    }
    return F64.mul(a, b, e);
  }

  public static long div64(long a, long b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double r = x / y;
      if (safe(r) && safe(x) || r == 0 && x == 0) {
        if ((e.flags & FpEnv.PE) == 0 && x != 0) {
          inexact(Math.fma(-r, y, x) == 0, e);
        }
        return Double.doubleToRawLongBits(r);
      }
    }
    return F64.div(a, b, e);
  }

  public static long sqrt64(long a, FpEnv e) {
    if (e.plain && normal(a)) {
      double x = Double.longBitsToDouble(a);
      if (x > 0 && safe(x)) {
        double r = Math.sqrt(x);
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(Math.fma(-r, r, x) == 0, e);
        }
        return Double.doubleToRawLongBits(r);
      }
    }
    return F64.sqrt(a, e);
  }

  /** MINSD: the second operand if either is a NaN or both are zero (SDM 2B MINSD). */
  public static long min64(long a, long b, FpEnv e) {
    return compare64(a, b, true, e) == LESS ? F64.daz(a, e) : F64.daz(b, e);
  }

  /** MAXSD: the second operand if either is a NaN or both are zero (SDM 2B MAXSD). */
  public static long max64(long a, long b, FpEnv e) {
    return compare64(a, b, true, e) == GREATER ? F64.daz(a, e) : F64.daz(b, e);
  }

  /**
   * Compares.
   *
   * @param signalling whether a quiet NaN is invalid too (COMISD, CMPLTSD), or only a signalling one (UCOMISD, CMPEQSD)
   * @return {@link #LESS}, {@link #EQUAL}, {@link #GREATER} or {@link #UNORDERED}
   */
  public static int compare64(long a, long b, boolean signalling, FpEnv e) {
    return F64.compare(a, b, signalling, e);
  }

  // ---- single precision

  public static int add32(int a, int b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float r = x + y;
      if (safe(r) || r == 0) { // a zero sum is exact
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(sumExact(x, y, r), e);
        }
        return Float.floatToRawIntBits(r);
      }
    }
    return F32.add(a, b, e);
  }

  public static int sub32(int a, int b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float r = x - y;
      if (safe(r) || r == 0) { // a zero sum is exact
        if ((e.flags & FpEnv.PE) == 0) {
          inexact(sumExact(x, -y, r), e);
        }
        return Float.floatToRawIntBits(r);
      }
    }
    return F32.isNaN(b) ? F32.add(a, b, e) : F32.add(a, b ^ F32.SIGN, e);
  }

  public static int mul32(int a, int b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float r = x * y;
      if (safe(r) || r == 0 && (x == 0 || y == 0)) {
        if ((e.flags & FpEnv.PE) == 0) {
          inexact((double) x * y == r, e);
        }
        return Float.floatToRawIntBits(r);
      }
    }
    return F32.mul(a, b, e);
  }

  public static int div32(int a, int b, FpEnv e) {
    if (e.plain && plain(a) && plain(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float r = x / y;
      if (safe(r) || r == 0 && x == 0) {
        if ((e.flags & FpEnv.PE) == 0 && x != 0) {
          inexact((double) r * y == x, e);
        }
        return Float.floatToRawIntBits(r);
      }
    }
    return F32.div(a, b, e);
  }

  public static int sqrt32(int a, FpEnv e) {
    if (e.plain && normal(a)) {
      float x = Float.intBitsToFloat(a);
      if (x > 0 && x < Float.POSITIVE_INFINITY) {
        float r = (float) Math.sqrt(x);
        if ((e.flags & FpEnv.PE) == 0) {
          inexact((double) r * r == x, e);
        }
        return Float.floatToRawIntBits(r);
      }
    }
    return F32.sqrt(a, e);
  }

  /** MINSS: the second operand if either is a NaN or both are zero (SDM 2B MINSS). */
  public static int min32(int a, int b, FpEnv e) {
    return compare32(a, b, true, e) == LESS ? F32.daz(a, e) : F32.daz(b, e);
  }

  /** MAXSS: the second operand if either is a NaN or both are zero (SDM 2B MAXSS). */
  public static int max32(int a, int b, FpEnv e) {
    return compare32(a, b, true, e) == GREATER ? F32.daz(a, e) : F32.daz(b, e);
  }

  /** Compares, as {@link #compare64}. */
  public static int compare32(int a, int b, boolean signalling, FpEnv e) {
    return F32.compare(a, b, signalling, e);
  }
}
