package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.LOCK;

import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Row;
import java.util.List;

/** ADD, ADC, SUB, SBB, CMP, INC, DEC, NEG, MUL, IMUL, DIV, IDIV, XADD, CMPXCHG and the BCD adjustments. */
final class Arithmetic {
  static final List<Row> ROWS = List.of(
      row("00 /r", "add", "Eb,Gb").with(LOCK).flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("01 /r", "add", "Ev,Gv").with(LOCK).flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("02 /r", "add", "Gb,Eb").flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("03 /r", "add", "Gv,Ev").flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("04", "add", "AL,Ib").flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("05", "add", "rAX,Iz").flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("80 /0", "add", "Eb,Ib").with(LOCK).flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("81 /0", "add", "Ev,Iz").with(LOCK).flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"),
      row("83 /0", "add", "Ev,Ibs").with(LOCK).flags(FlagRule.ADD).does(Arithmetic::add).spec("SDM 2A ADD"));

  private Arithmetic() {}

  static long add(long a, long b) {
    return a + b;
  }
}
