package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** MUL, IMUL, DIV, IDIV. The one-operand forms work on the pair AH:AL, DX:AX, EDX:EAX or RDX:RAX. */
final class Multiply {
  private static final int SZAP = Flags.SF | Flags.ZF | Flags.AF | Flags.PF;
  private static final long LOW32 = 0xffffffffL;

  static final List<Row> ROWS = Stream.of(
      pair("F6 /4", "mul", "Eb").undefined(SZAP).sized(Multiply::mul).spec("SDM 2B MUL"),
      pair("F7 /4", "mul", "Ev").undefined(SZAP).sized(Multiply::mul).spec("SDM 2B MUL"),
      pair("F6 /5", "imul", "Eb").undefined(SZAP).sized(Multiply::imul).spec("SDM 2A IMUL"),
      pair("F7 /5", "imul", "Ev").undefined(SZAP).sized(Multiply::imul).spec("SDM 2A IMUL"),
      row("0F AF /r", "imul", "Gv,Ev").flags(FlagRule.IMUL).does(Multiply::product).spec("SDM 2A IMUL"),
      row("69 /r", "imul", "Gv,Ev,Iz").flags(FlagRule.IMUL).does(Multiply::product).spec("SDM 2A IMUL"),
      row("6B /r", "imul", "Gv,Ev,Ibs").flags(FlagRule.IMUL).does(Multiply::product).spec("SDM 2A IMUL"),
      pair("F6 /6", "div", "Eb").undefined(Flags.OSZAPC).sized(Multiply::div).spec("SDM 2A DIV"),
      pair("F7 /6", "div", "Ev").undefined(Flags.OSZAPC).sized(Multiply::div).spec("SDM 2A DIV"),
      pair("F6 /7", "idiv", "Eb").undefined(Flags.OSZAPC).sized(Multiply::idiv).spec("SDM 2A IDIV"),
      pair("F7 /7", "idiv", "Ev").undefined(Flags.OSZAPC).sized(Multiply::idiv).spec("SDM 2A IDIV")).toList();

  private Multiply() {}

  private static Def pair(String encoding, String name, String operands) {
    return row(encoding, name, operands).flags(FlagRule.SELF);
  }

  /** Low bits of a product are the same for signed and unsigned factors. */
  static long product(long a, long b) {
    return a * b;
  }

  static void mul(Cpu c, long a, int w) {
    long x = Operands.cut(c.r[Cpu.RAX], w);
    long low = x * a;
    long high = w == 64 ? Math.unsignedMultiplyHigh(x, a) : low >>> w;
    setPair(c, low, high, w);
    overflow(c, high != 0);
  }

  static void imul(Cpu c, long a, int w) {
    long x = Flags.sext(c.r[Cpu.RAX], w);
    long y = Flags.sext(a, w);
    long low = x * y;
    long high = w == 64 ? Math.multiplyHigh(x, y) : low >> w;
    setPair(c, low, high, w);
    overflow(c, high != Flags.sext(low, w) >> 63);
  }

  private static void overflow(Cpu c, boolean over) {
    c.aux = Flags.withCarryOverflow(c.aux, over, over);
  }

  private static void setPair(Cpu c, long low, long high, int w) {
    long[] r = c.r;
    switch (w) {
      case 8 -> r[Cpu.RAX] = r[Cpu.RAX] & ~0xffffL | (high & 0xff) << 8 | low & 0xff;
      case 16 -> {
        r[Cpu.RAX] = r[Cpu.RAX] & ~0xffffL | low & 0xffff;
        r[Cpu.RDX] = r[Cpu.RDX] & ~0xffffL | high & 0xffff;
      }
      case 32 -> {
        r[Cpu.RAX] = low & LOW32;
        r[Cpu.RDX] = high & LOW32;
      }
      default -> {
        r[Cpu.RAX] = low;
        r[Cpu.RDX] = high;
      }
    }
  }

  /** The dividend of up to 64 bits; of a 128-bit one the low half. */
  private static long dividend(Cpu c, int w) {
    long rax = c.r[Cpu.RAX];
    return switch (w) {
      case 8 -> rax & 0xffff;
      case 16 -> (c.r[Cpu.RDX] & 0xffff) << 16 | rax & 0xffff;
      case 32 -> c.r[Cpu.RDX] << 32 | rax & LOW32;
      default -> rax;
    };
  }

  static void div(Cpu c, long d, int w) {
    if (d == 0) {
      throw c.raise(Fault.DE);
    }
    long n = dividend(c, w);
    long high = w == 64 ? c.r[Cpu.RDX] : 0;
    long q;
    if (high == 0) {
      q = Long.divideUnsigned(n, d);
      if (w < 64 && q >>> w != 0) {
        throw c.raise(Fault.DE);
      }
    } else {
      if (Long.compareUnsigned(high, d) >= 0) {
        throw c.raise(Fault.DE);
      }
      q = divideWide(high, n, d);
    }
    divided(c, q, n - q * d, w);
  }

  static void idiv(Cpu c, long divisor, int w) {
    long d = Flags.sext(divisor, w);
    if (d == 0) {
      throw c.raise(Fault.DE);
    }
    if (w == 64) {
      idiv64(c, d);
      return;
    }
    long n = Flags.sext(dividend(c, w), 2 * w);
    long q = n / d;
    if (q != Flags.sext(q, w)) {
      throw c.raise(Fault.DE);
    }
    divided(c, q, n - q * d, w);
  }

  private static void idiv64(Cpu c, long d) {
    long low = c.r[Cpu.RAX];
    long high = c.r[Cpu.RDX];
    boolean negative = high < 0;
    long absLow = negative ? -low : low;
    long absHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    long absD = Math.abs(d); // of the most negative number: itself, which is right as an unsigned value
    if (Long.compareUnsigned(absHigh, absD) >= 0) {
      throw c.raise(Fault.DE);
    }
    long absQ = absHigh == 0 ? Long.divideUnsigned(absLow, absD) : divideWide(absHigh, absLow, absD);
    long q = negative != d < 0 ? -absQ : absQ;
    if (absQ != 0 && q < 0 != (negative != d < 0)) {
      throw c.raise(Fault.DE);
    }
    divided(c, q, low - q * d, 64);
  }

  private static void divided(Cpu c, long quotient, long remainder, int w) {
    setPair(c, quotient, remainder, w);
    // All undefined; AMD sets AF, clears SF, ZF and PF, keeps CF and OF.
    c.aux = Flags.withAdjust(Flags.carryOverflow(Flags.cf(c.aux), Flags.of(c.aux)));
    c.res = 1;
  }

  /** {@code high:low / d} for {@code high < d}, all unsigned: schoolbook division by two 32-bit digits (Knuth 4.3.1 D). */
  static long divideWide(long high, long low, long d) {
    int s = Long.numberOfLeadingZeros(d);
    long v = d << s;
    long top = s == 0 ? high : high << s | low >>> (64 - s);
    long rest = low << s;
    long q1 = digit(top, rest >>> 32, v);
    long middle = (top << 32 | rest >>> 32) - q1 * v;
    return q1 << 32 | digit(middle, rest & LOW32, v);
  }

  /** One 32-bit digit of {@code (n * 2^32 + next) / v}, {@code v} normalised. */
  private static long digit(long n, long next, long v) {
    long q = Long.divideUnsigned(n, v >>> 32);
    long r = n - q * (v >>> 32);
    while (q >>> 32 != 0 || Long.compareUnsigned(q * (v & LOW32), r << 32 | next) > 0) {
      q--;
      r += v >>> 32;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return q;
  }
}
