package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.Shape;
import dev.trapline.vm.cpu.svm.Intercepts;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;

/**
 * In guest mode, the operation of an instruction that can be intercepted: the exceptions that come first, the intercept, the instruction.
 * It is the last of its block, so that {@code rip} is the next instruction's.
 */
final class Intercepted extends Op {
  private final Op inner;
  private final Shape.Wide first;
  private final boolean privileged;

  private Intercepted(Op inner) {
    this.inner = inner;
    this.insn = inner.insn;
    this.first = (Shape.Wide) inner.insn.row.checks();
    this.privileged = inner.insn.row.is(Attr.CPL0);
  }

  /** Whether an instruction can be intercepted under a mode. */
  static boolean applies(Insn in, int mode) {
    return in != null && (mode & Cpu.M_GUEST) != 0 && in.row.intercept() != Intercept.NONE;
  }

  /** The operation to use under a mode. An undefined instruction stays one: #UD comes before every intercept but RSM's, which is bound. */
  static Op wrap(Op op, int mode) {
    return applies(op.insn, mode) && !(op instanceof OpFactory.Undefined) ? new Intercepted(op) : op;
  }

  @Override
  void exec(Cpu c) {
    if (privileged) {
      Support.requireCpl0(c);
    }
    c.nextRip = c.rip;
    if (first != null) {
      first.f(c, insn);
    }
    if (!Intercepts.taken(c, insn)) {
      inner.exec(c);
    }
  }

  @Override
  Op fresh() {
    return new Intercepted(inner.fresh());
  }
}
