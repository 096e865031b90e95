package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * The breakpoints and watchpoints of a session. They live in the engine, so they can be set before anything is loaded or mapped and
 * survive a reset; there is no limit on their number.
 *
 * <p>What happens at a hit, in this order: the hit is counted; the condition is evaluated; the ignore count is used up; only then
 * the machine stops. A one-shot breakpoint is removed by the stop.
 */
public final class Breakpoints {
  /** What a breakpoint waits for. */
  public enum Kind { EXEC, READ, WRITE, ACCESS, EVENT }

  /**
   * How a breakpoint behaves.
   *
   * @param bytes length of a watched range
   * @param once removed when it stops the machine
   * @param ignore how many hits pass first
   * @param condition an expression that must not be zero, or null
   * @param name a name for it, or null
   * @param cpu number of the only processor it is for, or {@link #ANY_CPU}
   */
  public record Options(Kind kind, int bytes, boolean once, long ignore, String condition, String name, int cpu) {
    public static final int ANY_CPU = -1;

    /** For any processor. */
    public Options(Kind kind, int bytes, boolean once, long ignore, String condition, String name) {
      this(kind, bytes, once, ignore, condition, name, ANY_CPU);
    }

    public static final Options EXEC = new Options(Kind.EXEC, 0, false, 0, null, null);
    public static final Options ONCE = new Options(Kind.EXEC, 0, true, 0, null, null);

    /** For events; the filter says which. */
    public static final Options EVENT = new Options(Kind.EVENT, 0, false, 0, null, null);

    public static Options watch(Kind kind, int bytes) {
      return new Options(kind, bytes, false, 0, null, null);
    }
  }

  /** What the table needs of its session. */
  interface Host {
    long linear(Address address);

    /** The physical address as a processor translates a linear one, or -1. */
    long physical(int cpu, long linear);

    /** What a processor knows by name; the selected one's for a new condition. */
    Names names(int cpu);

    /** The processor that commands are about. */
    int selected();

    /** How many processors there are. */
    int processors();

    Symbols symbols();

    /** Whether a processor runs code in the segment a selector names; where selectors are only addresses (real mode), always. */
    boolean inSegment(int cpu, int selector);

    /** The set of enabled points changed. */
    void changed();
  }

  private final TreeMap<Integer, Breakpoint> table = new TreeMap<>();
  private final Host host;
  private final IntSupplier nextId;

  /** @param nextId gives numbers that no other breakpoint has, not even another guest's */
  Breakpoints(Host host, IntSupplier nextId) {
    this.host = host;
    this.nextId = nextId;
  }

  /** Sets a breakpoint; a condition that cannot be evaluated now is refused. */
  public BreakpointView add(Address where, Options options) {
    if (options.kind() == Kind.EVENT) {
      throw new BadInput("events have a filter, not an address");
    }
    if (options.kind() != Kind.EXEC && options.bytes() <= 0) {
      throw new BadInput("a watched range has at least one byte");
    }
    check(options);
    long address = where instanceof Address.Physical p ? p.address() : host.linear(where);
    return put(new Breakpoint(nextId.getAsInt(), where, address, options));
  }

  /** Sets a breakpoint on events; the machine stops when one has happened, before the handler's first instruction if it has one. */
  public BreakpointView add(EventFilter event, Options options) {
    check(options);
    return put(new Breakpoint(nextId.getAsInt(), event, options));
  }

  private void check(Options options) {
    if (options.condition() != null) {
      Expr.evaluate(options.condition(), host.names(host.selected()));
    }
    if (options.cpu() >= host.processors()) {
      throw Lenses.noProcessor(options.cpu(), host.processors());
    }
    if (options.name() != null && table.values().stream().anyMatch(b -> options.name().equals(b.options.name()))) {
      throw new BadInput("there is a breakpoint '" + options.name() + "' already");
    }
  }

  private BreakpointView put(Breakpoint b) {
    table.put(b.id, b);
    changed();
    return b.view(host.symbols());
  }

