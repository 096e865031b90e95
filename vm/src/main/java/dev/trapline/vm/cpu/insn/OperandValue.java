package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.mmu.Access;

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

  /**
   * Linear address of a memory operand.
   *
   * @throws dev.trapline.vm.cpu.Fault as reading so many bytes there would
   */
  public static long address(Cpu c, Operand.Mem m, int bytes) {
    return Operands.linear(c, m, bytes, Access.READ);
  }
}
