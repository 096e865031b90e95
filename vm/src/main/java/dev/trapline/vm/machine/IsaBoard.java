package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.bus.SharedLine;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.device.DebugPorts;
import dev.trapline.vm.device.Pit;
import dev.trapline.vm.device.Rtc;
import dev.trapline.vm.device.SystemPorts;
import dev.trapline.vm.device.Uart;
import dev.trapline.vm.state.Stateful;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** What even the minimal PC has beside its interrupt controllers: timer, clock, first serial port, debug ports, reset and A20 gate. */
final class IsaBoard {
  static final int RTC_IRQ = 8;
  /** Wiring of the PC's serial ports. */
  private static final int COM1 = 0x3f8;
  private static final int COM1_IRQ = 4;
  private static final int COM2_IRQ = 3;
  private static final int FERR_IRQ = 13;

  private final IntFunction<IrqLine> irq;
  private final Pit pit;
  private final Rtc rtc;
  /** Interrupts of COM1 and COM3. */
  private final SharedLine com13;
  private final Uart com1;
  private final DebugPorts debugPorts;
  /** Connected on the minimal board; the PC's chipset has its own. */
  private final SystemPorts systemPorts;

  /**
   * @param irq wires of ISA interrupts by number
   * @param ask takes what the guest wants of the machine
   */
  IsaBoard(Scheduler scheduler, MachineConfig config, IntFunction<IrqLine> irq, IntConsumer console, IntConsumer debugConsole,
      Consumer<Outcome> ask) {
    this.irq = irq;
    long rate = config.instructionsPerSecond();
    pit = new Pit(scheduler, rate, irq.apply(0));
    rtc = new Rtc(scheduler, rate, irq.apply(RTC_IRQ), config.start());
    com13 = new SharedLine(irq.apply(COM1_IRQ));
    com1 = new Uart("com1", scheduler, rate, com13.source(), console);
    debugPorts = new DebugPorts(new GuestRequests(ask), debugConsole);
    systemPorts = new SystemPorts(() -> ask.accept(new Outcome.ResetRequested()));
  }

  Rtc rtc() {
    return rtc;
  }

  Uart com1() {
    return com1;
  }

  /** Wires for further devices: those of the serial ports are shared by two each. */
  IntFunction<IrqLine> shared() {
    SharedLine com24 = new SharedLine(irq.apply(COM2_IRQ));
    return n -> n == COM1_IRQ ? com13.source() : n == COM2_IRQ ? com24.source() : irq.apply(n);
  }

  List<Stateful<?>> components() {
    return List.of(pit, rtc, com1, debugPorts);
  }

  /** What only the minimal board has in use. */
  Stateful<?> systemPorts() {
    return systemPorts;
  }

  void connect(PortMap ports, boolean minimal) {
    pit.connect(ports);
    if (minimal) {
      systemPorts.connect(ports);
    }
    debugPorts.connect(ports);
    ports.add("rtc", 0x70, 2, rtc);
    ports.add("com1", COM1, Uart.PORTS, com1);
  }

  /** The wire from the processor's floating-point unit, and the port that clears it. */
  void connectFpu(PortMap ports, Cpu cpu) {
    IrqLine ferr = irq.apply(FERR_IRQ);
    ports.add("fpu.busy", 0xf0, 2, new FpuBusy(ferr));
    cpu.ferr = () -> ferr.set(true);
  }

  void reset() {
    pit.reset();
    rtc.reset();
    com1.reset();
    debugPorts.reset();
    systemPorts.reset();
  }
}
