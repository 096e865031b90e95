package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.ConsoleView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.HostConsole;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.Pacing;
import dev.trapline.vm.mmu.Access;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** A session over a machine in this process. */
final class MachineSession implements Session, Breakpoints.Host {
  private static final long NO_ADDRESS = Long.MIN_VALUE;
  /** How often the screen is looked at for an expected text, in instructions: 20 times a second of virtual time as it is by default. */
  private static final long SCREEN_PERIOD = 5_000_000;
  private final SessionNames.Settings settings = new SessionNames.Settings();
  private final Breakpoints breakpoints = new Breakpoints(this);
  private final Tracing tracing = new Tracing(this::changed);
  private IntConsumer debugConsole = b -> {};
  private final Consoles consoles = new Consoles(this::interruptForText);
  private MachineConfig config;
  private Image image;
  private Machine machine;
  private Inspector inspector;
  private SessionNames names;
  private Watches watches;
  private EventWatch events;
  private Stop last;
  private long limit = Long.MAX_VALUE;
  /** Linear address of a breakpoint of the running command itself. */
  private long temporary = NO_ADDRESS;
  private Pacing pacing;
  private boolean stopsAtReset;
  /** Text to wait for on the screen, null for none. */
  private String screenText;
  private volatile boolean interrupted;
  private volatile boolean running;

  MachineSession(MachineConfig config, Image image) {
    this.config = config;
    load(image);
  }

  // ---- life

  @Override
  public Image image() {
    return image;
  }

  @Override
  public Stop load(Image newImage) {
    Machine fresh = machine(newImage);
    consoles.connect(fresh);
    fresh.debugConsole(debugConsole);
    fresh.pacing(pacing);
    image = newImage;
    machine = fresh;
    inspector = new Inspector(fresh, image, breakpoints);
    names = new SessionNames(inspector, image.symbols(), settings);
    changed();
    last = new Stop.Ready(place());
    return last;
  }

