package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.machine.Machine;
import java.util.List;

/** The engine's side of event breakpoints and traces. The machine has it as its listener only while there is one of either. */
final class EventWatch implements EventListener {
  /** An event that stops the machine. */
  record Seen(Breakpoint point, EventView event) {}

  private final Machine machine;
  private final Lenses lenses;
  private final Symbols symbols;
  private final Breakpoints breakpoints;
  private final List<Breakpoint> points;
  private final Tracing tracing;
  private final List<EventFilter> traced;
  private Seen seen;

  EventWatch(Machine machine, Lenses lenses, Symbols symbols, Breakpoints breakpoints, Tracing tracing) {
    this.machine = machine;
    this.lenses = lenses;
    this.symbols = symbols;
    this.breakpoints = breakpoints;
    this.points = breakpoints.events();
    this.tracing = tracing;
    this.traced = tracing.list();
  }

  @Override
  public void happened(Event e) {
    for (EventFilter f : traced) {
      if (f.matches(e)) {
        tracing.tell(view(e));
        break;
      }
    }
    for (Breakpoint b : points) {
      if (seen == null && b.event.matches(e) && breakpoints.counts(b, machine.currentCpu())) {
        seen = new Seen(b, view(e));
        // The running block ends after this instruction, the run at the next boundary.
        cpu().limit = 0;
        machine.requestStop();
      }
    }
  }

  /** The first event that stops since the last call, or null. */
  Seen take() {
    Seen s = seen;
    seen = null;
    return s;
  }

  private Cpu cpu() {
    return machine.cpus().get(machine.currentCpu());
  }

  private Inspector inspector() {
    return lenses.inspector(machine.currentCpu());
  }

  private EventView view(Event e) {
    Place here = inspector().place();
    boolean entering = e instanceof Event.Raised || e instanceof Event.Interrupt;
    return new EventView(entering ? here : instruction(here), machine.currentCpu(), EventFilter.text(e));
  }

  /** The place of the instruction that is running; RIP is behind it already. */
  private Place instruction(Place behind) {
    long ip = new Flow(inspector()).before(cpu().base, cpu().rip);
    long linear = behind.linear() + ip - behind.offset();
    Symbols.Near near = symbols.near(linear);
    return new Place(behind.guest(), behind.cpu(), behind.count(), behind.nanoseconds(), behind.mode(), behind.cpl(), behind.selector(), ip, linear,
        near == null ? null : near.toString(), symbols.lines().text(linear));
  }
}