  public void remove(int id) {
    find(id);
    table.remove(id);
    changed();
  }

  public void clear() {
    table.clear();
    changed();
  }

  public void enable(int id, boolean on) {
    find(id).enabled = on;
    changed();
  }

  /** Lets this many hits pass before the next stop. */
  public void ignore(int id, long hits) {
    find(id).ignore = hits;
  }

  /** All of them, by id. */
  public List<BreakpointView> list() {
    return table.values().stream().map(b -> b.view(host.symbols())).toList();
  }

  /** The id that a number or name stands for. */
  public int id(String idOrName) {
    for (Breakpoint b : table.values()) {
      if (idOrName.equals(b.options.name()) || idOrName.equals(Integer.toString(b.id))) {
        return b.id;
      }
    }
    throw new BadInput("no breakpoint " + idOrName + (table.isEmpty() ? ": none is set" : ": there is " + table.keySet()));
  }

  private Breakpoint find(int id) {
    Breakpoint b = table.get(id);
    if (b == null) {
      throw new BadInput("no breakpoint " + id);
    }
    return b;
  }

  private void changed() {
    host.changed();
  }

  // ---- the engine's side

  /** Addresses of enabled execution breakpoints: the physical or the linear ones. */
  Set<Long> execAddresses(boolean physical) {
    return table.values().stream().filter(b -> b.enabled && b.exec() && b.physical == physical).map(b -> b.address)
        .collect(Collectors.toSet());
  }

  boolean anyWatch() {
    return !watches().isEmpty();
  }

  /** Id of an enabled execution breakpoint at a linear address, or 0: for listings. */
  int at(long linear) {
    for (Breakpoint b : table.values()) {
      if (b.enabled && b.exec() && !b.physical && b.address == linear) {
        return b.id;
      }
    }
    return 0;
  }

  /** The breakpoint that stops a processor before an instruction, after counting and conditions; null if none does. */
  Breakpoint stopsBefore(int cpu, long linear) {
    Breakpoint stops = null;
    for (Breakpoint b : table.values()) {
      if (b.enabled && b.exec() && matches(b, cpu, linear) && counts(b, cpu) && stops == null) {
        stops = b;
      }
    }
    return stops;
  }

  private boolean matches(Breakpoint b, int cpu, long linear) {
    if (b.physical) {
      return host.physical(cpu, linear) == b.address;
    }
    boolean selector = !(b.where instanceof Address.Virtual v) || v.selector() == Address.Virtual.NO_SELECTOR
        || host.inSegment(cpu, v.selector());
    return b.address == linear && selector;
  }

  /** Counts a hit by a processor and says whether it stops. */
  boolean counts(Breakpoint b, int cpu) {
    if (b.options.cpu() >= 0 && b.options.cpu() != cpu) {
      return false;
    }
    b.hits++;
    if (b.options.condition() != null && !holds(b.options.condition(), cpu)) {
      return false;
    }
    if (b.ignore > 0) {
      b.ignore--;
      return false;
    }
    return true;
  }

  /** A condition that cannot be evaluated any more (unmapped memory) stops, so that nobody waits for nothing. */
  private boolean holds(String condition, int cpu) {
    try {
      return Expr.evaluate(condition, host.names(cpu)) != 0;
    } catch (BadInput cannotTell) {
      return true;
    }
  }

  /** Enabled watchpoints. */
  List<Breakpoint> watches() {
    return table.values().stream().filter(b -> b.enabled && b.watch()).toList();
  }

  /** Enabled breakpoints on events. */
  List<Breakpoint> events() {
    return table.values().stream().filter(b -> b.enabled && b.event != null).toList();
  }

  /** The view of a point that just stopped the machine; a one-shot one is removed. */
  BreakpointView stopped(Breakpoint b) {
    BreakpointView view = b.view(host.symbols());
    if (b.options.once()) {
      table.remove(b.id);
      changed();
    }
    return view;
  }
}
