package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.DISCARDS;
import static dev.trapline.vm.isa.Attr.LOCK;

import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** AND, OR, XOR, TEST, NOT. */
final class Logic {
  static final List<Row> ROWS = Forms.list(
      Forms.arithmetic(1, "or", d -> d.flags(FlagRule.LOGIC).does(Logic::or)),
      Forms.arithmetic(4, "and", d -> d.flags(FlagRule.LOGIC).does(Logic::and)),
      Forms.arithmetic(6, "xor", d -> d.flags(FlagRule.LOGIC).does(Logic::xor)),
      Stream.of(
          test("84 /r", "Eb,Gb"), test("85 /r", "Ev,Gv"), test("A8", "AL,Ib"), test("A9", "rAX,Iz"),
          test("F6 /0", "Eb,Ib"), test("F7 /0", "Ev,Iz")).map(d -> d.spec("SDM 2B TEST")),
      // Both processors' decoders take /1 as /0 (APM3 appendix A, opcode extensions).
      Stream.of(test("F6 /1", "Eb,Ib"), test("F7 /1", "Ev,Iz")).map(d -> d.with(ALIAS).spec("SDM 2B TEST")),
      Stream.of(
          row("F6 /2", "not", "Eb").with(LOCK).does(Logic::not).spec("SDM 2B NOT"),
          row("F7 /2", "not", "Ev").with(LOCK).does(Logic::not).spec("SDM 2B NOT")));

  private Logic() {}

  private static Def test(String encoding, String operands) {
    return row(encoding, "test", operands).with(DISCARDS).flags(FlagRule.LOGIC).does(Logic::and);
  }

  static long or(long a, long b) {
    return a | b;
  }

  static long and(long a, long b) {
    return a & b;
  }

  static long xor(long a, long b) {
    return a ^ b;
  }

  static long not(long a) {
    return ~a;
  }
}
