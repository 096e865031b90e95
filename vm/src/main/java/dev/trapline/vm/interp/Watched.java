package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.SensitiveWatch;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Insn;

/**
 * The operation of an unprivileged instruction that shows or asks for the privilege level, while somebody watches them. It is the last of
 * its block, so that {@code rip} is the next instruction's. Blocks of modes without {@link Cpu#M_WATCHED} know nothing of it.
 */
final class Watched extends Op {
  private final Op inner;

  private Watched(Op inner) {
    this.inner = inner;
    this.insn = inner.insn;
  }

  /** Whether an instruction is watched under a mode. */
  static boolean applies(Insn in, int mode) {
    return in != null && (mode & Cpu.M_WATCHED) != 0 && in.row.is(Attr.SENSITIVE);
  }

  /** The operation to use under a mode. */
  static Op wrap(Op op, int mode) {
    return applies(op.insn, mode) && !(op instanceof OpFactory.Undefined) ? new Watched(op) : op;
  }

  @Override
  void exec(Cpu c) {
    c.nextRip = c.rip;
    SensitiveWatch watch = c.sensitive();
    watch.before(c, insn);
    inner.exec(c);
    watch.after(c, insn);
  }

  @Override
  Op fresh() {
    return new Watched(inner.fresh());
  }
}
