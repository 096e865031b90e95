package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.CARRY;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** ROL, ROR, RCL, RCR, SHL, SHR, SAR (group 2), SHLD, SHRD. Counts are masked to 5 bits, 6 with 64-bit operands. */
final class Shifts {
  static final List<Row> ROWS = Forms.list(
      group2(0, "rol", d -> d.flags(FlagRule.ROL).sized(Shifts::rol)),
      group2(1, "ror", d -> d.flags(FlagRule.ROR).sized(Shifts::ror)),
      group2(2, "rcl", d -> d.with(CARRY).reads(Flags.CF).flags(FlagRule.RCL).sized(Shifts::rcl)),
      group2(3, "rcr", d -> d.with(CARRY).reads(Flags.CF).flags(FlagRule.RCR).sized(Shifts::rcr)),
      group2(4, "shl", d -> d.flags(FlagRule.SHL).sized(Shifts::shl)),
      group2(5, "shr", d -> d.flags(FlagRule.SHR).sized(Shifts::shr)),
      // Undocumented by Intel, decoded as SHL by every processor (APM3 appendix A, group 2).
      group2(6, "sal", d -> d.with(ALIAS).flags(FlagRule.SHL).sized(Shifts::shl)),
      group2(7, "sar", d -> d.flags(FlagRule.SAR).sized(Shifts::sar)),
      Stream.of(
          doubleShift("0F A4 /r", "shld", "Ev,Gv,Ib").sized(Shifts::shld).spec("SDM 2B SHLD"),
          doubleShift("0F A5 /r", "shld", "Ev,Gv,CL").sized(Shifts::shld).spec("SDM 2B SHLD"),
          doubleShift("0F AC /r", "shrd", "Ev,Gv,Ib").sized(Shifts::shrd).spec("SDM 2B SHRD"),
          doubleShift("0F AD /r", "shrd", "Ev,Gv,CL").sized(Shifts::shrd).spec("SDM 2B SHRD")));

  private Shifts() {}

  private static Def doubleShift(String encoding, String name, String operands) {
    return row(encoding, name, operands).flags(FlagRule.SELF).undefined(Flags.OF | Flags.AF);
  }

  private static Stream<Row> group2(int digit, String name, UnaryOperator<Def> rest) {
    String spec = digit < 4 ? "SDM 2B RCL/RCR/ROL/ROR" : "SDM 2B SAL/SAR/SHL/SHR";
    int undefinedByOne = digit < 4 ? 0 : Flags.AF;
    return Stream.of(
        rest.apply(row("C0 /" + digit, name, "Eb,Ib")),
        rest.apply(row("C1 /" + digit, name, "Ev,Ib")),
        rest.apply(row("D0 /" + digit, name, "Eb,1")).undefined(undefinedByOne),
        rest.apply(row("D1 /" + digit, name, "Ev,1")).undefined(undefinedByOne),
        rest.apply(row("D2 /" + digit, name, "Eb,CL")),
        rest.apply(row("D3 /" + digit, name, "Ev,CL"))).map(d -> d.spec(spec));
  }

  private static int count(long b, int w) {
    return (int) b & (w == 64 ? 63 : 31);
  }

  static long shl(long a, long b, int w) {
    return a << count(b, w);
  }

  static long shr(long a, long b, int w) {
    return a >>> count(b, w);
  }

  static long sar(long a, long b, int w) {
    return Flags.sext(a, w) >> count(b, w);
  }

  static long rol(long a, long b, int w) {
    int n = (int) b & w - 1;
    return a << n | a >>> (w - n);
  }

  static long ror(long a, long b, int w) {
    int n = (int) b & w - 1;
    return a >>> n | a << (w - n);
  }

  static long rcl(long a, long b, long carry, int w) {
    int n = count(b, w) % (w + 1);
    if (n == 0) {
      return a;
    }
    return a << n | carry << (n - 1) | (n == 1 ? 0 : a >>> (w + 1 - n));
  }

  static long rcr(long a, long b, long carry, int w) {
    int n = count(b, w) % (w + 1);
    if (n == 0) {
      return a;
    }
    return a >>> n | carry << (w - n) | (n == 1 ? 0 : a << (w + 1 - n));
  }

  /** A 16-bit operand may be shifted by up to 31: then the source's own bits follow (undefined in the manuals, so in silicon). */
  static long shld(Cpu c, long a, long b, long count, int w) {
    int n = count(count, w);
    if (n == 0) {
      return a;
    }
    long r = w == 16 && n > 16 ? b << (n - 16) | b >>> (32 - n) : a << n | b >>> (w - n);
    boolean carry = n <= w && (a >>> (w - n) & 1) != 0;
    setFlags(c, r, carry, (r >>> (w - 1) & 1) != 0 != carry, w);
    return r;
  }

  static long shrd(Cpu c, long a, long b, long count, int w) {
    int n = count(count, w);
    if (n == 0) {
      return a;
    }
    long r = w == 16 && n > 16 ? b >>> (n - 16) | b << (32 - n) : a >>> n | b << (w - n);
    boolean carry = (a >>> (n - 1) & 1) != 0;
    setFlags(c, r, carry, ((r >>> (w - 1) ^ r >>> (w - 2)) & 1) != 0, w);
    return r;
  }

  private static void setFlags(Cpu c, long r, boolean carry, boolean overflow, int w) {
    c.aux = Flags.withAdjust(Flags.carryOverflow(carry, overflow));
    c.res = Flags.sext(r, w);
  }
}
