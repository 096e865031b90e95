package dev.trapline.vm.isa.asm;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/** Floating-point constants as IEEE 754 and x87 bit patterns, rounded to nearest even (NASM manual 3.4.6). */
final class Real {
  private Real() {}

  /**
   * The bytes of a constant, lowest first.
   *
   * @param unit 2, 4, 8 or 10 bytes
   */
  static byte[] bytes(String text, boolean negative, int unit) {
    int fraction = switch (unit) {
      case 2 -> 10;
      case 4 -> 23;
      case 8 -> 52;
      case 10 -> 63;
      default -> throw new SourceError("a floating-point constant needs dw, dd, dq or dt");
    };
    int exponentBits = unit == 10 ? 15 : 8 * unit - 1 - fraction;
    BigInteger bits = text.startsWith("__") ? special(text, fraction, exponentBits, unit == 10)
        : encode(parse(text), fraction, exponentBits, unit == 10);
    if (negative) {
      bits = bits.setBit(8 * unit - 1);
    }
    byte[] out = new byte[unit];
    for (int i = 0; i < unit; i++) {
      out[i] = bits.shiftRight(8 * i).byteValue();
    }
    return out;
  }

  private static BigInteger special(String text, int fraction, int exponentBits, boolean explicit) {
    BigInteger all = BigInteger.ONE.shiftLeft(exponentBits).subtract(BigInteger.ONE);
    BigInteger bits = explicit ? all.shiftLeft(64).setBit(63) : all.shiftLeft(fraction);
    if (text.contains("Infinity")) {
      return bits;
    }
    return bits.setBit(text.contains("SNaN") ? fraction - 2 : fraction - 1);
  }

  private static Ratio parse(String text) {
    String t = text.replace("_", "").toLowerCase(Locale.ROOT);
    try {
      return t.startsWith("0x") ? hex(t.substring(2)) : decimal(new BigDecimal(t.endsWith(".") ? t + "0" : t));
    } catch (NumberFormatException e) {
      throw new SourceError("'" + text + "' is not a floating-point constant");
    }
  }

  private record Ratio(BigInteger num, BigInteger den) {}

  private static Ratio decimal(BigDecimal d) {
    return d.scale() > 0 ? new Ratio(d.unscaledValue(), BigInteger.TEN.pow(d.scale()))
        : new Ratio(d.unscaledValue().multiply(BigInteger.TEN.pow(-d.scale())), BigInteger.ONE);
  }

  private static Ratio hex(String t) {
    int p = t.indexOf('p');
    String digits = p < 0 ? t : t.substring(0, p);
    int exponent = p < 0 ? 0 : Integer.parseInt(t.substring(p + 1));
    int point = digits.indexOf('.');
    if (point >= 0) {
      exponent -= 4 * (digits.length() - point - 1);
      digits = digits.replace(".", "");
    }
    var n = new BigInteger(digits, 16);
    return exponent >= 0 ? new Ratio(n.shiftLeft(exponent), BigInteger.ONE) : new Ratio(n, BigInteger.ONE.shiftLeft(-exponent));
  }

  private static BigInteger encode(Ratio r, int fraction, int exponentBits, boolean explicit) {
    if (r.num.signum() == 0) {
      return BigInteger.ZERO;
    }
    int bias = (1 << exponentBits - 1) - 1;
    int e = r.num.bitLength() - r.den.bitLength();
    if (compareShifted(r, e) < 0) {
      e--;
    }
    int scale = Math.max(e, 1 - bias);
    BigInteger mantissa = round(r, fraction - scale);
    if (mantissa.bitLength() > fraction + 1) {
      mantissa = mantissa.shiftRight(1);
      scale++;
    }
    boolean normal = mantissa.testBit(fraction);
    long exponent = normal ? scale + bias : 0;
    if (exponent >= (1L << exponentBits) - 1) {
      throw new SourceError("floating-point constant out of range");
    }
    BigInteger stored = explicit ? mantissa : mantissa.clearBit(fraction);
    return BigInteger.valueOf(exponent).shiftLeft(explicit ? fraction + 1 : fraction).or(stored);
  }

  /** Compares the ratio with two to the power e. */
  private static int compareShifted(Ratio r, int e) {
    return e >= 0 ? r.num.compareTo(r.den.shiftLeft(e)) : r.num.shiftLeft(-e).compareTo(r.den);
  }

  /** The ratio times two to the power s, to the nearest integer, ties to even. */
  private static BigInteger round(Ratio r, int s) {
    BigInteger num = s >= 0 ? r.num.shiftLeft(s) : r.num;
    BigInteger den = s >= 0 ? r.den : r.den.shiftLeft(-s);
    BigInteger[] qr = num.divideAndRemainder(den);
    int half = qr[1].shiftLeft(1).compareTo(den);
    return half > 0 || half == 0 && qr[0].testBit(0) ? qr[0].add(BigInteger.ONE) : qr[0];
  }
}
