package dev.trapline.vm.device;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;

/** A bus with a clock that a test moves by hand. */
final class Bench {
  static final long PER_SECOND = 100_000_000;

  private long now;
  final PortMap ports = new PortMap();
  final Scheduler scheduler = new Scheduler(() -> now, () -> {});

  long now() {
    return now;
  }

  /** Moves time to a count, event by event. */
  void to(long count) {
    while (scheduler.nextEvent() <= count) {
      now = Math.max(now, scheduler.nextEvent());
      scheduler.runDue(now);
    }
    now = count;
  }

  void pass(long counts) {
    to(now + counts);
  }

  void out(int port, int... values) {
    for (int v : values) {
      ports.out(port, 1, v);
    }
  }

  int in(int port) {
    return ports.in(port, 1);
  }
}
