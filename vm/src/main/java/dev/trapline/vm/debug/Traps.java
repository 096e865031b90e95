package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mmu.Access;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The breakpoints of a session in the engines of its machine's processors, and what it means when one was met. */
final class Traps {
  private static final long NO_ADDRESS = Long.MIN_VALUE;
  private final Machine machine;
  private final Lenses lenses;
  private final Breakpoints breakpoints;
  private List<Watches> watches = List.of();
  private EventWatch events;
  /** Linear address of a breakpoint of the running command itself, and for which processor. */
  private long temporary = NO_ADDRESS;
  private int temporaryCpu;

  Traps(Machine machine, Lenses lenses, Breakpoints breakpoints) {
    this.machine = machine;
    this.lenses = lenses;
    this.breakpoints = breakpoints;
  }

  /** Puts the enabled points into the engines. */
  void set(Symbols symbols, Tracing tracing) {
    Set<Long> linear = new HashSet<>(breakpoints.execAddresses(false));
    if (temporary != NO_ADDRESS) {
      linear.add(temporary);
    }
    Set<Long> physical = breakpoints.execAddresses(true);
    machine.interpreters().forEach(i -> i.breakpoints().set(linear, physical));
    boolean watched = breakpoints.anyWatch();
    watches = watched ? machine.cpus().stream().map(c -> new Watches(c, breakpoints, machine::requestStop)).toList() : List.of();
    machine.cpus().forEach(c -> c.mem.watch(watched ? watches.get(c.model.index()) : null));
    boolean listens = !breakpoints.events().isEmpty() || !tracing.list().isEmpty();
    events = listens ? new EventWatch(machine, lenses, symbols, breakpoints, tracing) : null;
    machine.listen(events);
  }

  /** A breakpoint of the running command itself, in effect from the next {@link #set}. */
  void temporary(long address, int cpu) {
    temporary = address;
    temporaryCpu = cpu;
  }

  void noTemporary() {
    temporary = NO_ADDRESS;
  }

  /** What was watched and happened while the machine ran; null if nothing did. An outcome that ends the guest hides events. */
  Stop seen(Outcome outcome) {
    for (int i = 0; i < watches.size(); i++) {
      Watches.Seen seen = watches.get(i).take();
      if (seen != null) {
        return watched(i, seen);
      }
    }
    EventWatch.Seen event = events == null ? null : events.take();
    boolean ended = outcome instanceof Outcome.Exit || outcome instanceof Outcome.PowerOff || outcome instanceof Outcome.ResetRequested
        || outcome instanceof Outcome.TripleFault;
    return event == null || ended ? null
        : new Stop.Happened(lenses.inspector(event.event().cpu()).place(), breakpoints.stopped(event.point()), event.event());
  }

  private Stop watched(int number, Watches.Seen seen) {
    Inspector there = lenses.inspector(number);
    long after = watches.get(number).value(seen.point());
    Cpu cpu = machine.cpus().get(number);
    long ip = new Flow(there).before(seen.block(), cpu.rip);
    BreakpointView view = breakpoints.stopped(seen.point());
    return new Stop.Watched(there.place(), view, seen.access().name().toLowerCase(Locale.ROOT), seen.linear(), seen.bytes(),
        seen.before(), seen.access() == Access.WRITE ? after : seen.before(), ip);
  }

  /** What it means that the processor whose turn it is stands before a breakpoint; null if nothing to the user. */
  Stop atBreakpoint() {
    int cpu = machine.currentCpu();
    Inspector there = lenses.inspector(cpu);
    long here = there.spaces().linear(there.here());
    Breakpoint b = breakpoints.stopsBefore(cpu, here);
    if (b != null) {
      return new Stop.Hit(there.place(), breakpoints.stopped(b));
    }
    boolean reached = here == temporary && (temporaryCpu == cpu || temporaryCpu == Breakpoints.Options.ANY_CPU);
    return reached ? new Stop.Reached(there.place(), "") : null;
  }
}
