package dev.trapline.vm.event;

/** Hears of events on the thread that runs the machine. It must not change the machine's state; it may ask it to stop. */
@FunctionalInterface
public interface EventListener {
  /** Called when the access has been made, or before an exception or interrupt enters its handler. */
  void happened(Event event);
}
