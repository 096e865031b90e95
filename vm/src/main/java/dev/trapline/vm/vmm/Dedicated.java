package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.device.Uart;
import dev.trapline.vm.device.apic.IoApic;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.device.virtio.VirtioNet;
import dev.trapline.vm.machine.HostConsole;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Devices of the host that belong to one guest. With hardware assist their ports are open in the guest's I/O permission map, so its
 * instructions reach the device without an exit; instructions the monitor carries out reach it through the guest's own I/O space. The
 * device's interrupt comes to the monitor by the host's I/O APIC, as an edge, and the monitor raises the guest's.
 */
final class Dedicated {
  /** Interrupt n of the ISA bus comes in at this vector plus n. */
  private static final int FIRST_VECTOR = 0xd0;
  private static final int ISA_IRQS = 16;
  private static final int REDIRECTION = 0x10;
  private static final int WINDOW = 0x10;
  private static final int MASK_PORTS = 0x21;
  private static final int SLAVE_MASK_PORT = 0xa1;

  /**
   * A device that can be handed out.
   *
   * @param name as the host's consoles are called
   * @param component its name as a part of a machine, and in I/O space
   */
  record Device(String name, String component, int port, int ports, int irq) {
    @Override
    public String toString() {
      return String.format("%s, ports %x-%x, IRQ %d", name, port, port + ports - 1, irq);
    }
  }

  /** The serial ports that share no interrupt with each other. */
  private static final List<Device> KNOWN = List.of(new Device("uart0", "com1", 0x3f8, Uart.PORTS, 4),
      new Device("uart1", "com2", 0x2f8, Uart.PORTS, 3));

  /** How names of the host's virtio devices begin. */
  private static final String FUNCTION = "virtio-";
  /** Input n of the I/O APIC, 16 to 19, comes in at this vector plus n. */
  private static final int FIRST_LEVEL_VECTOR = 0xb0;
  private static final int LEVEL = 0x8000;
  private static final int MASKED = 0x10000;

  private final Machine host;
  private final Map<Device, Guest> owners = new HashMap<>();
  private final Map<VirtioDevice<?>, Guest> taken = new HashMap<>();
  private final Map<Integer, PassedFunction> passed = new HashMap<>();
  /** Those of the guest that is being made. */
  private List<PassedFunction> functions = List.of();
  private final Map<Integer, IrqLine> lines = new HashMap<>();

  Dedicated(Machine host, HostTimer timer) {
    this.host = host;
    timer.others(this::interrupt);
  }

  /** The devices of names. @throws MonitorException if there is no such device */
  static List<Device> devices(GuestSpec spec) {
    var all = new ArrayList<Device>();
    for (String name : spec.dedicated()) {
      if (name.startsWith(FUNCTION)) {
        continue;
      }
      all.add(KNOWN.stream().filter(d -> d.name.equals(name)).findFirst().orElseThrow(() -> MonitorException.of(
          "guest %s: the host has no device '%s' to hand out: one of %s expected", spec.name(), name, KNOWN.stream().map(Device::name).toList())));
    }
    return all;
  }

  /**
   * @param cardShared whether guests share the host's network card
   * @throws MonitorException if a guest cannot have what it asks for
   */
  void require(GuestSpec spec, boolean cardShared) {
    for (VirtioDevice<?> f : virtio(spec)) {
      if (taken.containsKey(f) || cardShared && f instanceof VirtioNet) {
        throw MonitorException.of("guest %s: the host's %s %s", spec.name(), f.name(),
            taken.containsKey(f) ? "belongs to guest " + taken.get(f).name() : "is shared");
      }
    }
    for (Device d : devices(spec)) {
      if (owners.containsKey(d)) {
        throw MonitorException.of("guest %s: the host's %s belongs to guest %s", spec.name(), d.name, owners.get(d).name());
      }
    }
  }

