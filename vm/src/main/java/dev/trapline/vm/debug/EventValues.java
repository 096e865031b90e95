package dev.trapline.vm.debug;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.svm.EventWord;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The numbers of the event that is being looked at, by the names conditions and templates know them by. Filled in place. */
final class EventValues {
  private long number;
  private long value;
  private long address;
  private long size;
  private long write;
  private long error = -1;
  private long info1;
  private long info2;
  private long serial;

  private final Map<String, LongSupplier> names = Map.ofEntries(Map.entry("number", () -> number), Map.entry("value", () -> value),
      Map.entry("address", () -> address), Map.entry("size", () -> size), Map.entry("write", () -> write), Map.entry("error", () -> error),
      Map.entry("info1", () -> info1), Map.entry("info2", () -> info2), Map.entry("serial", () -> serial), Map.entry("port", () -> number),
      Map.entry("vector", () -> number));

  /** Names and what they mean, for help and completion. */
  static final List<String> NAMES = List.of("number", "value", "address", "size", "write", "error", "info1", "info2", "serial", "port",
      "vector");

  /** What gives the value of a name, or null. */
  LongSupplier getter(String name) {
    return names.get(name);
  }

  /** What gives a value by name, for one look: 0 if the event has none. */
  long get(String name) {
    LongSupplier s = names.get(name);
    return s == null ? 0 : s.getAsLong();
  }

  /** The number an event is filtered by: port, address, register, vector, exit code, step. */
  static long number(Event e) {
    return switch (e) {
      case Event.Port p -> p.port();
      case Event.Mmio m -> m.address();
      case Event.Msr m -> m.number() & 0xffffffffL;
      case Event.Control c -> c.number();
      case Event.Debug d -> d.number();
      case Event.Raised r -> r.vector();
      case Event.Interrupt i -> i.vector();
      case Event.Task t -> t.to();
      case Event.Dma d -> d.address();
      case Event.Exit x -> x.code();
      case Event.Entry n -> EventWord.valid(n.injected()) ? EventWord.vector(n.injected()) : 0;
      case Event.Switch s -> s.step().ordinal();
      case Event.Shadow s -> s.cause().ordinal();
      case Event.Reached r -> r.linear();
      case Event.Memory m -> m.linear();
      case Event.Count c -> c.count();
      case Event.Mode m -> 0;
      case Event.Line l -> 0;
    };
  }

  /** Takes an event's values; null for none. */
  void set(Event e) {
    clear();
    if (e == null) {
      return;
    }
    number = number(e);
    switch (e) {
      case Event.Port p -> access(p.write(), p.bytes(), p.value(), 0);
      case Event.Mmio m -> access(m.write(), m.bytes(), m.value(), m.address());
      case Event.Msr m -> access(m.write(), 8, m.value(), 0);
      case Event.Control c -> access(true, 8, c.value(), 0);
      case Event.Debug d -> access(d.write(), 8, d.value(), 0);
      case Event.Memory m -> access(m.write(), m.bytes(), 0, m.linear());
      case Event.Reached r -> address = r.linear();
      case Event.Dma d -> access(d.write(), d.bytes(), 0, d.address());
      case Event.Raised r -> fault(r.errorCode(), r.address());
      case Event.Shadow s -> fault(s.error(), s.linear());
      case Event.Entry n -> value = n.injected();
      case Event.Exit x -> {
        info1 = x.info1();
        info2 = x.info2();
        serial = x.serial();
      }
      case Event.Interrupt i -> { }
      case Event.Count c -> { }
      case Event.Task t -> value = t.from();
      case Event.Switch s -> { }
      case Event.Mode m -> { }
      case Event.Line l -> { }
    }
  }

  private void clear() {
    access(false, 0, 0, 0);
    error = -1;
    info1 = 0;
    info2 = 0;
    serial = 0;
    number = 0;
  }

  private void access(boolean isWrite, int bytes, long v, long at) {
    write = isWrite ? 1 : 0;
    size = bytes;
    value = v;
    address = at;
  }

  private void fault(int code, long at) {
    error = code;
    address = at;
  }
}
