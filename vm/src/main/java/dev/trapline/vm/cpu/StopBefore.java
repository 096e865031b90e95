package dev.trapline.vm.cpu;

/**
 * Thrown by who listens, out of an instruction that asks whether it may do something: the instruction is given up before it has changed
 * anything, and the engine stops before it. Used as control flow, without stack trace.
 */
public final class StopBefore extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StopBefore() {
    super(null, null, false, false);
  }
}