  /** The host's virtio devices a guest asks for. */
  private List<VirtioDevice<?>> virtio(GuestSpec spec) {
    var all = new ArrayList<VirtioDevice<?>>();
    for (String name : spec.dedicated()) {
      if (name.startsWith(FUNCTION)) {
        all.add(host.virtio().stream().filter(d -> d.name().equals(name)).findFirst().orElseThrow(() -> MonitorException.of(
            "guest %s: the host has no device '%s' to hand out", spec.name(), name)));
      }
    }
    return all;
  }

  /** Functions for a new guest's bus. */
  List<PassedFunction> functions(GuestSpec spec) {
    functions = virtio(spec).stream().map(d -> new PassedFunction(host, d)).toList();
    return functions;
  }

  /** Whether a guest has the host's network card to itself. */
  boolean hasCard() {
    return taken.keySet().stream().anyMatch(VirtioNet.class::isInstance);
  }

  /** From now on the device's addresses are the guest's, its interrupts come to it. */
  private void assign(PassedFunction f, Guest guest) {
    taken.put(f.device(), guest);
    PhysicalMemory memory = guest.machine().memory();
    f.device().reach(memory, memory::isRam);
    passed.put(f.input(), f);
    f.served(() -> level(f.input(), 0));
    level(f.input(), 0);
  }

  private void level(int input, int masked) {
    redirection(REDIRECTION + 2 * input + 1, 0);
    redirection(REDIRECTION + 2 * input, masked | LEVEL | FIRST_LEVEL_VECTOR + input);
  }

  /** Hands a new guest its devices. */
  void assign(Guest guest) {
    functions.forEach(f -> assign(f, guest));
    functions = List.of();
    for (Device d : devices(guest.spec())) {
      owners.put(d, guest);
      Machine m = guest.machine();
      m.ports().remove(d.component);
      m.ports().add("host's " + d.component, d.port, d.ports, new Through(d.port));
      lines.put(d.irq, m.hosted().irq(d.irq));
      route(d.irq);
      cable(d, m);
    }
  }

  /** Ports of the host behind ports of a guest. */
  private final class Through implements PortDevice {
    private final int first;

    Through(int first) {
      this.first = first;
    }

    @Override
    public int in(int offset, int bytes) {
      return host.ports().in(first + offset, bytes);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      host.ports().out(first + offset, bytes, value);
    }
  }

  /** An edge-triggered interrupt for processor 0 (I/O APIC data sheet 3.2.4); the 8259s keep quiet. */
  private void route(int irq) {
    host.ports().out(MASK_PORTS, 1, 0xff);
    host.ports().out(SLAVE_MASK_PORT, 1, 0xff);
    redirection(REDIRECTION + 2 * irq + 1, 0);
    redirection(REDIRECTION + 2 * irq, FIRST_VECTOR + irq);
  }

  private void redirection(int register, int value) {
    host.memory().write(IoApic.BASE, 4, register);
    host.memory().write(IoApic.BASE + WINDOW, 4, value);
  }

  /** The far end of the host's line is where people look for the guest's. */
  private void cable(Device d, Machine guest) {
    HostConsole line = host.consoles().stream().filter(c -> c.name().equals(d.name)).findFirst().orElseThrow();
    Uart idle = guest.components().stream().filter(c -> c.stateName().equals(d.component)).map(Uart.class::cast).findFirst().orElseThrow();
    line.output(idle::pass);
    idle.passOn(line::type);
  }

  /** The host's processor took an interrupt that is not the timer's: an edge, and the guest gets one. */
  private void interrupt(int vector) {
    PassedFunction f = passed.get(vector - FIRST_LEVEL_VECTOR);
    if (f != null) {
      level(vector - FIRST_LEVEL_VECTOR, MASKED);
      f.raise();
      return;
    }
    IrqLine line = vector >= FIRST_VECTOR && vector < FIRST_VECTOR + ISA_IRQS ? lines.get(vector - FIRST_VECTOR) : null;
    if (line != null) {
      line.set(false);
      line.set(true);
    }
  }

  /** What belongs to a guest. */
  List<Device> of(Guest guest) {
    return KNOWN.stream().filter(d -> owners.get(d) == guest).toList();
  }
}
