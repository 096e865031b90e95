package dev.trapline.vm.event;

/**
 * Hears of events on the thread that runs the machine. It must not change the machine's state but by what {@link #before} answers; it may
 * ask it to stop.
 */
@FunctionalInterface
public interface EventListener {
  /** Called when the access has been made, or before an exception or interrupt enters its handler. */
  void happened(Event event);

  /** Whether anybody cares for events of a kind: who would tell need not make them. */
  default boolean wants(EventKind kind) {
    return true;
  }

  /**
   * Called before an access to a port, device or register, with 0 for a value that is to be read; before an exception, interrupt or task
   * switch; before an exit is handled.
   *
   * @return null to let it happen
   */
  default Instead before(Event event) {
    return null;
  }
}
