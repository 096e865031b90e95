package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.event.EventKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * The breakpoints, watchpoints and traces of a session. They live in the engine, so they can be set before anything is loaded or mapped and
 * survive a reset; there is no limit on their number.
 *
 * <p>What happens at a hit within a point's scope, in this order: the hit is counted, and {@code --hits} asked; the condition is evaluated;
 * the ignore count is used up; the log line is printed; the command is executed; the handler is asked; the machine stops. A one-shot point
 * is removed by the first hit that gets that far.
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
   * @param scope where it counts
   * @param reaction what comes of a hit
   */
  public record Options(Kind kind, int bytes, boolean once, long ignore, String condition, String name, int cpu, Scope scope,
      Reaction reaction) {
    public static final int ANY_CPU = -1;

    /** Anywhere; the machine stops. */
    public Options(Kind kind, int bytes, boolean once, long ignore, String condition, String name, int cpu) {
      this(kind, bytes, once, ignore, condition, name, cpu, Scope.ANY, Reaction.STOP);
    }

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

    /** The same with another reaction. */
    public Options with(Reaction other) {
      return new Options(kind, bytes, once, ignore, condition, name, cpu, scope, other);
    }

    /** The same with a condition. */
    public Options given(String expression) {
      return new Options(kind, bytes, once, ignore, expression, name, cpu, scope, reaction);
    }

    /** The same elsewhere. */
    public Options in(Scope other) {
      return new Options(kind, bytes, once, ignore, condition, name, cpu, other, reaction);
    }

    /** The same for one hit. */
    public Options oneShot() {
      return new Options(kind, bytes, true, ignore, condition, name, cpu, scope, reaction);
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

  /** Told before they are answered anyway: a handler of these may answer. */
  private static final Set<EventKind> EARLY = EnumSet.of(EventKind.EXIT, EventKind.EXC, EventKind.IRQ, EventKind.INT, EventKind.TASK);
  private static final String NEEDS_BEFORE = "skip, emulate and inject are answers of the stage before: --pre";

  private final TreeMap<Integer, Breakpoint> table = new TreeMap<>();
  private final EventValues values = new EventValues();
  private final PointGroups groups = new PointGroups(this::changed);
  private Consumer<EventView> printer = e -> { };
  private Consumer<String> commands = c -> { };
  private RuntimeException failure;
  private AssertionError broken;
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
    if (where instanceof Address.Host) {
      throw new BadInput(where + ": breakpoints are in a guest's address spaces: v:, l: or p:");
    }
    long address = where instanceof Address.Physical p ? p.address() : host.linear(where);
    return put(new Breakpoint(nextId.getAsInt(), where, address, options));
  }

  /** Sets a breakpoint on events; the machine stops when one has happened, before the handler's first instruction if it has one. */
  public BreakpointView add(EventFilter event, Options options) {
    boolean early = options.reaction().handler() != null && EARLY.contains(event.kind());
    Options all = early ? options.with(options.reaction().early()) : options;
    if (all.reaction().before() && !event.kind().asked()) {
      throw new BadInput(event.kind().word() + " has no stage before: --pre does not go with it");
    }
    check(all);
    return put(new Breakpoint(nextId.getAsInt(), event, all));
  }

  private void check(Options options) {
    new Compiled(options, host.names(host.selected()), values);
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
    return view(b);
  }

  private BreakpointView view(Breakpoint b) {
    return b.view(host.symbols(), active(b));
  }

  private boolean active(Breakpoint b) {
    return b.enabled && groups.active(b.options.reaction().group());
  }

  /** The groups points are switched in. */
  public PointGroups groups() {
    return groups;
  }

  /** Who prints what traces and logs say, on the thread that runs the machine. */
  public void print(Consumer<EventView> who) {
    printer = who;
  }

  /** Who executes the commands of hits, on the thread that runs the machine; they must not run it. */
  public void execute(Consumer<String> who) {
    commands = who;
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
    return table.values().stream().map(this::view).toList();
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
    table.values().forEach(b -> b.compiled = new Compiled[0]);
    host.changed();
  }

  // ---- the engine's side

  /** The active points that a test holds for, by id. */
  List<Breakpoint> active(Predicate<Breakpoint> test) {
    return table.values().stream().filter(b -> active(b) && test.test(b)).toList();
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

  /** Whether a processor that is about to execute the instruction at a linear address is at a point. */
  boolean matches(Breakpoint b, int cpu, long linear) {
    if (b.physical) {
      return host.physical(cpu, linear) == b.address;
    }
    boolean selector = !(b.where instanceof Address.Virtual v) || v.selector() == Address.Virtual.NO_SELECTOR
        || host.inSegment(cpu, v.selector());
    return b.address == linear && selector;
  }

  /** Takes a point through its steps at a hit; what the engine has to do. */
  Verdict meets(Breakpoint b, Vantage v) {
    int only = b.options.cpu();
    if (b.spent || only >= 0 && only != v.number() || !b.options.scope().holds(v.guest(), v.cpu())) {
      return Verdict.GO_ON;
    }
    Reaction r = b.options.reaction();
    b.hits++;
    if (r.hits() != null && !r.hits().holds(b.hits) || !holds(b, v)) {
      return Verdict.GO_ON;
    }
    if (b.ignore > 0) {
      b.ignore--;
      return Verdict.GO_ON;
    }
    b.spent = b.options.once();
    return answer(b, v);
  }

  private boolean holds(Breakpoint b, Vantage v) {
    return b.options.condition() == null || compiled(b, v).holds();
  }

  private Compiled compiled(Breakpoint b, Vantage v) {
    if (b.compiled.length == 0) {
      b.compiled = new Compiled[host.processors()];
    }
    values.set(b.options.kind() == Kind.EXEC ? null : v.event());
    if (b.compiled[v.number()] == null) {
      b.compiled[v.number()] = new Compiled(b.options, host.names(v.number()), values);
    }
    return b.compiled[v.number()];
  }

  private Verdict answer(Breakpoint b, Vantage v) {
    Reaction r = b.options.reaction();
    boolean traces = !r.stops() && r.handler() == null && r.command() == null;
    if (!r.silent() && (r.log() != null || traces)) {
      printer.accept(v.view(r.log() == null ? null : compiled(b, v).log()));
    }
    try {
      if (r.command() != null) {
        commands.accept(r.command());
      }
      Verdict said = r.handler() == null ? r.stops() ? Verdict.stop() : Verdict.GO_ON : r.handler().handle(v.happening(b));
      return said == null ? Verdict.GO_ON : allowed(said, r);
    } catch (RuntimeException wrong) {
      failure = wrong;
    } catch (AssertionError wrong) {
      broken = wrong;
    }
    return Verdict.stop();
  }

  private static Verdict allowed(Verdict said, Reaction r) {
    if (said.changes() && !r.before()) {
      throw new BadInput(NEEDS_BEFORE);
    }
    return said;
  }

  /** Throws what a handler or command threw while the machine ran. */
  void rethrow() {
    RuntimeException wrong = failure;
    AssertionError assertion = broken;
    failure = null;
    broken = null;
    if (wrong != null) {
      throw wrong;
    }
    if (assertion != null) {
      throw assertion;
    }
  }

  /** The view of a point that just stopped the machine. */
  BreakpointView stopped(Breakpoint b) {
    return view(b);
  }

  /** Removes one-shot points that have had their hit. */
  void sweep() {
    if (table.values().removeIf(b -> b.spent)) {
      changed();
    }
  }
}
