package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;

/** An operand with its expressions evaluated. Widths in bits, 0 where the source states none. */
sealed interface Val {
  record Reg(Operand.Reg reg, boolean to) implements Val {}

  record Num(Value value, int bits, boolean strict, Arg.Distance distance) implements Val {
    static Num of(long value) {
      return new Num(Value.of(value), 0, false, Arg.Distance.ANY);
    }
  }

  record Ptr(Value selector, Value offset, int bits) implements Val {}

  /** @param qwordAddress whether an absolute address is to be written in 64 bits */
  record Mem(Address address, int bits, int segment, boolean far, boolean qwordAddress) implements Val {}
}
