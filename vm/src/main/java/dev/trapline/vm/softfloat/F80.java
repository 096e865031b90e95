package dev.trapline.vm.softfloat;

/**
 * Double-extended arithmetic by x87 rules (SDM 1 4.2.2, 4.8, 8.2; APM1 6). An operand is a pair: sign in bit 15 over the biased
 * exponent, and the significand with its integer bit; results are left in the environment. Pseudo-denormals count as denormals;
 * other encodings whose integer bit contradicts the exponent are unsupported and invalid.
 *
 * <p>An unmasked IE, DE or ZE leaves no usable result; unmasked OE and UE leave the result with its exponent wrapped by 24576.
 */
public final class F80 {
  static final int MAX_EXP = 0x7fff;
  static final int SIGN = 0x8000;
  static final int BIAS = 16383;
  static final long MSB = Long.MIN_VALUE;
  static final long QUIET = 1L << 62;
  /** Significand of the default NaN. */
  public static final long INDEFINITE_SIG = 0xc000000000000000L;
  /** Sign and exponent of the default NaN. */
  public static final int INDEFINITE_EXP = 0xffff;

  private F80() {}

  // ---- classes

  /** Whether the encoding is one the x87 no longer supports: pseudo-NaN, pseudo-infinity, unnormal. */
  public static boolean isUnsupported(int se, long sig) {
    return (se & MAX_EXP) != 0 && sig >= 0;
  }

  public static boolean isNaN(int se, long sig) {
    return (se & MAX_EXP) == MAX_EXP && sig < 0 && sig << 1 != 0;
  }

  static boolean isSignalling(int se, long sig) {
    return isNaN(se, sig) && (sig & QUIET) == 0;
  }

  public static boolean isInfinite(int se, long sig) {
    return (se & MAX_EXP) == MAX_EXP && sig == MSB;
  }

  public static boolean isZero(int se, long sig) {
    return sig == 0 && (se & MAX_EXP) == 0;
  }

  /** Denormal or pseudo-denormal. */
  public static boolean isDenormal(int se, long sig) {
    return (se & MAX_EXP) == 0 && sig != 0;
  }

  static boolean isNormal(int se, long sig) {
    return sig < 0 && (se + 1 & MAX_EXP) > 1;
  }

  /** Whether nothing but rounding can be special about the operands. */
  private static boolean bothNormal(int ase, long as, int bse, long bs, FpEnv e) {
    return isNormal(ase, as) && isNormal(bse, bs) && !e.wideDenormal;
  }

  // ---- unpacking

  static int sign(int se) {
    return se >> 15 & 1;
  }

  /** Unbiased exponent of a finite nonzero value after normalisation. */
  static int exponent(int se, long sig) {
    int field = se & MAX_EXP;
    return field != 0 ? field - BIAS : Format.F80_MIN - Long.numberOfLeadingZeros(sig);
  }

  static long significand(int se, long sig) {
    return sig << Long.numberOfLeadingZeros(sig);
  }

  // ---- operands that decide the result

  /** IE and the default NaN. */
  static void invalid(FpEnv e) {
    e.raise(FpEnv.IE);
    e.extended(INDEFINITE_EXP, INDEFINITE_SIG);
  }

  /** Raises DE for a denormal operand; true if it is not masked. */
  static boolean denormal(int ase, long as, int bse, long bs, FpEnv e) {
    return (e.wideDenormal || isDenormal(ase, as) || isDenormal(bse, bs)) && e.raise(FpEnv.DE);
  }

  /** Unsupported encodings and NaNs: true if one operand was such and the result is set. */
  static boolean nan(int ase, long as, int bse, long bs, FpEnv e) {
    if (isUnsupported(ase, as) || isUnsupported(bse, bs)) {
      invalid(e);
      return true;
    }
    boolean na = isNaN(ase, as);
    boolean nb = isNaN(bse, bs);
    if (!na && !nb) {
      return false;
    }
    boolean sa = isSignalling(ase, as);
    boolean sb = isSignalling(bse, bs);
    if (sa || sb) {
      e.raise(FpEnv.IE);
    }
    boolean first = !nb || na && (sa != sb ? sb : larger(ase, as, bse, bs));
    e.extended(first ? ase : bse, (first ? as : bs) | QUIET);
    return true;
  }

  /** Of two NaNs of a kind the one with the larger significand, of equal ones the positive (SDM 1 table 4-7). */
  private static boolean larger(int ase, long as, int bse, long bs) {
    int order = Long.compareUnsigned(as, bs);
    return order > 0 || order == 0 && sign(ase) <= sign(bse);
  }

