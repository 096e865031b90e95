package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.interp.Breakpoints.Answer;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.util.LongMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The breakpoints of a session in the engines of its machine's processors, and what it means when one was met. */
final class Traps {
  private static final long NO_ADDRESS = Long.MIN_VALUE;
  private final Machine machine;
  private final Lenses lenses;
  private final Breakpoints breakpoints;
  private final List<Vantage> vantages;
  private List<Watches> watches = List.of();
  private EventWatch events;
  private LongMap<List<Breakpoint>> linear = new LongMap<>(Map.of());
  /** Execution breakpoints by physical address and by name. */
  private List<Breakpoint> others = List.of();
  private List<Breakpoint> counts = List.of();
  /** Linear address of a breakpoint of the running command itself, and for which processor. */
  private long temporary = NO_ADDRESS;
  private int temporaryCpu;
  /** What the engine was stopped before: a breakpoint, or the running command's own if {@link #reached}. */
  private Breakpoint standing;
  private boolean reached;
  private Breakpoint stopped;
  private EventView happened;
  /** The point that stopped before an access, and where: the access is not asked about again. */
  private Breakpoint passing;
  private long passingAt;

  Traps(Machine machine, Lenses lenses, Symbols symbols, Breakpoints breakpoints) {
    this.machine = machine;
    this.lenses = lenses;
    this.breakpoints = breakpoints;
    this.vantages = IntStream.range(0, lenses.count()).mapToObj(i -> new Vantage(machine, lenses, symbols, i)).toList();
  }

  /** Puts the active points into the engines. */
  void set() {
    addresses();
    boolean watched = !breakpoints.active(Breakpoint::watch).isEmpty();
    watches = watched ? machine.cpus().stream().map(c -> new Watches(machine, vantages.get(c.model.index()), breakpoints)).toList() : List.of();
    machine.cpus().forEach(c -> c.mem.watch(watched ? watches.get(c.model.index()) : null));
    EventWatch all = new EventWatch(machine, vantages, breakpoints, this);
    events = all.idle() ? null : all;
    machine.listen(events);
    machine.listenToModes(wants(EventKind.MODE) ? events : null);
    counts = breakpoints.active(b -> b.event != null && b.event.kind() == EventKind.COUNT);
  }

  private void addresses() {
    Map<Long, List<Breakpoint>> at = breakpoints.active(b -> b.exec() && !b.physical).stream().collect(Collectors.groupingBy(b -> b.address));
    linear = new LongMap<>(at);
    others = breakpoints.active(b -> b.exec() && b.physical || b.named());
    Set<Long> stops = new HashSet<>(at.keySet());
    if (temporary != NO_ADDRESS) {
      stops.add(temporary);
    }
    Set<Long> physical = others.stream().filter(b -> b.physical).map(b -> b.address).collect(Collectors.toSet());
    Set<String> names = others.stream().filter(Breakpoint::named).map(b -> b.event.text()).collect(Collectors.toSet());
    machine.interpreters().forEach(i -> {
      i.breakpoints().ask(names, this::stands);
      i.breakpoints().set(stops, physical);
    });
  }

  /** Whether anybody waits for events of a kind. */
  boolean wants(EventKind kind) {
    return events != null && events.wants(kind);
  }

  /** Something happened that the machine does not tell of itself. */
  void happened(Event e) {
    events.happened(e);
  }

  /** A breakpoint of the running command itself, in effect from the next {@link #set}. */
  void temporary(long address, int cpu) {
    temporary = address;
    temporaryCpu = cpu;
  }

  void noTemporary() {
    temporary = NO_ADDRESS;
  }

  // ---- in the middle of the run

  /** The engine stands before an instruction with a breakpoint. */
  private Answer stands(Cpu c, Insn next, long at) {
    if (ofMonitor(c)) {
      return Answer.GO;
    }
    int cpu = machine.look();
    Vantage v = vantages.get(cpu).before(next, at);
    Answer answer = Answer.GO;
    List<Breakpoint> here = linear.get(at);
    for (int i = 0; here != null && i < here.size(); i++) {
      answer = more(answer, meets(c, here.get(i), v, next, at));
    }
    for (int i = 0; i < others.size(); i++) {
      answer = more(answer, meets(c, others.get(i), v, next, at));
    }
    if (answer == Answer.GO && at == temporary && (temporaryCpu == cpu || temporaryCpu == Breakpoints.Options.ANY_CPU)) {
      reached = true;
      return Answer.STOP;
    }
    return answer;
  }

