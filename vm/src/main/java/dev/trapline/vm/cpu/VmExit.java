package dev.trapline.vm.cpu;

/**
 * Guest mode ends, used as control flow out of an instruction or a delivery that cannot be completed: one per processor, reused,
 * without stack trace. Causes found between instructions need no throw.
 */
public final class VmExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The exit code. */
  public long code;
  public long info1;
  public long info2;
  /** Whether NRIP is saved: the exit belongs to an instruction that has its own intercept, or to INT3, INTO or BOUND. */
  public boolean instruction;

  VmExit() {
    super(null, null, false, false);
  }

  VmExit set(long exitCode, long exitInfo1, long exitInfo2) {
    code = exitCode;
    info1 = exitInfo1;
    info2 = exitInfo2;
    instruction = false;
    return this;
  }
}
