package dev.trapline.vm.machine;

/**
 * Binds a halted machine's time to the host's, for people who sit at it. It only decides when, in the host's time, virtual time passes,
 * never what happens at a given count, so it is no state and no hash knows of it.
 */
public interface Pacing {
  /**
   * Called when no processor has anything to do until an event; may wait.
   *
   * @param now virtual time in instructions
   * @param event when the event comes
   * @return the time to go to, {@code now} to {@code event}; less than {@code event} if {@link #wake} ended the wait
   */
  long pass(long now, long event);

  /** Ends a wait, or the next one; any thread. */
  void wake();
}
