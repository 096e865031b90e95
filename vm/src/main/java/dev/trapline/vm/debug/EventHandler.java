package dev.trapline.vm.debug;

/**
 * Code that is asked about events: what a closure given to {@code on('exit') { e -> ... }} becomes. It runs on the thread of the machine,
 * in the middle of what the machine does: it may look at everything, and must not run the machine.
 */
@FunctionalInterface
public interface EventHandler {
  /** What is to be done; null is the same as {@link Verdict#goOn}. */
  Verdict handle(Happening event);
}
