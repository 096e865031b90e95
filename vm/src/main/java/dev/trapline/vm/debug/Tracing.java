package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.event.EventKind;
import java.util.List;
import java.util.function.Consumer;

/** Which events a session tells about while it runs: the points that print and do not stop. */
public final class Tracing {
  private static final String TRACE = "trace";
  private final Breakpoints breakpoints;

  Tracing(Breakpoints breakpoints) {
    this.breakpoints = breakpoints;
  }

  /** Who is told, on the thread that runs the machine. */
  public void to(Consumer<EventView> sink) {
    breakpoints.print(sink);
  }

  /** Traces these events too. */
  public void add(EventFilter filter) {
    if (!list().contains(filter.toString())) {
      breakpoints.add(filter, Breakpoints.Options.EVENT.with(Reaction.TRACE));
    }
  }

  /** Ends all traces of a kind; null for all kinds. */
  public void remove(EventKind kind) {
    points().stream().filter(b -> kind == null || b.kind().equals(kind.word())).forEach(b -> breakpoints.remove(b.id()));
  }

  /** What is traced. */
  public List<String> list() {
    return points().stream().map(b -> b.kind() + " " + b.where()).toList();
  }

  private List<BreakpointView> points() {
    return breakpoints.list().stream().filter(b -> b.action().equals(TRACE)).toList();
  }
}
