package dev.trapline.vm.lockstep;

/** The processors are apart for no stated reason; the message is the report. */
final class LockStepDifference extends AssertionError {
  private static final long serialVersionUID = 1L;

  LockStepDifference(String report) {
    super(report);
  }
}
