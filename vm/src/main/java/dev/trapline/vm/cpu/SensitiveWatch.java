package dev.trapline.vm.cpu;

import dev.trapline.vm.isa.Insn;

/**
 * Who is told of instructions that are sensitive in Popek and Goldberg's sense but not privileged when they are executed
 * above CPL 0. It must not change anything. See {@link Cpu#watchSensitive}.
 */
public interface SensitiveWatch {
  /** An instruction is about to be executed; {@code c.rip} is the next one. */
  void before(Cpu c, Insn in);

  /** It has been executed, without a fault. */
  void after(Cpu c, Insn in);
}
