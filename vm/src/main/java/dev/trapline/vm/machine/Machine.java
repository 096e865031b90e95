package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.device.PicPair;
import dev.trapline.vm.device.disk.Floppy;
import dev.trapline.vm.device.disk.IdeController;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.display.Vga;
import dev.trapline.vm.device.input.I8042;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.mem.DmaWindow;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * One PC, ready at its image's first instruction. It belongs to one thread, but for {@link #requestStop}.
 *
 * <p>Virtual time is the processor's count of retired instructions. While the processor is halted the count jumps to the next event, so
 * waiting costs nothing; {@link #idle} says how much of the count was waited for. Several processors take turns; see {@link Processors}
 * and {@link Cpu#time}.
 */
public final class Machine {
  /** I/O APIC pin of PIRQ A. */
  private static final int PIRQ_PINS = 16;

  private final MachineConfig config;
  /** What the machine stands on if a monitor runs its processors, else null. */
  private final Substrate substrate;
  private final MemoryMap map;
  private final PhysicalMemory memory;
  private final PortMap ports = new PortMap();
  private final PicPair pic;
  private final Scheduler scheduler;
  private final IsaBoard isa;
  /** The chipset of the PC board; null on the minimal one. */
  private final PciBoard board;
  /** Local APICs, I/O APIC and HPET of the PC board; null on the minimal one. */
  private final ApicBoard apics;
  /** Disk controllers of the PC board; null on the minimal one. */
  private final DiskBoard disks;
  /** Virtio devices of the PC board; null on the minimal one. */
  private final VirtioBoard virtio;
  private final Processors processors;
  /** Screen, keyboard and further serial ports; null on the minimal one. */
  private final DisplayBoard display;
  private final FirmwareBoard firmwareBoard;
  /** The boot processor. */
  private final Cpu cpu;
  private final Bios bios;
  /** In the order of loading: devices may drive their lines, so the interrupt controllers come after them, timers last. */
  private final List<Stateful<?>> components;
  private final WholeState whole;
  private final Inputs inputs;
  private final SortedMap<Integer, byte[]> firmware;
  private IntConsumer console = b -> {};
  private IntConsumer debugConsole = b -> {};
  /** Null to let time fly while everybody waits. */
  private volatile Pacing pacing;
  private boolean engineRuns;
  private int lastRun;
  private Outcome guestWants;
  private volatile boolean stopRequested;

  /**
   * Builds the machine and loads its image.
   *
   * @throws BootException if the image cannot be started
   */
  public Machine(MachineConfig config) {
    this(config, null);
  }

  /**
   * Builds a machine whose processors somebody else runs, for whom it is {@link #hosted}.
   *
   * @param substrate whose memory it has and whose time it lives in
   * @throws BootException if the image cannot be started
   */
  public Machine(MachineConfig config, Substrate substrate) {
    this.config = config;
    this.substrate = substrate;
    boolean pc = config.board() == MachineConfig.Platform.PC;
    this.map = new MemoryMap(config.memory(), pc);
    this.firmwareBoard = new FirmwareBoard(config.image());
    this.memory = map.build(firmwareBoard.rom(), substrate == null ? PhysicalMemory.OWN : substrate);
    this.pic = new PicPair(this::intr);
    this.scheduler = new Scheduler(this::now, this::eventMovedNearer);
    long rate = config.instructionsPerSecond();
    this.apics = pc ? new ApicBoard(config, memory, scheduler, pic, pic.irq(0), pic.irq(IsaBoard.RTC_IRQ), this::processors) : null;
    this.processors = new Processors(config.processors(), substrate == null ? Processors.QUANTUM : 0, pc, config.cpu(), memory, ports,
        i -> pc ? apics.source(i) : pic);
    this.cpu = processors.cpus().getFirst();
    this.isa = new IsaBoard(scheduler, config, this::irq, b -> console.accept(b), b -> debugConsole.accept(b), this::guestAsks);
    this.board = pc ? new PciBoard(cpu, map, ports, scheduler, config, this::irq, this::guestAsks) : null;
    this.disks = pc ? new DiskBoard(ports, memory, scheduler, rate, this::irq, board.bus(), config.drives()) : null;
    this.display = pc ? display() : null;
    if (pc) {
      firmwareBoard.describe(board.fwCfg());
    }
    this.virtio = pc ? new VirtioBoard(board.bus(), memory, scheduler, apics.messages(), config) : null;
    if (substrate != null && pc) {
      board.add(substrate.functions());
    }
    this.bios = new Bios(cpu, memory, ports, map, disk(), b -> console.accept(b));
    this.components = assemble();
    this.whole = new WholeState(components, memory, processors);
    this.inputs = new Inputs(processors,
        new Doors(HostConsoles.of(isa.com1(), this::console, display, virtio()), virtio(), this::pressPower, memory, whole));
    this.firmware = memory.contents();
    connect();
    load();
  }

  /** The wire of an ISA interrupt, 0 to 15 but 2: to the 8259s, and to the I/O APIC where there is one. */
  IrqLine irq(int n) {
    return apics == null ? pic.irq(n) : apics.irq(n, pic.irq(n));
  }

  private Processors processors() {
    return processors;
  }

  /** Virtual time, in instructions. */
  public long now() {
    return substrate == null ? processors.now() : substrate.now();
  }

  private DisplayBoard display() {
    return new DisplayBoard(ports, memory, board.bus(), scheduler, config.instructionsPerSecond(),
        isa.shared(), config.videoBios(), () -> guestAsks(new Outcome.ResetRequested()));
  }

  private List<Stateful<?>> assemble() {
    var all = new ArrayList<Stateful<?>>(processors.cpus());
    all.addAll(isa.components());
    if (board == null) {
      all.add(isa.systemPorts());
    } else {
      all.addAll(disks.components());
      all.addAll(display.components());
      all.addAll(virtio.components());
      all.addAll(board.components());
    }
    all.add(pic);
    if (apics != null) {
      all.addAll(apics.components());
    }
    all.add(scheduler);
    return List.copyOf(all);
  }

  private Disk disk() {
    return config.image().filter(i -> i.resolvedKind() == BootImage.Kind.BOOT_SECTOR).map(i -> {
      BootSector.check(i.name(), i.bytes());
      return Disk.of(i.bytes());
    }).orElse(null);
  }

  private void connect() {
    ports.where(processors::linearRip);
    memory.unmapped().where(processors::linearRip);
    pic.connect(ports);
    isa.connect(ports, board == null);
    if (!firmwareBoard.startsMachine()) {
      ports.add("firmware", Firmware.SERVICE_PORT, 1, bios);
    }
    isa.connectFpu(ports, cpu);
    if (apics != null) {
      board.directPirq(n -> apics.pin(PIRQ_PINS + n));
      board.bus().messages(apics.messages());
    }
    Cmos.fill(isa.rtc(), map, disks, disk());
    firmwareBoard.describe(isa.rtc());
  }

  private void load() {
    processors.cpus().forEach(Cpu::reset);
    if (apics != null) {
      apics.reset();
    }
    if (board != null) {
      board.start(config.image().isPresent() && !firmwareBoard.startsMachine());
    }
    if (config.image().isEmpty() || firmwareBoard.startsMachine()) {
      return;
    }
    if (disks != null) {
      processors.cpus().forEach(MemoryTypes::prepare);
      disks.prepare(ports);
      display.prepare();
    }
    bios.prepare();
    BootImage image = config.image().get();
    if (image.resolvedKind() == BootImage.Kind.BOOT_SECTOR) {
      bios.boot();
    } else {
      new Loader(image, memory, map, cpu).load(image);
    }
  }

  /** Power off and on: RAM is zeroed, everything is reset, the image loaded again. Virtual time and the real-time clock go on. */
  public void reset() {
    memory.contents(firmware);
    restart();
  }

  /** The reset line: as {@link #reset}, but RAM keeps what the image does not overwrite. What a guest asks for when it reboots. */
  public void restart() {
    if (substrate != null) {
      substrate.registersChange();
    }
    pic.reset();
    isa.reset();
    if (board != null) {
      disks.reset();
      board.reset();
      display.reset();
    }
    guestWants = null;
    load();
  }

  // ---- running

  /**
   * Runs until something ends it, at most {@code limit} instructions of virtual time.
   */
  public Outcome run(long limit) {
    return run(now() + limit < 0 ? Long.MAX_VALUE : now() + limit, 0, Long.MAX_VALUE);
  }

  /** Runs until something ends it or a processor's count has come to a value. */
  public Outcome runTo(int number, long count) {
    return run(processors.alone() ? count : Long.MAX_VALUE, number, count);
  }

  private Outcome run(long end, int number, long count) {
    if (substrate != null) {
      return substrate.run(Math.min(end, count));
    }
    try {
      return runOn(end, number, count);
    } catch (ReplayException diverged) {
      return new Outcome.Diverged(diverged.getMessage());
    }
  }

  private Outcome runOn(long end, int number, long count) {
    Cpu goal = processors.cpus().get(number);
    while (true) {
      scheduler.runDue(now());
      inputs.deliver();
      Outcome over = over();
      if (over != null) {
        return over;
      }
      if (now() >= end || goal.count >= count) {
        return new Outcome.Limit();
      }
      long most = processors.cpu() == goal ? count - goal.count : Long.MAX_VALUE;
      Outcome stop = turn(Math.min(end, scheduler.nextEvent()), most, count);
      if (stop != null) {
        return stop;
      }
      processors.next();
    }
  }

  /** Lets the processor whose turn it is run, or wait, until a time; tells if it stands before a breakpoint or nothing can come. */
  private Outcome turn(long until, long most, long limit) {
    Cpu c = processors.cpu();
    if (!c.halted || Processors.wakes(c)) {
      return runEngine(Math.min(most, processors.budget(until))) ? null : new Outcome.Breakpoint();
    }
    if (!processors.allWait()) {
      processors.pass(until, most);
      return null;
    }
    if (processors.allDeaf() || scheduler.nextEvent() == Scheduler.NEVER) {
      inputs.starved();
      return processors.allDeaf() ? new Outcome.Dead() : new Outcome.Waiting();
    }
    processors.passAll(pacing == null ? until : pacing.pass(now(), until), most, limit);
    return null;
  }

  /** The boot processor executes one instruction; see {@link Steps#one}. */
  public Outcome step() {
    return steps().one(0, Long.MAX_VALUE);
  }

  /** Steps of any processor. */
  public Steps steps() {
    return new Steps(this, processors, substrate);
  }

  /** What ends a run whatever its limit, or null. */
  Outcome over() {
    if (guestWants != null) {
      Outcome o = guestWants;
      guestWants = null;
      return o;
    }
    if (processors.anyShutdown()) {
      return new Outcome.TripleFault();
    }
    if (stopRequested) {
      stopRequested = false;
      return new Outcome.Requested();
    }
    boolean goesOn = inputs.takeEnded() && !(processors.allWait() && (processors.allDeaf() || scheduler.nextEvent() == Scheduler.NEVER));
    return goesOn ? new Outcome.Replayed() : null;
  }

  /** Runs the engine; false if it stands before a breakpoint. */
  private boolean runEngine(long budget) {
    Interpreter interpreter = processors.interpreter();
    lastRun = processors.current();
    engineRuns = true;
    interpreter.run(budget);
    engineRuns = false;
    interpreter.stopTaken();
    return !interpreter.atBreakpoint();
  }

  /** Makes {@link #run} return at the next block boundary, or the next call at once; any thread may call it. */
  public void requestStop() {
    if (substrate != null) {
      substrate.requestStop();
      return;
    }
    stopRequested = true;
    processors.interpreter().requestStop();
    Pacing p = pacing;
    if (p != null) {
      p.wake();
    }
  }

  private void intr(boolean asserted) {
    if (apics != null) {
      apics.intr(asserted);
    } else if (asserted) {
      cpu.attention = true;
    }
  }

  private void eventMovedNearer() {
    if (substrate != null) {
      substrate.eventMovedNearer();
    } else if (engineRuns) {
      processors.interpreter().requestStop();
    }
  }

  private void guestAsks(Outcome outcome) {
    guestWants = outcome;
    processors.interpreter().requestStop();
  }

  // ---- under a monitor

  /** The machine as a monitor sees one of its guests. */
  public Hosted hosted() {
    return new Hosted(this, processors, scheduler, inputs);
  }

  /** When the next device event is due, or {@link Scheduler#NEVER}. */
  long nextEvent() {
    return scheduler.nextEvent();
  }

  /** Makes {@link #run} return with an outcome. */
  public void end(Outcome outcome) {
    guestAsks(outcome);
  }

  /** Lets time pass, nobody running, until an interrupt is pending at the first processor or a time has come; what cut it short, or null. */
  public Outcome rest(long until) {
    while (true) {
      scheduler.runDue(now());
      Outcome over = over();
      if (over != null || now() >= until || cpu.interrupts.pending()) {
        return over;
      }
      long next = Math.min(until, scheduler.nextEvent());
      processors.passAll(pacing == null ? next : pacing.pass(now(), next), Long.MAX_VALUE, Long.MAX_VALUE);
      processors.next();
    }
  }

  /** Stores into a register of a processor's local APIC, as that processor would. */
  public void apic(int processor, int offset, int value) {
    apics.store(processor, offset, value);
  }

  /** How many instructions are left of a processor's turn. */
  public long room(int processor) {
    return processors.room(processor);
  }

  // ---- the host side

  /** Who takes what the guest sends to COM1 and prints through the firmware, a byte at a time. */
  public void console(IntConsumer sink) {
    this.console = sink;
  }

  /** Who makes waiting take time on the host; null for nobody. */
  public void pacing(Pacing value) {
    this.pacing = value;
    if (substrate != null) {
      substrate.pacing(value);
    }
  }

  /** Who takes what the guest writes to the debug consoles, ports E9h, 402h and 500h. */
  public void debugConsole(IntConsumer sink) {
    this.debugConsole = sink;
  }

  /** Who hears of what happens at the edges of the processors; null for nobody. Listening changes nothing. */
  public void listen(EventListener listener) {
    ports.listen(listener);
    memory.listen(listener);
    processors.cpus().forEach(c -> c.events = listener);
  }

  /** Who is told when a processor may have changed its mode; null for nobody. */
  public void listenToModes(Consumer<Cpu> listener) {
    processors.cpus().forEach(c -> c.modes = listener);
  }

  /**
   * For who listens: makes the registers of the running processor, which a monitor may have elsewhere, readable where they are asked for.
   *
   * @return number of the processor
   */
  public int look() {
    int running = substrate == null ? -1 : substrate.look();
    return running < 0 ? currentCpu() : running;
  }

  /** For who listens: the running block ends after this instruction, the run at the next boundary. */
  public void stopHere() {
    Cpu c = processors.cpu();
    c.limit = 0;
    processors.interpreter().requestStop();
    if (substrate != null) {
      substrate.stopHere();
    }
    requestStop();
  }

  /** Puts one more port into I/O space, writes to which are heard and reads from which give all ones. */
  public void port(String name, int number, Runnable written) {
    ports.add(name, number, 1, new WrittenPort(written));
  }

  /** Presses the power button: what follows is the guest's choice. The minimal board has none. */
  public void powerButton() {
    inputs.take(Input.power());
  }

  private void pressPower() {
    if (board != null) {
      board.power().powerButton();
    }
  }

  /** Types a byte on the serial console. */
  public void type(int value) {
    inputs.take(Input.type("uart0", (byte) value));
  }

  /** Types on the keyboard; false if the machine has none or the keyboard has no key for it. */
  public boolean typeKey(char c) {
    boolean can = display != null && I8042.hasKey(c);
    if (can) {
      inputs.take(Input.type(HostConsole.SCREEN, (byte) c));
    }
    return can;
  }

  /** The one door for everything that comes from outside. */
  public Inputs inputs() {
    return inputs;
  }

  /** What the monitor shows; nothing if the machine has no video adapter. */
  public Optional<Vga> vga() {
    return Optional.ofNullable(display).map(DisplayBoard::vga);
  }

  /** Where two devices are programmed to answer: the later one is not connected there. */
  public List<String> conflicts() {
    return apics == null ? List.of() : apics.conflicts(board.bus().conflicts());
  }

  /** The ways in and out of the machine. */
  public List<HostConsole> consoles() {
    return inputs.journalled(HostConsoles.of(isa.com1(), this::console, display, virtio()));
  }

  // ---- looking at it

  public MachineConfig config() {
    return config;
  }

  /** The boot processor. */
  public Cpu cpu() {
    return cpu;
  }

  /** All processors in the order of their numbers. */
  public List<Cpu> cpus() {
    return List.copyOf(processors.cpus());
  }

  /** Number of the processor whose turn it is. */
  public int currentCpu() {
    return processors.current();
  }

  /** Number of the processor that executed the last instruction. */
  public int lastRun() {
    return lastRun;
  }

  public PhysicalMemory memory() {
    return memory;
  }

  public PortMap ports() {
    return ports;
  }

  /** The boot processor's engine. */
  public Interpreter interpreter() {
    return processors.interpreters().getFirst();
  }

  /** The engines of all processors. */
  public List<Interpreter> interpreters() {
    return List.copyOf(processors.interpreters());
  }

  /** The IDE function, or null on the minimal board. */
  public IdeController ide() {
    return disks == null ? null : disks.ide();
  }

  /** The floppy controller, or null on the minimal board. */
  public Floppy floppy() {
    return disks == null ? null : disks.floppy();
  }

  /** What bus masters tried to reach where no memory is. Virtio devices stop instead, and say why. */
  public List<DmaWindow.Refused> refusedDma() {
    return disks == null ? List.of() : disks.windows().stream().flatMap(w -> w.refused().stream()).toList();
  }

  /** The disks in the drives. */
  public List<Medium> media() {
    var all = new ArrayList<Medium>();
    if (disks != null) {
      all.addAll(disks.media());
      all.addAll(virtio.media());
    }
    return List.copyOf(all);
  }

  /** Virtio devices in the order of their slots: the host side of consoles and network cards is theirs. */
  public List<VirtioDevice<?>> virtio() {
    return virtio == null ? List.of() : virtio.devices();
  }

  public PicPair pic() {
    return pic;
  }

  /** Virtual time that passed while processors were halted, in instructions: the sum of their counts minus this were executed. */
  public long idle() {
    return IntStream.range(0, processors.cpus().size()).mapToLong(processors::idle).sum();
  }

  /** Instructions that all processors together have executed. */
  public long executed() {
    return processors.cpus().stream().mapToLong(c -> c.count).sum() - idle();
  }

  /** Whether a processor has not been started yet, or was stopped by INIT. */
  public boolean waitsForStartup(int number) {
    return apics != null && apics.waits(number);
  }

  /** Firmware services asked for that are not there: {@code INT 15h AX=4F00h, 3 times}. */
  public List<String> unknownServices() {
    return bios.unknown().stream()
        .map(u -> String.format("%s AX=%04Xh, %d times", u.vector() < 0 ? "port EAh" : String.format("INT %02Xh", u.vector()), u.ax(),
            u.count()))
        .toList();
  }

  /** Everything that has state, but memory. */
  public List<Stateful<?>> components() {
    return components;
  }

  /** The state of everything, memory included. Taking it changes nothing. */
  public Snapshot snapshot() {
    return whole.take();
  }

  /**
   * Goes to a state of this machine or of another one of the same configuration.
   *
   * @throws StateException if a component or field is missing, unknown or of another kind; the machine is then to be thrown away
   */
  public void restore(Snapshot snapshot) {
    whole.put(snapshot);
    guestWants = null;
  }

  /** A 64-bit hash over all components and memory; the same for the same state in every run and JVM. */
  public long stateHash() {
    return whole.hash();
  }
}
