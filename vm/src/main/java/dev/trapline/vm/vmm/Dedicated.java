package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.device.Uart;
import dev.trapline.vm.device.apic.IoApic;
import dev.trapline.vm.machine.HostConsole;
import dev.trapline.vm.machine.Machine;
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

  private final Machine host;
  private final Map<Device, Guest> owners = new HashMap<>();
  private final Map<Integer, IrqLine> lines = new HashMap<>();

  Dedicated(Machine host, HostTimer timer) {
    this.host = host;
    timer.others(this::interrupt);
  }

  /** The devices of names. @throws MonitorException if there is no such device */
  static List<Device> devices(GuestSpec spec) {
    var all = new ArrayList<Device>();
    for (String name : spec.dedicated()) {
      all.add(KNOWN.stream().filter(d -> d.name.equals(name)).findFirst().orElseThrow(() -> MonitorException.of(
          "guest %s: the host has no device '%s' to hand out: one of %s expected", spec.name(), name, KNOWN.stream().map(Device::name).toList())));
    }
    return all;
  }

  /** @throws MonitorException if a guest cannot have what it asks for */
  void require(GuestSpec spec) {
    for (Device d : devices(spec)) {
      if (owners.containsKey(d)) {
        throw MonitorException.of("guest %s: the host's %s belongs to guest %s", spec.name(), d.name, owners.get(d).name());
      }
    }
  }

  /** Hands a new guest its devices. */
  void assign(Guest guest) {
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
