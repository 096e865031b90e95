package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;

/** Operands as an instruction about to be executed would read them, for those who look on. */
public final class OperandValue {
  private OperandValue() {}

  /**
   * The value of an operand that can be read.
   *
   * @throws dev.trapline.vm.cpu.Fault as the instruction would
   */
  public static long of(Cpu c, Insn in, int operand) {
    return Operands.get(c, in, operand);
  }
}
