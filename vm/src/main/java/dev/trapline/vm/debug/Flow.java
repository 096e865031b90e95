package dev.trapline.vm.debug;

import dev.trapline.vm.isa.Insn;
import java.util.Set;

/** What the next instruction does to the flow of control: for stepping over and out. */
final class Flow {
  private static final Set<String> CALLS = Set.of("call", "callf", "lcall", "int", "int3", "into", "int1");
  private static final Set<String> RETURNS = Set.of("ret", "retf", "lret", "iret", "iretd", "iretq", "iretw", "sysret", "sysexit");
  private final Inspector inspector;
  private final Insn next;

  Flow(Inspector inspector) {
    this.inspector = inspector;
    this.next = inspector.decode(inspector.here());
  }

  /** Whether it comes back to the instruction after it: calls, software interrupts, repeated string instructions. */
  boolean calls() {
    return next != null && (CALLS.contains(next.row.mnemonic()) || next.has(Insn.REP) || next.has(Insn.REPNE));
  }

  /** Whether it leaves a function or handler. */
  boolean returns() {
    return next != null && RETURNS.contains(next.row.mnemonic());
  }

  /** Whether it may go on elsewhere than at the instruction after it: jumps, conditions, calls, returns. */
  boolean branches() {
    return next != null && (CALLS.contains(next.row.mnemonic()) || returns() || next.row.mnemonic().startsWith("j")
        || next.row.mnemonic().startsWith("loop") || next.row.mnemonic().startsWith("sys"));
  }

  /** Whether it enters a function or handler. */
  boolean enters() {
    return next != null && CALLS.contains(next.row.mnemonic());
  }

  /** Linear address of the instruction after it. */
  long nextLinear() {
    return inspector.spaces().linear(inspector.here().plus(next == null ? 1 : next.length));
  }

  /** The stack pointer as a linear address. */
  long stackPointer() {
    return inspector.spaces().linear(inspector.stack());
  }

  /**
   * The instruction that stands before another in straight code.
   *
   * @param start offset of an instruction some way before
   * @param end offset after the one looked for
   */
  long before(long start, long end) {
    long at = start;
    for (int i = 0; i < 256; i++) {
      Insn in = inspector.decode(inspector.inCode(at));
      if (in == null || at + in.length == end || at + in.length > end && end >= start) {
        return at;
      }
      at += in.length;
    }
    return start;
  }
}
