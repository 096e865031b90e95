package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.bus.SharedLine;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.device.FwCfg;
import dev.trapline.vm.device.pci.HostBridge;
import dev.trapline.vm.device.pci.IsaBridge;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.device.pci.PowerManagement;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Stateful;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The chipset of the board: PCI bus 0 with the host bridge (00:00.0), the ISA bridge (00:01.0) and power management (00:01.3), and
 * what firmware does to them when an image is started without a BIOS.
 */
final class PciBoard {
  private static final int ADDRESS_PORT = 0xcf8;
  private static final int DATA_PORT = 0xcfc;
  private static final int ENABLE = 0x80000000;
  private static final int ISA_BRIDGE = 1 << 3;
  private static final int POWER = 1 << 3 | 3;
  /** PIIX3 attributes and the i440FX's: RAM for reads and stores, both halves. */
  private static final int DRAM = 0x33;
  private static final int PAM1 = 0x5a;
  private static final int PAM6 = 0x5f;
  private static final int PIRQRC = 0x60;
  private static final int ELCR2 = 0x4d1;
  private static final int BARS = 6;
  private static final int LAST_SLOT = 31;

  /** Where the ports of power management are put, as firmware for this board does. */
  static final int PM_BASE = 0x600;
  /** Interrupts that PIRQ A to D are routed to. */
  private static final int[] PIRQ_ROUTES = {10, 10, 11, 11};
  /** Port and memory windows handed out to functions. */
  static final int PORT_WINDOW = 0xc000;
  static final long MEMORY_WINDOW = 0xe0000000L;

  private final PortMap ports;
  private final PciBus bus;
  private final IsaBridge isa;
  private final PowerManagement power;
  private final FwCfg fwCfg;
  private final FirmwareTables tables;
  private IntFunction<IrqLine> direct = line -> high -> {};

  /**
   * @param irq the wire to an ISA interrupt
   * @param asks takes what the guest asks of the machine
   */
  PciBoard(Cpu cpu, MemoryMap map, PortMap ports, Scheduler scheduler, MachineConfig config, IntFunction<IrqLine> irq,
      Consumer<Outcome> asks) {
    PhysicalMemory memory = cpu.mem.physical();
    this.ports = ports;
    SharedLine sci = new SharedLine(irq.apply(PowerManagement.SCI_IRQ));
    IntFunction<IrqLine> isaIrq = n -> n == PowerManagement.SCI_IRQ ? sci.source() : irq.apply(n);
    this.isa = new IsaBridge(isaIrq, line -> high -> direct.apply(line).set(high), () -> asks.accept(new Outcome.ResetRequested()));
    this.power = new PowerManagement(scheduler, config.instructionsPerSecond(), sci.source(), () -> asks.accept(new Outcome.PowerOff()));
    this.bus = new PciBus(ports, memory, isa::pirq);
    bus.resetControl(isa);
    power.connect(ports);
    bus.add(0, 0, new HostBridge(memory::shadow));
    bus.add(1, 0, isa);
    bus.add(1, 3, power);
    this.fwCfg = new FwCfg(memory);
    fwCfg.connect(ports);
    this.tables = new FirmwareTables(cpu, memory, ports, bus, map, config.processors());
  }

  /** The firmware configuration interface, for further files. */
  FwCfg fwCfg() {
    return fwCfg;
  }

  /** Puts further functions into the last slots. */
  void add(List<PciFunction> functions) {
    for (int i = 0; i < functions.size(); i++) {
      bus.add(LAST_SLOT - i, 0, functions.get(i));
    }
  }

  PciBus bus() {
    return bus;
  }

  /** What has state, in the order of loading. */
  List<Stateful<?>> components() {
    return List.of(isa, power, fwCfg, bus);
  }

  PowerManagement power() {
    return power;
  }

  /** Wires PIRQ 0 to 3 to somebody beside the ISA interrupts: inputs 16 to 19 of an I/O APIC. */
  void directPirq(IntFunction<IrqLine> wires) {
    this.direct = wires;
  }

  void reset() {
    bus.reset();
    fwCfg.reset();
  }

  // ---- what firmware does

  /** The machine is whole: tells a BIOS what there is. Or, without one, does itself what firmware does. */
  void start(boolean withoutBios) {
    tables.describe(fwCfg);
    if (withoutBios) {
      prepare();
    }
  }

  /** RAM for tables below 1 MiB, power management at its ports, interrupts routed, addresses handed out, tables placed. */
  private void prepare() {
    for (int pam = PAM1; pam <= PAM6; pam++) {
      write(0, pam, 1, DRAM);
    }
    for (int i = 0; i < PIRQ_ROUTES.length; i++) {
      write(ISA_BRIDGE, PIRQRC + i, 1, PIRQ_ROUTES[i]);
    }
    ports.out(ELCR2, 1, 1 << 10 - 8 | 1 << 11 - 8);
    write(POWER, 0x40, 4, PM_BASE | 1);
    write(POWER, 0x80, 1, 1);
    new Addresses().handOut();
    ports.out(ADDRESS_PORT, 4, 0);
    tables.place();
  }

  private int read(int devfn, int register, int bytes) {
    ports.out(ADDRESS_PORT, 4, ENABLE | devfn << 8 | register & ~3);
    return ports.in(DATA_PORT + (register & 3), bytes);
  }

  private void write(int devfn, int register, int bytes, int value) {
    ports.out(ADDRESS_PORT, 4, ENABLE | devfn << 8 | register & ~3);
    ports.out(DATA_PORT + (register & 3), bytes, value);
  }

  /** Gives each base address register room at the next multiple of its size. */
  private final class Addresses {
    private long nextPort = PORT_WINDOW;
    private long nextMemory = MEMORY_WINDOW;

    void handOut() {
      bus.functions().keySet().forEach(this::function);
    }

    private void function(int devfn) {
      int enable = 0;
      for (int bar = 0; bar < BARS; bar++) {
        enable |= place(devfn, 0x10 + 4 * bar);
      }
      if (enable != 0) {
        write(devfn, PciFunction.COMMAND, 2, read(devfn, PciFunction.COMMAND, 2) | enable);
      }
      int pin = read(devfn, PciFunction.INTERRUPT_PIN, 1);
      if (pin != 0) {
        write(devfn, PciFunction.INTERRUPT_LINE, 1, PIRQ_ROUTES[(devfn >> 3) + pin - 1 & 3]);
      }
    }

    private int place(int devfn, int register) {
      write(devfn, register, 4, -1);
      int answer = read(devfn, register, 4);
      if (answer == 0) {
        return 0;
      }
      boolean io = (answer & 1) != 0;
      long size = -(long) (answer & (io ? ~3 : ~15));
      if (io) {
        nextPort = nextPort + size - 1 & -size;
        write(devfn, register, 4, (int) nextPort);
        nextPort += size;
        return PciFunction.COMMAND_IO;
      }
      nextMemory = nextMemory + size - 1 & -size;
      write(devfn, register, 4, (int) nextMemory);
      nextMemory += size;
      return PciFunction.COMMAND_MEMORY;
    }
  }
}
