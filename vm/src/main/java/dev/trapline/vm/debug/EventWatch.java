package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.StopBefore;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.machine.Machine;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The engine's side of points on events. The machine has it as its listener only while there is one, and for the kinds of those there are. */
final class EventWatch implements EventListener, Consumer<Cpu> {
  private static final StopBefore STOP_BEFORE = new StopBefore();

  private final Machine machine;
  private final List<Vantage> vantages;
  private final Breakpoints breakpoints;
  private final Traps traps;
  private final Map<EventKind, List<Breakpoint>> points = new EnumMap<>(EventKind.class);
  private final boolean[] wanted = new boolean[EventKind.values().length];
  private final String[] modes;

  EventWatch(Machine machine, List<Vantage> vantages, Breakpoints breakpoints, Traps traps) {
    this.machine = machine;
    this.vantages = vantages;
    this.breakpoints = breakpoints;
    this.traps = traps;
    this.modes = machine.cpus().stream().map(Cpu::modeName).toArray(String[]::new);
    for (Breakpoint b : breakpoints.active(p -> p.event != null && !p.named() && p.event.kind() != EventKind.COUNT)) {
      points.computeIfAbsent(b.event.kind(), k -> new ArrayList<>()).add(b);
      wanted[b.event.kind().ordinal()] = true;
    }
  }

  boolean idle() {
    return points.isEmpty();
  }

  @Override
  public boolean wants(EventKind kind) {
    return wanted[kind.ordinal()];
  }

  @Override
  public void happened(Event e) {
    tell(e, e.kind());
    if (e instanceof Event.Control c && c.number() == 3) {
      tell(e, EventKind.CR3);
    }
  }

  private void tell(Event e, EventKind kind) {
    for (Breakpoint b : of(kind)) {
      if (!b.options.reaction().before() && b.event.matches(e)) {
        Vantage v = vantages.get(machine.look()).at(e);
        if (breakpoints.meets(b, v) instanceof Verdict.Stop) {
          stop(b, v);
        }
      }
    }
  }

  private List<Breakpoint> of(EventKind kind) {
    return points.getOrDefault(kind, List.of());
  }

  private void stop(Breakpoint b, Vantage v) {
    traps.stop(b, v.view(null));
    machine.stopHere();
  }

  // ---- the stage before

  @Override
  public Instead before(Event e) {
    Instead said = ask(e, e.kind());
    return said == null && e instanceof Event.Control c && c.number() == 3 ? ask(e, EventKind.CR3) : said;
  }

  private Instead ask(Event e, EventKind kind) {
    for (Breakpoint b : of(kind)) {
      if (b.options.reaction().before() && b.event.matches(e)) {
        Vantage v = vantages.get(machine.look());
        Instead said = traps.passes(b, v.cpu().rip) ? null : instead(b, v.at(e));
        if (said != null) {
          return said;
        }
      }
    }
    return null;
  }

  private Instead instead(Breakpoint b, Vantage v) {
    return switch (breakpoints.meets(b, v)) {
      case Verdict.GoOn g -> null;
      case Verdict.Skip s -> new Instead.Nothing();
      case Verdict.Emulate m -> new Instead.Value(m.value());
      case Verdict.Inject i -> raise(v, i);
      case Verdict.Stop s -> {
        stop(b, v);
        if (ofInstruction(v.event())) {
          traps.passNext(b, v.cpu().rip);
          throw STOP_BEFORE;
        }
        yield null;
      }
    };
  }

  /** Whether it is an instruction's own access: it can be given up and made again. */
  private static boolean ofInstruction(Event e) {
    return switch (e) {
      case Event.Port p -> true;
      case Event.Mmio m -> true;
      case Event.Msr m -> true;
      case Event.Control c -> true;
      case Event.Debug d -> true;
      default -> false;
    };
  }

  /** The buses know no exceptions: there it is raised here, out of the instruction. */
  private static Instead raise(Vantage v, Verdict.Inject i) {
    boolean bus = v.event() instanceof Event.Port || v.event() instanceof Event.Mmio;
    if (!bus) {
      return new Instead.Raise(i.vector(), i.errorCode());
    }
    throw v.cpu().raise(i.vector(), i.errorCode());
  }

  // ---- modes

  @Override
  public void accept(Cpu c) {
    int n = c.model.index();
    boolean own = c == machine.cpus().get(Math.min(n, modes.length - 1)) || c.svm.guest;
    int number = c == machine.cpus().get(Math.min(n, modes.length - 1)) ? n : machine.currentCpu();
    String now = c.modeName();
    if (own && !now.equals(modes[number])) {
      String before = modes[number];
      modes[number] = now;
      happened(new Event.Mode(before, now));
    }
  }

  /** Delivers what a handler injects before an instruction. */
  static void deliver(Cpu c, Verdict.Inject i) {
    if (i.vector() < 32) {
      c.raise(i.vector(), i.errorCode());
      Delivery.deliverFault(c);
    } else {
      Delivery.interrupt(c, i.vector());
    }
  }
}
