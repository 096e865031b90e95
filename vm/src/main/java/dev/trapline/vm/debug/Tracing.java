package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.EventView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Which events a session tells about while it runs, and whom. Tracing changes nothing in the machine and survives a reset. */
public final class Tracing {
  private final Runnable changed;
  private final List<EventFilter> filters = new ArrayList<>();
  private Consumer<EventView> sink = e -> {};

  Tracing(Runnable changed) {
    this.changed = changed;
  }

  /** Who is told, on the thread that runs the machine. */
  public void to(Consumer<EventView> newSink) {
    sink = newSink;
  }

  /** Traces these events too. */
  public void add(EventFilter filter) {
    if (!filters.contains(filter)) {
      filters.add(filter);
    }
    changed.run();
  }

  /** Ends all traces of a kind; null for all kinds. */
  public void remove(EventFilter.Kind kind) {
    filters.removeIf(f -> kind == null || f.kind() == kind);
    changed.run();
  }

  /** What is traced. */
  public List<EventFilter> list() {
    return List.copyOf(filters);
  }

  void tell(EventView event) {
    sink.accept(event);
  }
}
