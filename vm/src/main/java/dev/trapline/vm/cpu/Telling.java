package dev.trapline.vm.cpu;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.Instead;

/** What a processor tells who listens to it. Instructions that ask have changed nothing yet: the answer may be a fault. */
public final class Telling {
  private Telling() {}

  /** Whether anybody wants to hear of a kind. */
  public static boolean heard(Cpu c, EventKind kind) {
    return c.events != null && (c.svm.guest || !c.eventsOfGuest) && c.events.wants(kind);
  }

  /**
   * Asks whether something may happen.
   *
   * @return null if so; else what a read gives instead
   * @throws Fault if an exception is to come in its place
   */
  public static Long ask(Cpu c, Event e) {
    return switch (c.events.before(e)) {
      case null -> null;
      case Instead.Nothing n -> 0L;
      case Instead.Value v -> v.value();
      case Instead.Raise r -> throw c.raise(r.vector(), r.errorCode());
    };
  }

  /** Asks whether a register may be written or a task switched to; false if not. */
  static boolean may(Cpu c, EventKind kind, Event e) {
    return !heard(c, kind) || ask(c, e) == null;
  }

  /** It has happened. */
  static void happened(Cpu c, EventKind kind, Event e) {
    if (heard(c, kind)) {
      c.events.happened(e);
    }
  }
}