  private Machine machine(Image newImage) {
    try {
      return new Machine(config.withImage(newImage.boot()));
    } catch (BootException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  @Override
  public Stop reset() {
    return load(image);
  }

  @Override
  public Stop last() {
    return last;
  }

  // ---- running

  @Override
  public Stop resume() {
    return run(Long.MAX_VALUE, null);
  }

  @Override
  public Stop step(long instructions) {
    ready();
    for (long i = 0; i < Math.min(instructions, limit); i++) {
      Stop stop = interpret(run(machine::step));
      if (stop != null) {
        last = stop;
        return stop;
      }
    }
    last = instructions <= limit ? new Stop.Stepped(place()) : new Stop.Limit(place(), limit + " instructions");
    return last;
  }

  @Override
  public Stop untilCount(long count) {
    if (count < cpu().count) {
      throw new BadInput("#" + count + " is past: " + cpu().count + " instructions have retired; 'reset' starts again");
    }
    return run(count, new Stop.Reached(null, "#" + count));
  }

  @Override
  public Stop runFor(long instructions) {
    return run(saturated(cpu().count, instructions), new Stop.Limit(null, instructions + " instructions"));
  }

  @Override
  public Stop untilText(String text) {
    return awaitText(text, null, false, Long.MAX_VALUE);
  }

  @Override
  public Stop expect(String text, String console, long instructions) {
    return awaitText(text, console, true, instructions);
  }

  /**
   * @param name the console; null for the first serial port and the screen
   * @param earlier whether what was printed since the last match counts
   */
  private Stop awaitText(String text, String name, boolean earlier, long instructions) {
    if (text.isEmpty()) {
      throw new BadInput("an empty text is always there: say what to wait for");
    }
    HostConsole console = consoles.console(name == null ? Consoles.FIRST : name);
    boolean screen = machine.vga().isPresent() && (name == null || console.name().equals(HostConsole.SCREEN));
    try {
      if (consoles.tail(console.name()).expect(text, earlier) || earlier && screen && ScreenViews.shows(machine, text)) {
        return new Stop.Reached(place(), "text '" + text + "'");
      }
      screenText = screen ? text : null;
      boolean bounded = instructions != Long.MAX_VALUE;
      return bounded ? run(saturated(cpu().count, instructions), new Stop.Limit(null, "text '" + text + "'")) : resume();
    } finally {
      consoles.expectNothing();
      screenText = null;
    }
  }

  @Override
  public Stop until(Address address) {
    temporary = linear(address);
    return withTemporary(() -> {
      Stop s = run(Long.MAX_VALUE, null);
      return s instanceof Stop.Reached ? new Stop.Reached(s.at(), address.toString()) : s;
    });
  }

  @Override
  public Stop stepOver(long instructions) {
    Stop s = last;
    for (long i = 0; i < instructions; i++) {
      s = overOne();
      if (!(s instanceof Stop.Stepped)) {
        break;
      }
    }
    return s;
  }

  private Stop overOne() {
    Flow flow = new Flow(inspector);
    if (!flow.calls()) {
      return step(1);
    }
    long stack = flow.stackPointer();
    temporary = flow.nextLinear();
    return withTemporary(() -> {
      Stop s;
      do {
        s = run(Long.MAX_VALUE, null);
        // In a recursion the same address comes up deeper in the stack first.
      } while (s instanceof Stop.Reached && Long.compareUnsigned(new Flow(inspector).stackPointer(), stack) < 0);
      last = s instanceof Stop.Reached ? new Stop.Stepped(s.at()) : s;
      return last;
    });
  }

  @Override
  public Stop finish() {
    long stack = new Flow(inspector).stackPointer();
    long bound = saturated(cpu().count, limit);
    while (true) {
      Flow flow = new Flow(inspector);
      boolean leaves = flow.returns() && Long.compareUnsigned(flow.stackPointer(), stack) >= 0;
      Stop s = overOne();
      if (!(s instanceof Stop.Stepped)) {
        return s;
      }
      if (leaves) {
        return s;
      }
      if (cpu().count >= bound) {
        last = new Stop.Limit(place(), limit + " instructions");
        return last;
      }
    }
  }

  private interface Run {
    Stop go();
  }

  private Stop withTemporary(Run run) {
    changed();
    try {
      return run.go();
    } finally {
      temporary = NO_ADDRESS;
      changed();
    }
  }

  private static long saturated(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }

  /**
   * Runs to a count.
   *
   * @param reached the stop to report (with its place filled in) when the count is reached; null if the count is no goal
   */
  private Stop run(long goal, Stop reached) {
    ready();
    long bound = Math.min(goal, saturated(cpu().count, limit));
    while (true) {
      Stop stop = cpu().count >= bound ? atBound(bound == goal ? reached : null) : once(bound);
      if (stop != null) {
        last = stop;
        return stop;
      }
    }
  }

  private void ready() {
    if (last.finished()) {
      throw new BadInput("the guest has ended: 'reset' starts it again, 'load' another");
    }
    machine.interpreter().passBreakpoint();
  }

  private Stop atBound(Stop reached) {
    return switch (reached) {
      case Stop.Reached r -> new Stop.Reached(place(), r.what());
      case Stop.Limit l -> new Stop.Limit(place(), l.what());
      case null, default -> new Stop.Limit(place(), limit + " instructions");
    };
  }

  /** Lets the machine run once; null if nothing that it came back for stops it. */
  private Stop once(long bound) {
    Stop early = interruption();
    if (early != null) {
      return early;
    }
    if (screenText == null) {
      return interpret(run(() -> machine.run(bound - cpu().count)));
    }
    Stop stop = interpret(run(() -> machine.run(Math.min(SCREEN_PERIOD, bound - cpu().count))));
    boolean goesOn = stop == null || stop instanceof Stop.Waiting;
    return goesOn && ScreenViews.shows(machine, screenText) ? new Stop.Reached(place(), "text '" + screenText + "' on the screen") : stop;
  }

  private Outcome run(Supplier<Outcome> work) {
    running = true;
    try {
      return work.get();
    } finally {
      running = false;
    }
  }

  /** What an outcome means to the user; null if nothing. */
  private Stop interpret(Outcome outcome) {
    Watches.Seen seen = watches == null ? null : watches.take();
    if (seen != null) {
      return watched(seen);
    }
    EventWatch.Seen event = events == null ? null : events.take();
    if (event != null && !(outcome instanceof Outcome.Exit || outcome instanceof Outcome.PowerOff
        || outcome instanceof Outcome.ResetRequested || outcome instanceof Outcome.TripleFault)) {
      return new Stop.Happened(place(), breakpoints.stopped(event.point()), event.event());
    }
    String text = consoles.takeSeen();
    if (text != null) {
      return new Stop.Reached(place(), "text '" + text + "'");
    }
    return switch (outcome) {
      case Outcome.Limit l -> null;
      case Outcome.Requested r -> interruption();
      case Outcome.Breakpoint b -> atBreakpoint();
      case Outcome.Exit e -> new Stop.Exit(place(), e.value(), e.status());
      case Outcome.PowerOff p -> new Stop.Off(place(), "power-off");
      case Outcome.ResetRequested r -> resetByGuest();
      case Outcome.Waiting w -> new Stop.Waiting(place());
      case Outcome.TripleFault t -> new Stop.TripleFault(place());
      case Outcome.Dead d -> new Stop.Dead(place());
    };
  }

  /** The machine starts again, as a PC does, unless the user wants to see the guest's last state. */
  private Stop resetByGuest() {
    if (stopsAtReset) {
      return new Stop.Off(place(), "reset");
    }
    machine.restart();
    return null;
  }

  @Override
  public void stopAtReset(boolean stops) {
    stopsAtReset = stops;
  }

  private Stop interruption() {
    boolean was = interrupted;
    interrupted = false;
    return was ? new Stop.Interrupted(place()) : null;
  }

  private Stop atBreakpoint() {
    long here = linear(inspector.here());
    Breakpoint b = breakpoints.stopsBefore(here);
    if (b != null) {
      return new Stop.Hit(place(), breakpoints.stopped(b));
    }
    return here == temporary ? new Stop.Reached(place(), "") : null;
  }

  private Stop watched(Watches.Seen seen) {
    long after = watches.value(seen.point());
    long ip = new Flow(inspector).before(seen.block(), cpu().rip);
    BreakpointView view = breakpoints.stopped(seen.point());
    return new Stop.Watched(place(), view, seen.access().name().toLowerCase(Locale.ROOT), seen.linear(), seen.bytes(), seen.before(),
        seen.access() == Access.WRITE ? after : seen.before(), ip);
  }

  @Override
  public void limit(long instructions) {
    limit = instructions <= 0 ? Long.MAX_VALUE : instructions;
  }

  @Override
  public void interrupt() {
    interrupted = true;
    machine.requestStop();
  }

  @Override
  public boolean running() {
    return running;
  }

  @Override
  public void forgetInterrupt() {
    interrupted = false;
  }

  private void interruptForText() {
    machine.requestStop();
  }

  // ---- looking and changing

  @Override
  public Breakpoints breakpoints() {
    return breakpoints;
  }

  @Override
  public Tracing tracing() {
    return tracing;
  }

  @Override
  public Inspector inspect() {
    return inspector;
  }

  @Override
  public Symbols symbols() {
    return image.symbols();
  }

  @Override
  public int symbols(Path file) {
    return symbols(SystemMap.read(file));
  }

  @Override
  public int symbolsOfGuest() {
    Symbols found = Kallsyms.find(machine.memory());
    if (found.size() == 0) {
      throw new BadInput("no Linux symbol table in the guest's memory (has the kernel unpacked itself yet?)");
    }
    return symbols(found);
  }

  private int symbols(Symbols found) {
    image = image.withSymbols(found);
    inspector = new Inspector(machine, image, breakpoints);
    names = new SessionNames(inspector, found, settings);
    changed();
    return found.size();
  }

  @Override
  public Names names() {
    return names;
  }

  @Override
  public void radix(int radix) {
    settings.radix = radix;
  }

  @Override
  public void register(String name, long value) {
    inspector.names().set(name, value);
    last = new Stop.Ready(place());
  }

  @Override
  public void write(Address to, byte[] bytes) {
    inspector.spaces().write(to, bytes);
  }

  @Override
  public List<CodeLine> assemble(Address at, String source, CodeSize size, boolean write) {
    byte[] bytes = new LineAssembler(names).assemble(source, inspector.spaces().linear(at), size);
    return write ? written(at, bytes, size) : inspector.bytes(at, bytes, size);
  }

  private List<CodeLine> written(Address at, byte[] bytes, CodeSize size) {
    write(at, bytes);
    return inspector.code(at, inspector.bytes(at, bytes, size).size(), size);
  }

  @Override
  public List<ConsoleView> consoles() {
    return consoles.views();
  }

  @Override
  public ConsoleView console(String name) {
    String known = consoles.console(name).name();
    return consoles.views().stream().filter(v -> v.name().equals(known)).findFirst().orElseThrow();
  }

  @Override
  public List<String> printed(String console, int lines) {
    return consoles.tail(consoles.console(console).name()).lines(lines);
  }

  @Override
  public void type(String console, byte[] bytes) {
    consoles.type(console, bytes);
  }

  @Override
  public void typeKeys(String text) {
    if (machine.vga().isEmpty()) {
      throw new BadInput("this machine has no keyboard: --bios, --screen or a Linux kernel give it one");
    }
    consoles.type(HostConsole.SCREEN, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void key(int code) {
    consoles.console(HostConsole.SCREEN).key(code);
  }

  @Override
  public void onConsole(String console, IntConsumer sink) {
    consoles.output(console, sink);
  }

  @Override
  public void onDebugConsole(IntConsumer sink) {
    debugConsole = sink;
    machine.debugConsole(sink);
  }

  @Override
  public void pacing(Pacing value) {
    pacing = value;
    machine.pacing(value);
  }

  @Override
  public long perSecond() {
    return config.instructionsPerSecond();
  }

  @Override
  public long executed() {
    return cpu().count - machine.idle();
  }

  @Override
  public long stateHash() {
    return machine.stateHash();
  }

  private Cpu cpu() {
    return machine.cpu();
  }

  private Place place() {
    return inspector.place();
  }

  // ---- for the breakpoints

  @Override
  public long linear(Address address) {
    return inspector.spaces().linear(address);
  }

  @Override
  public long physical(long linear) {
    return inspector.spaces().physical(new Address.Linear(linear));
  }

  @Override
  public boolean inSegment(int selector) {
    boolean real = !cpu().protectedMode() || cpu().v86();
    return real || (cpu().seg[Cpu.CS].selector & ~3) == (selector & ~3);
  }

  @Override
  public void changed() {
    Set<Long> linear = new HashSet<>(breakpoints.execAddresses(false));
    if (temporary != NO_ADDRESS) {
      linear.add(temporary);
    }
    machine.interpreter().breakpoints().set(linear, breakpoints.execAddresses(true));
    watches = breakpoints.anyWatch() ? new Watches(cpu(), breakpoints, machine::requestStop) : null;
    cpu().mem.watch(watches);
    boolean listens = !breakpoints.events().isEmpty() || !tracing.list().isEmpty();
    events = listens ? new EventWatch(machine, inspector, image.symbols(), breakpoints, tracing) : null;
    machine.listen(events);
  }
}
