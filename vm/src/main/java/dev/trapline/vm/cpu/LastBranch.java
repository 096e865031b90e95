package dev.trapline.vm.cpu;

/**
 * The record of the last branch and of the last one before an exception or interrupt (APM2 13.1.1.6, 13.1.1.7): four MSRs that are
 * written while DEBUGCTL.LBR is set. The engine then goes instruction by instruction and tells of branches.
 */
public final class LastBranch {
  /** DEBUGCTL: record branches. */
  static final long LBR = 1;
  /** DEBUGCTL: RFLAGS.TF traps branches only. */
  static final long BTF = 2;

  private LastBranch() {}

  /** Whether TF traps after an instruction that was a taken branch or not. */
  static boolean stepTraps(Cpu c, boolean branched) {
    return branched || (c.msrs.at(Msrs.DEBUGCTL) & BTF) == 0;
  }

  /** A branch was taken; addresses are instruction pointers. */
  static void taken(Cpu c, long from, long to) {
    if (c.branches != 0) {
      c.msrs.at(Msrs.BR_FROM, from);
      c.msrs.at(Msrs.BR_TO, to);
    }
  }

  /** An exception or interrupt takes the processor to its handler. */
  static void interrupted(Cpu c, long from, long to) {
    if (c.branches != 0) {
      c.msrs.at(Msrs.INT_FROM, c.msrs.at(Msrs.BR_FROM));
      c.msrs.at(Msrs.INT_TO, c.msrs.at(Msrs.BR_TO));
      taken(c, from, to);
    }
  }

  /** A debug exception ends recording, so that its handler finds the branches before it. */
  static void debugException(Cpu c) {
    c.msrs.at(Msrs.DEBUGCTL, c.msrs.at(Msrs.DEBUGCTL) & ~(LBR | BTF));
  }
}
