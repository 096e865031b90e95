package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.ConsoleView;
import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.disasm.Syntax;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.HostConsole;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.Pacing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** A session over a machine in this process. */
final class MachineSession implements Session, CallSteps.Host {
  /** How often the screen is looked at for an expected text, in instructions: 20 times a second of virtual time as it is by default. */
  private static final long SCREEN_PERIOD = 5_000_000;
  private final SessionNames.Settings settings = new SessionNames.Settings();
  private final Breakpoints breakpoints = new Breakpoints(new SessionPlaces(this));
  private final CallSteps callSteps = new CallSteps(this);
  private IntConsumer debugConsole = b -> {};
  private final Consoles consoles = new Consoles(() -> this.machine.requestStop());
  private final Machines machines;
  private MachineConfig config;
  private Image image;
  private Machine machine;
  private Lenses lenses;
  /** Number of the processor that commands are about. */
  private int selected;
  private Traps traps;
  private Stop last;
  private long limit = Long.MAX_VALUE;
  private Pacing pacing;
  private boolean stopsAtReset;
  /** Text to wait for on the screen, null for none. */
  private String screenText;
  private volatile boolean interrupted;
  private volatile boolean running;
  private final Saves saves = new Saves(this);
  private final PageTables tables = new PageTables(this::inspect);

  MachineSession(MachineConfig config, Image image, Machines machines) {
    this.config = config;
    this.machines = machines;
    load(image);
  }

  MachineSession(Saves.Opened saved) {
    this.machines = Machines.BARE;
    install(saved);
  }

  // ---- life

  @Override
  public Image image() {
    return image;
  }

  @Override
  public Stop load(Image newImage) {
    return install(machine(newImage), newImage);
  }

  /** Takes over a machine from a file. */
  Stop install(Saves.Opened saved) {
    config = saved.config();
    return install(saved.machine(), saved.image());
  }

  private Stop install(Machine fresh, Image newImage) {
    saves.stopRecording();
    consoles.connect(fresh);
    fresh.debugConsole(debugConsole);
    fresh.pacing(pacing);
    image = newImage;
    machine = fresh;
    lenses = new Lenses(fresh, image, breakpoints, settings);
    traps = new Traps(fresh, lenses, image.symbols(), breakpoints);
    selected = 0;
    changed();
    last = new Stop.Ready(place());
    return last;
  }

