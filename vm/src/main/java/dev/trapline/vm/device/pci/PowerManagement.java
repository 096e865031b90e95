package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;

/**
 * Power management of the Intel 82371AB (PIIX4), function 3, as ACPI sees it: 64 ports at the address in 40h with the PM1a event and
 * control registers, the power management timer and one general-purpose event block, and the commands at ports B2h and B3h by which
 * an operating system takes them over. There is no system management mode: the two commands of the FADT act at once.
 *
 * <p>Datasheet: Intel 82371AB (290562), 7.1 and 7.2; ACPI 6.4, 4.8.3.
 */
public final class PowerManagement extends PciFunction implements Stateful<PowerManagement.State> {
  /** Written to port B2h: the operating system takes over. */
  public static final int ACPI_ENABLE = 0xf1;
  /** Written to port B2h: the operating system gives back. */
  public static final int ACPI_DISABLE = 0xf0;
  /** Port of the commands; the next one takes a parameter. */
  public static final int COMMAND_PORT = 0xb2;
  /** Offsets of the register blocks in the ports. */
  public static final int EVENTS = 0;
  public static final int CONTROL = 4;
  public static final int TIMER = 8;
  public static final int GENERAL_EVENTS = 0x0c;
  /** Sleep type of soft off. */
  public static final int SOFT_OFF = 0;
  /** The interrupt everything here causes. */
  public static final int SCI_IRQ = 9;
  private static final int PORTS = 64;

  private static final int BASE_BAR = 12;
  private static final int BASE = 0x40;
  private static final int MISC = 0x80;
  private static final int TIMER_HZ = 3_579_545;
  private static final int TIMER_MASK = 0xffffff;
  /** The status bit is set whenever this bit of the timer changes. */
  private static final int TIMER_CARRY = 23;

  private static final int TIMER_STATUS = 1;
  private static final int POWER_BUTTON = 0x100;
  private static final int EVENT_ENABLE = 0x521;
  private static final int SCI_ENABLE = 1;
  private static final int CONTROL_BITS = 0x1c03;
  private static final int SLEEP_ENABLE = 0x2000;
  private static final int SLEEP_TYPE = 10;
  private static final int GENERAL_BITS = 0x0f01;

  /**
   * @param status PM1a status
   * @param enable PM1a enable
   * @param control PM1a control
   * @param generalStatus general-purpose event status
   * @param generalEnable general-purpose event enable
   * @param carries changes of the timer's highest bit that the status has seen
   * @param registers the other ports, which only remember
   * @param command last byte at port B2h
   * @param parameter last byte at port B3h
   */
  public record State(int status, int enable, int control, int generalStatus, int generalEnable, long carries,
      @Length(PORTS) byte[] registers, int command, int parameter) implements StateRecord {}

  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final Rate rate;
  private final IrqLine sci;
  private final Runnable powerOff;
  private int status;
  private int enable;
  private int control;
  private int generalStatus;
  private int generalEnable;
  private long carries;
  private final byte[] registers = new byte[PORTS];
  private int command;
  private int parameter;

  /**
   * @param perSecond instructions in a second of virtual time
   * @param sci the system control interrupt
   * @param powerOff what soft off does
   */
  public PowerManagement(Scheduler scheduler, long perSecond, IrqLine sci, Runnable powerOff) {
    super("power-management", 0x8086, 0x7113, 0x068000, 3);
    this.scheduler = scheduler;
    this.timer = scheduler.timer("pm-timer", this::update);
    this.rate = Rate.of(TIMER_HZ, 1, perSecond);
    this.sci = sci;
    this.powerOff = powerOff;
    ioBar(BASE_BAR, "pm", PORTS, new Registers());
    allow(BASE, 4, 0xffc0);
    allow(MISC, 1, 1);
    for (int monitor = 0x4c; monitor < 0x68; monitor += 4) {
      allow(monitor, 4, -1);
    }
    set(STATUS, 2, 0x280);
    set(INTERRUPT_LINE, 1, SCI_IRQ);
    allow(INTERRUPT_LINE, 1, 0);
    // Commands cause no SMI, and the bit that enables it reads as set: firmware sees nothing left to set up.
    set(0x5b, 1, 2);
    allow(COMMAND, 2, COMMAND_IO);
  }

  /** Connects the command ports. */
  public void connect(PortMap ports) {
    ports.add("apm", COMMAND_PORT, 2, new Commands());
  }