  /** Whether it is the monitor's own code: its processor, in neither guest mode nor at a guest's lower privilege. */
  private boolean ofMonitor(Cpu c) {
    return c.cpl == 0 && !c.svm.guest && !machine.cpus().contains(c);
  }

  private static Answer more(Answer a, Answer b) {
    return a == Answer.STOP || b == Answer.GO ? a : b;
  }

  private Answer meets(Cpu c, Breakpoint b, Vantage v, Insn next, long at) {
    boolean here = b.named() ? next != null && next.row.mnemonic().equals(b.event.text()) : breakpoints.matches(b, v.number(), at);
    if (!here) {
      return Answer.GO;
    }
    return switch (breakpoints.meets(b, v)) {
      case Verdict.GoOn g -> Answer.GO;
      case Verdict.Stop s -> {
        standing = standing == null ? b : standing;
        yield Answer.STOP;
      }
      case Verdict.Inject i -> {
        EventWatch.deliver(c, i);
        yield Answer.AGAIN;
      }
      default -> {
        c.rip += next == null ? 1 : next.length;
        yield Answer.AGAIN;
      }
    };
  }

  /** An event stops the machine; the first one does. */
  void stop(Breakpoint b, EventView what) {
    if (stopped == null) {
      stopped = b;
      happened = what;
    }
  }

  /** The access that a point stopped before is not to be asked about when it is made at last. */
  void passNext(Breakpoint b, long rip) {
    passing = b;
    passingAt = rip;
  }

  boolean passes(Breakpoint b, long rip) {
    boolean same = passing == b && passingAt == rip;
    passing = same ? null : passing;
    return same;
  }

  // ---- after it

  /** The count at which a point wants to be asked next after this one. */
  long nextCount(long now) {
    long next = Long.MAX_VALUE;
    for (Breakpoint b : counts) {
      long n = b.event.first();
      boolean every = b.event.text() != null;
      next = Math.min(next, every ? (now / n + 1) * n : n > now ? n : Long.MAX_VALUE);
    }
    return next;
  }

  /** The count was reached: asks the points. */
  Stop counted(long count, int cpu) {
    for (Breakpoint b : counts) {
      boolean due = b.event.text() != null ? count % b.event.first() == 0 : b.event.first() == count;
      Vantage v = vantages.get(cpu).at(new Event.Count(count));
      if (due && breakpoints.meets(b, v) instanceof Verdict.Stop) {
        stop(b, v.view(null));
      }
    }
    return event();
  }

  /** What was watched and happened while the machine ran; null if nothing did. An outcome that ends the guest hides events. */
  Stop seen(Outcome outcome) {
    breakpoints.rethrow();
    for (int i = 0; i < watches.size(); i++) {
      Watches.Seen seen = watches.get(i).take();
      if (seen != null) {
        return swept(watched(i, seen));
      }
    }
    boolean ended = outcome instanceof Outcome.Exit || outcome instanceof Outcome.PowerOff || outcome instanceof Outcome.ResetRequested
        || outcome instanceof Outcome.TripleFault;
    Stop event = event();
    return ended ? null : event;
  }

  private Stop event() {
    Breakpoint b = stopped;
    stopped = null;
    if (b == null) {
      return null;
    }
    BreakpointView view = breakpoints.stopped(b);
    return swept(new Stop.Happened(lenses.inspector(happened.cpu()).place(), view, happened));
  }

  /** One-shot points go. */
  private Stop swept(Stop s) {
    breakpoints.sweep();
    return s;
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
    Inspector there = lenses.inspector(machine.currentCpu());
    Breakpoint b = standing;
    boolean end = reached;
    standing = null;
    reached = false;
    if (b != null) {
      BreakpointView view = breakpoints.stopped(b);
      return swept(b.named() ? new Stop.Happened(there.place(), view, vantages.get(machine.currentCpu()).view(null))
          : new Stop.Hit(there.place(), view));
    }
    return end ? new Stop.Reached(there.place(), "") : null;
  }
}
