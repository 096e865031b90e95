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
import dev.trapline.vm.vmm.Translations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** A session over a machine in this process. */
final class MachineSession implements Session, CallSteps.Host {
  /** How often the screen is looked at for an expected text, in instructions: 20 times a second of virtual time as it is by default. */
  private static final long SCREEN_PERIOD = 5_000_000;
  private final SessionNames.Settings settings;
  private final Breakpoints breakpoints;
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
  private Meanings meanings;
  private Stop last;
  /** Text to wait for on the screen, null for none. */
  private String screenText;
  private volatile boolean interrupted;
  private volatile boolean running;
  private final Saves saves = new Saves(this);
  private final PageTables tables = new PageTables(this::inspect, this::hardware);

  /** @param settings shared by the guests of a monitor */
  MachineSession(MachineConfig config, Image image, Machines machines, SessionNames.Settings settings) {
    this.config = config;
    this.machines = machines;
    this.settings = settings;
    this.breakpoints = new Breakpoints(new SessionPlaces(this), settings::nextId);
    load(image);
  }

  MachineSession(Saves.Opened saved, SessionNames.Settings settings) {
    this.machines = Machines.BARE;
    this.settings = settings;
    this.breakpoints = new Breakpoints(new SessionPlaces(this), settings::nextId);
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
    fresh.pacing(settings.pacing);
    image = newImage;
    machine = fresh;
    look();
    selected = 0;
    changed();
    last = new Stop.Ready(place());
    return last;
  }

  private Machine machine(Image newImage) {
    try {
      return machines.make(config, newImage);
    } catch (BootException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  /** The monitor and all its guests were made anew, and with them this one's machine. */
  void replaced(Machine fresh) {
    install(fresh, image);
  }

  private void look() {
    lenses = new Lenses(machine, image, breakpoints, settings, machines);
    traps = new Traps(machine, lenses, image.symbols(), breakpoints);
    meanings = new Meanings(machine, lenses, traps, consoles, settings);
  }

  Machine machine() {
    return machine;
  }

  Consoles consolesHere() {
    return consoles;
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

  @Override
  public Guests guests() {
    return machines.guests(this);
  }

  @Override
  public String guest() {
    return machines.guest();
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
  public void holdInterrupts(boolean hold) {
    machine.interpreters().get(selected).holdInterrupts(hold);
  }

  @Override
  public Stop stepAny(long instructions) {
    return steps(instructions, bound -> machine.steps().any(), true);
  }

  private Stop steps(long instructions, LongFunction<Outcome> one, boolean any) {
    ready();
    long bound = Numbers.saturated(cpu().count, settings.limit);
    Stop stop = null;
    running = true;
    try {
      for (long i = 0; i < instructions && stop == null; i++) {
        stop = cpu().count >= bound ? new Stop.Limit(place(), settings.limit + " instructions") : interpret(one.apply(bound));
        selected = any && stop == null ? machine.lastRun() : selected;
      }
    } finally {
      running = false;
    }
    return ended(stop == null ? new Stop.Stepped(place()) : stop);
  }

  /** A run has ended. When it was another guest that stopped, this one merely stands still. */
  private Stop ended(Stop stop) {
    last = stop.at().guest().equals(guest()) ? stop : new Stop.Interrupted(place());
    return stop;
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
      s = ended(callSteps.over());
      if (!(s instanceof Stop.Stepped)) {
        break;
      }
    }
    return s;
  }

  @Override
  public Stop finish() {
    long bound = Numbers.saturated(cpu().count, settings.limit);
    Stop s = callSteps.out(() -> cpu().count >= bound);
    return ended(s == null ? new Stop.Limit(place(), settings.limit + " instructions") : s);
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
    long bound = Math.min(goal, Numbers.saturated(cpu().count, settings.limit));
    // All the time: an interruption between two pieces of the run must not be lost.
    running = true;
    try {
      Stop stop = null;
      while (stop == null) {
        stop = cpu().count >= bound ? Meanings.atBound(bound == goal ? reached : null, place(), settings.limit) : counted(bound);
      }
      return ended(stop);
    } finally {
      running = false;
    }
  }

  private void ready() {
    if (running) {
      throw new BadInput("the machine is running: a breakpoint's command or handler cannot run it");
    }
    if (last.finished()) {
      throw new BadInput(guests().over());
    }
    machine.interpreters().get(selected).passBreakpoint();
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
    Stop elsewhere = machines.elsewhere(outcome);
    return elsewhere == null ? happened(machines.mine(outcome)) : elsewhere;
  }

  /** The same for this guest, whoever ran the machine. */
  Stop happened(Outcome outcome) {
    Stop stop = meanings.of(outcome, selected, this::interruption);
    selected = stop == null ? selected : stop.at().cpu();
    last = stop == null ? last : stop;
    return stop;
  }

  @Override
  public void stopAtReset(boolean stops) {
    settings.stopsAtReset = stops;
  }

  private Stop interruption() {
    boolean was = interrupted;
    interrupted = false;
    return was ? new Stop.Interrupted(place()) : null;
  }

  @Override
  public void limit(long instructions) {
    settings.limit = instructions <= 0 ? Long.MAX_VALUE : instructions;
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

  /** What the processor under a monitor translates by; empty for a bare machine. */
  private Optional<Translations> hardware() {
    return machines == Machines.BARE ? Optional.empty() : Optional.of(monitor().translations(selected));
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
    look();
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
    settings.pacing = value;
    machine.pacing(value);
  }

  @Override
  public long perSecond() {
    return config.instructionsPerSecond();
  }

  @Override
  public long executed() {
    return machines.executed(machine);
  }

  @Override
  public long stateHash() {
    return machines.hash(machine);
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