  // ---- arithmetic

  public static void add(int ase, long as, int bse, long bs, FpEnv e) {
    if (bothNormal(ase, as, bse, bs, e)) {
      addNormal(ase, as, bse, bs, e);
      return;
    }
    if (addSpecial(ase, as, bse, bs, e)) {
      return;
    }
    Arith.add(e, sign(ase), exponent(ase, as), significand(ase, as), sign(bse), exponent(bse, bs), significand(bse, bs));
    Format.toF80(e);
  }

  /** Orders by magnitude and aligns; what is shifted out sticks to the last bit. */
  private static void addNormal(int ase, long as, int bse, long bs, FpEnv e) {
    int d = (ase & MAX_EXP) - (bse & MAX_EXP);
    if (d < 0 || d == 0 && Long.compareUnsigned(as, bs) < 0) {
      combine(bse, bs, as, -d, (ase ^ bse) >> 15 != 0, e);
    } else {
      combine(ase, as, bs, d, (ase ^ bse) >> 15 != 0, e);
    }
  }

  private static void combine(int se, long larger, long smaller, int d, boolean subtract, FpEnv e) {
    long sh = Arith.shiftedHigh(smaller, d);
    long sl = Arith.shiftedLow(smaller, d);
    int field = se & MAX_EXP;
    long hi;
    long lo;
    if (subtract) {
      lo = -sl;
      hi = larger - sh - (sl != 0 ? 1 : 0);
      if (hi >= 0) {
        cancelled(se, field, hi, lo, e);
        return;
      }
    } else {
      lo = sl;
      hi = larger + sh;
      if (Long.compareUnsigned(hi, larger) < 0) {
        lo = hi << 63 | lo >>> 1 | lo & 1;
        hi = hi >>> 1 | MSB;
        field++;
      }
    }
    round(se, field, hi, lo, e);
  }

  private static void cancelled(int se, int field, long hi, long lo, FpEnv e) {
    if ((hi | lo) == 0) {
      e.extended(e.rounding == FpEnv.RD ? SIGN : 0, 0);
      return;
    }
    Arith.normalise(e, sign(se), field - BIAS, hi, lo);
    Format.toF80(e);
  }

  /**
   * Rounds a normalised result: here to nearest within the normal range, elsewhere all that may happen.
   *
   * @param se bit 15 is the sign
   * @param field biased exponent, any
   */
  private static void round(int se, int field, long hi, long lo, FpEnv e) {
    if (e.rounding != FpEnv.RN || field <= 0 || field >= MAX_EXP - 1) {
      e.rSign = sign(se);
      e.rExp = field - BIAS;
      e.rHi = hi;
      e.rLo = lo;
      Format.toF80(e);
      return;
    }
    long below = hi & e.ulp - 1;
    int exp = field;
    long kept = hi;
    if ((below | lo) != 0) {
      e.flags |= FpEnv.PE;
      long half = e.ulp >>> 1;
      // Twice the part to round away against a whole unit, as one unsigned comparison with the tie broken by the last bit kept.
      long tail = half == 0 ? lo : below << e.tailShift | (lo != 0 ? 1 : 0);
      kept -= below;
      if (tail < 0 && (tail != MSB || (kept & e.ulp) != 0)) {
        e.roundedUp = true;
        kept += e.ulp;
        if (kept == 0) {
          kept = MSB;
          exp++;
        }
      }
    }
    e.signExp = se & SIGN | exp;
    e.sig = kept;
  }

  private static boolean addSpecial(int ase, long as, int bse, long bs, FpEnv e) {
    if (nan(ase, as, bse, bs, e)) {
      return true;
    }
    boolean ia = isInfinite(ase, as);
    boolean ib = isInfinite(bse, bs);
    if (ia && ib && ase != bse) {
      invalid(e);
      return true;
    }
    if (denormal(ase, as, bse, bs, e)) {
      return true;
    }
    if (ia || ib) {
      e.extended(ia ? ase : bse, MSB);
    }
    return ia || ib;
  }

  /** {@code a - b}. */
  public static void sub(int ase, long as, int bse, long bs, FpEnv e) {
    add(ase, as, isNaN(bse, bs) ? bse : bse ^ SIGN, bs, e);
  }

  public static void mul(int ase, long as, int bse, long bs, FpEnv e) {
    if (bothNormal(ase, as, bse, bs, e)) {
      mulNormal(ase, as, bse, bs, e);
      return;
    }
    if (mulSpecial(ase, as, bse, bs, e)) {
      return;
    }
    Arith.mul(e, sign(ase ^ bse), exponent(ase, as), significand(ase, as), exponent(bse, bs), significand(bse, bs));
    Format.toF80(e);
  }

