package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.CARRY;
import static dev.trapline.vm.isa.Attr.LOCK;
import static dev.trapline.vm.isa.Attr.NO64;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** ADD, ADC, SUB, SBB, CMP, INC, DEC, NEG and XADD. */
final class Arithmetic {
  static final List<Row> ROWS = Forms.list(
      Forms.arithmetic(0, "add", d -> d.flags(FlagRule.ADD).does(Arithmetic::add)),
      Forms.arithmetic(2, "adc", d -> d.with(CARRY).reads(Flags.CF).flags(FlagRule.ADD).does(Arithmetic::adc)),
      Forms.arithmetic(3, "sbb", d -> d.with(CARRY).reads(Flags.CF).flags(FlagRule.SUB).does(Arithmetic::sbb)),
      Forms.arithmetic(5, "sub", d -> d.flags(FlagRule.SUB).does(Arithmetic::sub)),
      Forms.arithmetic(7, "cmp", d -> d.flags(FlagRule.SUB).does(Arithmetic::sub)),
      Stream.of(
          row("40+r", "inc", "Zv").with(NO64).flags(FlagRule.INC).does(Arithmetic::inc).spec("SDM 2A INC"),
          row("FE /0", "inc", "Eb").with(LOCK).flags(FlagRule.INC).does(Arithmetic::inc).spec("SDM 2A INC"),
          row("FF /0", "inc", "Ev").with(LOCK).flags(FlagRule.INC).does(Arithmetic::inc).spec("SDM 2A INC"),
          row("48+r", "dec", "Zv").with(NO64).flags(FlagRule.DEC).does(Arithmetic::dec).spec("SDM 2A DEC"),
          row("FE /1", "dec", "Eb").with(LOCK).flags(FlagRule.DEC).does(Arithmetic::dec).spec("SDM 2A DEC"),
          row("FF /1", "dec", "Ev").with(LOCK).flags(FlagRule.DEC).does(Arithmetic::dec).spec("SDM 2A DEC"),
          row("F6 /3", "neg", "Eb").with(LOCK).flags(FlagRule.NEG).does(Arithmetic::neg).spec("SDM 2B NEG"),
          row("F7 /3", "neg", "Ev").with(LOCK).flags(FlagRule.NEG).does(Arithmetic::neg).spec("SDM 2B NEG"),
          row("0F C0 /r", "xadd", "Eb,Gb").with(LOCK).flags(FlagRule.SELF).does(Arithmetic::xadd).spec("SDM 2C XADD"),
          row("0F C1 /r", "xadd", "Ev,Gv").with(LOCK).flags(FlagRule.SELF).does(Arithmetic::xadd).spec("SDM 2C XADD")));

  private Arithmetic() {}

  static long add(long a, long b) {
    return a + b;
  }

  static long adc(long a, long b, long carry) {
    return a + b + carry;
  }

  static long sub(long a, long b) {
    return a - b;
  }

  static long sbb(long a, long b, long carry) {
    return a - b - carry;
  }

  static long inc(long a) {
    return a + 1;
  }

  static long dec(long a) {
    return a - 1;
  }

  static long neg(long a) {
    return -a;
  }

  /** Two registers are written, the sum last: XADD of a register with itself leaves the sum. */
  static void xadd(Cpu c, Insn in) {
    long a = Operands.getForWrite(c, in.op(0));
    long b = Operands.get(c, in.op(1));
    if (in.mem() == null) {
      Operands.set(c, in.op(1), a);
      Operands.set(c, in.op(0), a + b);
    } else {
      Operands.set(c, in.op(0), a + b);
      Operands.set(c, in.op(1), a);
    }
    setFlags(c, FlagRule.ADD, a, b, a + b, in.op(0).bits());
  }

  /** Applies a rule from semantics that set their flags themselves. */
  static void setFlags(Cpu c, FlagRule rule, long a, long b, long r, int w) {
    c.aux = rule.aux(a, b, r, w, c.aux);
    c.res = rule.res(a, b, r, w, c.res);
  }
}
