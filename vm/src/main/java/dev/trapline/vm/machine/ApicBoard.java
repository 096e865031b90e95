package dev.trapline.vm.machine;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.device.Hpet;
import dev.trapline.vm.device.apic.ApicBus;
import dev.trapline.vm.device.apic.IoApic;
import dev.trapline.vm.device.apic.LocalApic;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The PC board's interrupt side: a local APIC for each processor, the I/O APIC and the HPET. ISA interrupt n reaches pin n of the I/O
 * APIC, interrupt 0 pin 2, and the 8259s' INTR pin 0 and every LINT0.
 */
final class ApicBoard {
  private static final int TIMER_PIN = 2;

  private final PhysicalMemory memory;
  private final Supplier<Processors> processors;
  private final ApicBus bus = new ApicBus();
  private final List<LocalApic> locals = new ArrayList<>();
  private final IoApic io = new IoApic(bus);
  private final Hpet hpet;
  private final IrqLine picPin = io.pin(0);
  private final List<IrqLine> lint0 = new ArrayList<>();
  /** Pages with a window to the local APICs, and those where something else is in the way. */
  private final Set<Long> windows = new TreeSet<>();
  private final Set<Long> blocked = new TreeSet<>();

  /**
   * @param processors asked for when they exist
   * @param irq0 the 8259s' input for interrupt 0, likewise irq8
   */
  ApicBoard(MachineConfig config, PhysicalMemory memory, Scheduler scheduler, InterruptSource pic, IrqLine irq0, IrqLine irq8,
      Supplier<Processors> processors) {
    this.memory = memory;
    this.processors = processors;
    for (int i = 0; i < config.processors(); i++) {
      LocalApic local = new LocalApic(i, bus, scheduler, pic, new Side(i));
      locals.add(local);
      lint0.add(local.pin(0));
    }
    this.hpet = new Hpet(scheduler, config.instructionsPerSecond(), io::pin, both(irq0, io.pin(TIMER_PIN)), both(irq8, io.pin(8)));
    memory.addMmio("ioapic", IoApic.BASE, IoApic.SIZE, io);
    memory.addMmio("hpet", Hpet.BASE, Hpet.SIZE, hpet);
    window(LocalApic.BASE);
  }

  private static IrqLine both(IrqLine a, IrqLine b) {
    return high -> {
      a.set(high);
      b.set(high);
    };
  }

  /** A processor, told by its local APIC. */
  private final class Side implements LocalApic.Processor {
    private final int index;

    Side(int index) {
      this.index = index;
    }

    private Cpu cpu() {
      return processors.get().cpus().get(index);
    }

    @Override
    public void attention() {
      cpu().attention = true;
    }

    @Override
    public void taskPriority(int priorityClass) {
      cpu().cr8 = priorityClass;
    }

    @Override
    public void moved() {
      window(locals.get(index).baseRegister() & 0xff_ffff_f000L);
    }
  }

  // ---- the window: at one address each processor sees its own APIC

  private void window(long page) {
    if (!windows.contains(page) && page + LocalApic.SIZE <= memory.limit()) {
      try {
        memory.addMmio(page == LocalApic.BASE ? "lapic" : "lapic@%x".formatted(page), page, LocalApic.SIZE, new Window(page));
        windows.add(page);
      } catch (IllegalArgumentException taken) {
        blocked.add(page);
      }
    }
  }

  /** Further conflicts, and the pages an APIC was moved to where something else answers: it cannot be reached there. */
  List<String> conflicts(List<String> others) {
    var all = new ArrayList<>(others);
    blocked.forEach(page -> all.add("lapic at 0x%x: %s answers there".formatted(page, memory.regionAt(page).name())));
    return List.copyOf(all);
  }

  private final class Window implements MmioDevice {
    private final long page;

    Window(long page) {
      this.page = page;
    }

    private LocalApic mine() {
      LocalApic local = locals.get(processors.get().current());
      return local.answersAt(page) ? local : null;
    }

    @Override
    public long load(long offset, int bytes) {
      LocalApic local = mine();
      return local == null ? -1 : local.load(offset, bytes);
    }

    /** Stores where no APIC answers for the processor reach the bus: they are interrupt messages (SDM 3A 11.11). */
    @Override
    public void store(long offset, int bytes, long value) {
      LocalApic local = mine();
      if (local != null) {
        local.store(offset, bytes, value);
      } else {
        bus.message(page + offset, (int) value);
      }
    }
  }

  // ---- wires

  /** The source of interrupts of a processor. */
  InterruptSource source(int processor) {
    return locals.get(processor);
  }

  /** The wire of an ISA interrupt: to the 8259s' input and to the I/O APIC; 0 and 8 by way of the HPET. */
  IrqLine irq(int n, IrqLine pic) {
    return switch (n) {
      case 0 -> hpet.irq0();
      case 8 -> hpet.irq8();
      default -> both(pic, io.pin(n));
    };
  }

  /** INTR of the 8259s. */
  void intr(boolean asserted) {
    picPin.set(asserted);
    lint0.forEach(l -> l.set(asserted));
  }

  /** A pin of the I/O APIC: PCI interrupts come in at 16 to 19. */
  IrqLine pin(int n) {
    return io.pin(n);
  }

  /** Takes message-signalled interrupts. */
  MessageSink messages() {
    return bus;
  }

  /** What has state, in the order of loading; it comes after the devices that drive the lines. */
  List<Stateful<?>> components() {
    var all = new ArrayList<Stateful<?>>(List.of(hpet));
    all.add(io);
    all.addAll(locals);
    return all;
  }

  /** A processor stores into a register of its local APIC. */
  void store(int processor, int offset, int value) {
    locals.get(processor).store(offset, 4, value & 0xffffffffL);
  }

  /** Whether a processor waits for a start-up message. */
  boolean waits(int number) {
    return locals.get(number).waiting();
  }

  /** Power-on, and what firmware does: virtual wire mode on the first processor, the others wait to be started. */
  void reset() {
    hpet.reset();
    io.reset();
    locals.forEach(LocalApic::reset);
    locals.getFirst().virtualWire();
    processors.get().cpus().stream().skip(1).forEach(c -> c.halted = true);
  }
}