  @Override
  protected boolean decodes(int offset, boolean io) {
    return (config(MISC, 1) & 1) != 0;
  }

  /** Presses the power button. */
  public void powerButton() {
    status |= POWER_BUTTON;
    update();
  }

  // ---- events

  private long ticks() {
    return rate.ticks(scheduler.now());
  }

  /** Sees carries of the timer, drives the interrupt, and has itself called at the next carry if somebody waits for it. */
  private void update() {
    long now = ticks() >>> TIMER_CARRY;
    if (now != carries) {
      carries = now;
      status |= TIMER_STATUS;
    }
    interrupt();
    if ((enable & TIMER_STATUS) != 0 && (status & TIMER_STATUS) == 0) {
      timer.at(rate.count(carries + 1 << TIMER_CARRY));
    } else if (timer.deadline() != Scheduler.NEVER) {
      timer.cancel();
    }
  }

  private void interrupt() {
    boolean wanted = (status & enable & EVENT_ENABLE) != 0 || (generalStatus & generalEnable) != 0;
    sci.set(wanted && (control & SCI_ENABLE) != 0);
  }

  /** Only soft off is told of in the tables; other sleeping states do not exist here. */
  private void sleep() {
    if ((control & SLEEP_ENABLE) != 0 && (control >> SLEEP_TYPE & 7) == SOFT_OFF) {
      powerOff.run();
    }
    control &= CONTROL_BITS;
  }

  private final class Registers implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      update();
      long around = word(offset & ~3) & 0xffffffffL | (long) word((offset & ~3) + 4) << 32;
      return (int) (around >>> 8 * (offset & 3));
    }

    @Override
    public void out(int offset, int bytes, int value) {
      update();
      for (int i = 0; i < bytes; i++) {
        store(offset + i, value >>> 8 * i & 0xff);
      }
      sleep();
      update();
    }
  }

  private int word(int offset) {
    return switch (offset) {
      case EVENTS -> status | enable << 16;
      case CONTROL -> control;
      case TIMER -> (int) ticks() & TIMER_MASK;
      case GENERAL_EVENTS -> generalStatus | generalEnable << 16;
      case PORTS -> 0;
      default -> registers[offset] & 0xff | (registers[offset + 1] & 0xff) << 8 | (registers[offset + 2] & 0xff) << 16
          | registers[offset + 3] << 24;
    };
  }

  /** One byte: status bits go out where ones are written. */
  private void store(int offset, int value) {
    int shift = 8 * (offset & 1);
    switch (offset & ~1) {
      case EVENTS -> status &= ~(value << shift);
      case EVENTS + 2 -> enable = (enable & ~(0xff << shift) | value << shift) & EVENT_ENABLE;
      case CONTROL -> control = control & ~(0xff << shift) | value << shift;
      case GENERAL_EVENTS -> generalStatus &= ~(value << shift);
      case GENERAL_EVENTS + 2 -> generalEnable = (generalEnable & ~(0xff << shift) | value << shift) & GENERAL_BITS;
      case TIMER, TIMER + 2 -> { /* The timer cannot be set. */ }
      default -> registers[offset] = (byte) value;
    }
  }

  private final class Commands implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return offset == 0 ? command : parameter;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      if (offset == 1) {
        parameter = value;
        return;
      }
      command = value;
      switch (value) {
        case ACPI_ENABLE -> control |= SCI_ENABLE;
        case ACPI_DISABLE -> control &= ~SCI_ENABLE;
        default -> { /* Commands to system management software that is not there. */ }
      }
      update();
    }
  }

  // ---- state

  @Override
  protected void powerOn() {
    status = 0;
    enable = 0;
    control = 0;
    generalStatus = 0;
    generalEnable = 0;
    carries = ticks() >>> TIMER_CARRY;
    Arrays.fill(registers, (byte) 0);
    command = 0;
    parameter = 0;
    update();
  }

  @Override
  public String stateName() {
    return "acpi";
  }

  @Override
  public State state() {
    return new State(status, enable, control, generalStatus, generalEnable, carries, registers.clone(), command, parameter);
  }

  @Override
  public void state(State s) {
    status = s.status;
    enable = s.enable;
    control = s.control;
    generalStatus = s.generalStatus;
    generalEnable = s.generalEnable;
    carries = s.carries;
    System.arraycopy(s.registers, 0, registers, 0, PORTS);
    command = s.command;
    parameter = s.parameter;
    interrupt();
  }
}