  private static void mulNormal(int ase, long as, int bse, long bs, FpEnv e) {
    long hi = Math.unsignedMultiplyHigh(as, bs);
    long lo = as * bs;
    int field = (ase & MAX_EXP) + (bse & MAX_EXP) - BIAS + 1;
    if (hi >= 0) {
      hi = hi << 1 | lo >>> 63;
      lo <<= 1;
      field--;
    }
    round(ase ^ bse, field, hi, lo, e);
  }

  private static boolean mulSpecial(int ase, long as, int bse, long bs, FpEnv e) {
    if (nan(ase, as, bse, bs, e)) {
      return true;
    }
    boolean infinite = isInfinite(ase, as) || isInfinite(bse, bs);
    boolean zero = isZero(ase, as) || isZero(bse, bs);
    if (infinite && zero) {
      invalid(e);
      return true;
    }
    if (denormal(ase, as, bse, bs, e)) {
      return true;
    }
    int sign = (ase ^ bse) & SIGN;
    if (infinite) {
      e.extended(sign | MAX_EXP, MSB);
    } else if (zero) {
      e.extended(sign, 0);
    }
    return infinite || zero;
  }

  /** {@code a / b}. */
  public static void div(int ase, long as, int bse, long bs, FpEnv e) {
    if (!bothNormal(ase, as, bse, bs, e) && divSpecial(ase, as, bse, bs, e)) {
      return;
    }
    Arith.div(e, sign(ase ^ bse), exponent(ase, as), significand(ase, as), exponent(bse, bs), significand(bse, bs));
    Format.toF80(e);
  }

  private static boolean divSpecial(int ase, long as, int bse, long bs, FpEnv e) {
    if (nan(ase, as, bse, bs, e)) {
      return true;
    }
    boolean ia = isInfinite(ase, as);
    boolean ib = isInfinite(bse, bs);
    boolean za = isZero(ase, as);
    boolean zb = isZero(bse, bs);
    if (ia && ib || za && zb) {
      invalid(e);
      return true;
    }
    int sign = (ase ^ bse) & SIGN;
    if (zb && !ia) {
      e.raise(FpEnv.ZE);
      e.extended(sign | MAX_EXP, MSB);
      return true;
    }
    if (denormal(ase, as, bse, bs, e)) {
      return true;
    }
    if (ia) {
      e.extended(sign | MAX_EXP, MSB);
    } else if (ib || za) {
      e.extended(sign, 0);
    }
    return ia || ib || za;
  }

  public static void sqrt(int se, long sig, FpEnv e) {
    if (nan(se, sig, se, sig, e)) {
      return;
    }
    if (isZero(se, sig)) {
      e.extended(se, sig);
    } else if ((se & SIGN) != 0) {
      invalid(e);
    } else if (!denormal(se, sig, se, sig, e)) {
      if (isInfinite(se, sig)) {
        e.extended(se, sig);
      } else {
        Arith.sqrt(e, exponent(se, sig), significand(se, sig));
        Format.toF80(e);
      }
    }
  }

  /**
   * Compares.
   *
   * @param signalling whether a quiet NaN is invalid (FCOM) or only a signalling one (FUCOM)
   * @return as {@link SoftFloat#compare64}
   */
  public static int compare(int ase, long as, int bse, long bs, boolean signalling, FpEnv e) {
    if (isUnsupported(ase, as) || isUnsupported(bse, bs)) {
      e.raise(FpEnv.IE);
      return SoftFloat.UNORDERED;
    }
    if (isNaN(ase, as) || isNaN(bse, bs)) {
      if (signalling || isSignalling(ase, as) || isSignalling(bse, bs)) {
        e.raise(FpEnv.IE);
      }
      return SoftFloat.UNORDERED;
    }
    denormal(ase, as, bse, bs, e);
    if ((as | bs) == 0) {
      return SoftFloat.EQUAL;
    }
    int sa = sign(ase);
    if (sa != sign(bse)) {
      return sa != 0 ? SoftFloat.LESS : SoftFloat.GREATER;
    }
    int ea = effective(ase, as);
    int eb = effective(bse, bs);
    int order = ea != eb ? Integer.compare(ea, eb) : Long.compareUnsigned(as, bs);
    return Integer.signum(sa != 0 ? -order : order);
  }

  /** Exponent field with a pseudo-denormal counted as 1, whose value it has. */
  static int effective(int se, long sig) {
    int field = se & MAX_EXP;
    return field == 0 && sig < 0 ? 1 : field;
  }
}