  private Machine machine(Image newImage) {
    try {
      return machines.make(config.withImage(newImage.boot()));
    } catch (BootException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  Machine machine() {
    return machine;
  }

  /** Machines to come have this date and time when they start. */
  void start(LocalDateTime when) {
    config = config.withStart(when);
  }

  @Override
  public Saves saves() {
    return saves;
  }

  @Override
  public Stop reset() {
    return load(image);
  }

  @Override
  public Stop last() {
    return last;
  }

  @Override
  public MonitorViews monitor() {
    return machines.views();
  }

  // ---- running

  @Override
  public Stop resume() {
    return run(Long.MAX_VALUE, null);
  }

  @Override
  public Stop step(long instructions) {
    if (machine.waitsForStartup(selected)) {
      throw new BadInput("processor " + selected + " has not been started: 'si --all' steps the one whose turn it is");
    }
    int cpu = selected;
    return steps(instructions, bound -> machine.steps().one(cpu, bound), false);
  }

  @Override
  public Stop stepAny(long instructions) {
    return steps(instructions, bound -> machine.steps().any(), true);
  }

  private Stop steps(long instructions, LongFunction<Outcome> one, boolean any) {
    ready();
    long bound = Numbers.saturated(cpu().count, limit);
    Stop stop = null;
    running = true;
    try {
      for (long i = 0; i < instructions && stop == null; i++) {
        stop = cpu().count >= bound ? new Stop.Limit(place(), limit + " instructions") : interpret(one.apply(bound));
        selected = any && stop == null ? machine.lastRun() : selected;
      }
    } finally {
      running = false;
    }
    last = stop == null ? new Stop.Stepped(place()) : stop;
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
    return run(Numbers.saturated(cpu().count, instructions), new Stop.Limit(null, instructions + " instructions"));
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
      return bounded ? run(Numbers.saturated(cpu().count, instructions), new Stop.Limit(null, "text '" + text + "'")) : resume();
    } finally {
      consoles.expectNothing();
      screenText = null;
    }
  }

  @Override
  public Stop until(Address address) {
    return withTemporary(inspect().spaces().linear(address), Breakpoints.Options.ANY_CPU, () -> {
      Stop s = resume();
      return s instanceof Stop.Reached ? new Stop.Reached(s.at(), address.toString()) : s;
    });
  }

  @Override
  public Stop stepOver(long instructions) {
    Stop s = last;
    for (long i = 0; i < instructions; i++) {
      s = callSteps.over();
      last = s;
      if (!(s instanceof Stop.Stepped)) {
        break;
      }
    }
    return s;
  }

  @Override
  public Stop finish() {
    long bound = Numbers.saturated(cpu().count, limit);
    Stop s = callSteps.out(() -> cpu().count >= bound);
    last = s == null ? new Stop.Limit(place(), limit + " instructions") : s;
    return last;
  }

  @Override
  public Stop step() {
    return step(1);
  }

  @Override
  public Stop withTemporary(long linear, Supplier<Stop> work) {
    return withTemporary(linear, selected, work);
  }

  private Stop withTemporary(long address, int cpu, Supplier<Stop> work) {
    traps.temporary(address, cpu);
    changed();
    try {
      return work.get();
    } finally {
      traps.noTemporary();
      changed();
    }
  }

  /**
   * Runs to a count.
   *
   * @param reached the stop to report (with its place filled in) when the count is reached; null if the count is no goal
   */
  private Stop run(long goal, Stop reached) {
    ready();
    long bound = Math.min(goal, Numbers.saturated(cpu().count, limit));
    // All the time: an interruption between two pieces of the run must not be lost.
    running = true;
    try {
      Stop stop = null;
      while (stop == null) {
        stop = cpu().count >= bound ? atBound(bound == goal ? reached : null) : counted(bound);
      }
      last = stop;
      return stop;
    } finally {
      running = false;
    }
  }

  private void ready() {
    if (running) {
      throw new BadInput("the machine is running: a breakpoint's command or handler cannot run it");
    }
    if (last.finished()) {
      throw new BadInput("the guest has ended: 'reset' starts it again, 'load' another");
    }
    machine.interpreters().get(selected).passBreakpoint();
  }

  private Stop atBound(Stop reached) {
    return switch (reached) {
      case Stop.Reached r -> new Stop.Reached(place(), r.what());
      case Stop.Limit l -> new Stop.Limit(place(), l.what());
      case null, default -> new Stop.Limit(place(), limit + " instructions");
    };
  }

  /** Lets it run once, at most to the next count that a breakpoint waits for. */
  private Stop counted(long bound) {
    long next = traps.nextCount(cpu().count);
    Stop stop = once(Math.min(bound, next));
    return stop == null && cpu().count >= next ? traps.counted(next, selected) : stop;
  }

  /** Lets the machine run once; null if nothing that it came back for stops it. */
  private Stop once(long bound) {
    Stop early = interruption();
    if (early != null) {
      return early;
    }
    int cpu = selected;
    if (screenText == null) {
      return interpret(machine.runTo(cpu, bound));
    }
    Stop stop = interpret(machine.runTo(cpu, Math.min(Numbers.saturated(cpu().count, SCREEN_PERIOD), bound)));
    boolean goesOn = stop == null || stop instanceof Stop.Waiting;
    return goesOn && ScreenViews.shows(machine, screenText) ? new Stop.Reached(place(), "text '" + screenText + "' on the screen") : stop;
  }

  /** What an outcome means to the user; null if nothing. The processor that stopped is the selected one from then on. */
  private Stop interpret(Outcome outcome) {
    Stop stop = meaning(outcome);
    selected = stop == null ? selected : stop.at().cpu();
    return stop;
  }

  private Stop meaning(Outcome outcome) {
    Stop seen = traps.seen(outcome);
    if (seen != null) {
      return seen;
    }
    String text = consoles.takeSeen();
    if (text != null) {
      return new Stop.Reached(place(), "text '" + text + "'");
    }
    return switch (outcome) {
      case Outcome.Limit l -> null;
      case Outcome.Requested r -> interruption();
      case Outcome.Breakpoint b -> traps.atBreakpoint();
      case Outcome.Exit e -> new Stop.Exit(lenses.inspector(machine.lastRun()).place(), e.value(), e.status());
      case Outcome.PowerOff p -> new Stop.Off(place(), "power-off");
      case Outcome.ResetRequested r -> resetByGuest();
      case Outcome.Waiting w -> new Stop.Waiting(place());
      case Outcome.TripleFault t -> new Stop.TripleFault(lenses.inspector(lenses.shutdown(selected)).place());
      case Outcome.Dead d -> new Stop.Dead(place());
      case Outcome.Broken b -> throw new BadInput(b.why());
      case Outcome.LeftGuest l -> throw new IllegalStateException("a monitor has this machine: its guests are what is debugged");
      case Outcome.Replayed r -> new Stop.Replayed(place());
      case Outcome.Diverged d -> new Stop.Diverged(place(), d.how());
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

  // ---- looking and changing

  @Override
  public Breakpoints breakpoints() {
    return breakpoints;
  }

  @Override
  public Inspector inspect() {
    return lenses.inspector(selected);
  }

  @Override
  public PageTables tables() {
    return tables;
  }

  @Override
  public List<CpuView> cpus() {
    return lenses.views(selected);
  }

  @Override
  public void select(int number) {
    if (number < 0 || number >= lenses.count()) {
      throw Lenses.noProcessor(number, lenses.count());
    }
    selected = number;
  }

  @Override
  public Symbols symbols() {
    return image.symbols();
  }

  @Override
  public FieldsView symbols(Path file) {
    return symbols(LinuxSymbols.ofFile(file.toString(), SystemMap.read(file), DwarfLines.of(Image.read(file)), inspect().idt()));
  }

  @Override
  public FieldsView symbolsOfGuest() {
    return symbols(LinuxSymbols.ofGuest(machine.memory(), image.boot(), inspect().idt()));
  }

  private FieldsView symbols(Symbols found) {
    image = image.withSymbols(found);
    lenses = new Lenses(machine, image, breakpoints, settings);
    traps = new Traps(machine, lenses, image.symbols(), breakpoints);
    changed();
    return LinuxSymbols.view(found);
  }

  @Override
  public Names names() {
    return lenses.names(selected);
  }

  @Override
  public void syntax(Syntax syntax) {
    settings.syntax = syntax;
  }

  @Override
  public void radix(int radix) {
    settings.radix = radix;
  }

  @Override
  public void register(String name, long value) {
    open();
    machine.inputs().change(cpu(), () -> inspect().names().set(name, value));
    last = new Stop.Ready(place());
  }

  @Override
  public void write(Address to, byte[] bytes) {
    open();
    inspect().spaces().write(to, bytes, machine.inputs()::poke);
  }

  @Override
  public List<CodeLine> assemble(Address at, String source, CodeSize size, boolean write) {
    byte[] bytes = new LineAssembler(names()).assemble(source, inspect().spaces().linear(at), size);
    List<CodeLine> lines = inspect().bytes(at, bytes, size);
    if (write) {
      write(at, bytes);
      return inspect().code(at, lines.size(), size);
    }
    return lines;
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
    open();
    consoles.type(console, bytes);
  }

  /** Whether anything may come in. */
  private void open() {
    if (saves.replaying()) {
      throw new BadInput("the journal that is repeated drives this machine; 'journal off' ends that");
    }
  }

  @Override
  public void typeKeys(String text) {
    if (machine.vga().isEmpty()) {
      throw new BadInput("this machine has no keyboard: --bios, --screen or a Linux kernel give it one");
    }
    open();
    consoles.type(HostConsole.SCREEN, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void key(int code) {
    open();
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
    return machine.executed();
  }

  @Override
  public long stateHash() {
    return machine.stateHash();
  }

  private Cpu cpu() {
    return machine.cpus().get(selected);
  }

  private Place place() {
    return inspect().place();
  }

  @Override
  public int selected() {
    return selected;
  }

  Lenses lenses() {
    return lenses;
  }

  /** Breakpoints or traces are others: the processors stop elsewhere. */
  void changed() {
    traps.set();
    consoles.lines(traps.wants(EventKind.CONSOLE) ? traps::happened : null);
  }
}
