package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.function.BooleanSupplier;

/**
 * One cable with up to two devices: the command block (eight ports) and the control block (device control and alternate status).
 * Writes go to both devices, reads come from the selected one; device 0 answers for a missing device 1.
 *
 * <p>ATA/ATAPI-6 (T13/1410D) 7 "Interface register definitions and descriptions", 9.2 "Software reset protocol".
 */
final class AtaChannel implements Stateful<AtaChannel.State>, AtaDevice.Host {
  private static final int DATA = 0;
  private static final int DEVICE = 6;
  private static final int COMMAND = 7;
  private static final int SELECT_1 = 0x10;
  private static final int LBA = 0x40;
  private static final int NO_INTERRUPT = 0x02;
  private static final int RESET = 0x04;
  private static final int PREVIOUS = 0x80;
  private static final int DIAGNOSTIC = 0x90;
  private static final int CONTROL_PORT = 2;
  /** How long devices are busy after a reset or diagnosis. */
  private static final long RESET_TIME = 100_000;
  private static final long NANOSECONDS = 1_000_000_000;

  /**
   * The channel's own state.
   *
   * @param select the device register
   * @param diagnosed the reset going on ends with an interrupt: it is a diagnosis
   */
  record State(int select, int control, boolean diagnosed, BusMaster.State busMaster) implements StateRecord {}

  private final String name;
  private final AtaDevice<?>[] devices = new AtaDevice<?>[2];
  private final Scheduler scheduler;
  private final Scheduler.Timer reset;
  private final Scheduler.Timer[] work = new Scheduler.Timer[2];
  private final Rate nanoseconds;
  private final IrqLine irq;
  private final BusMaster busMaster;
  private int select = 0xa0;
  private int control;
  private boolean diagnosed;

  AtaChannel(String name, Scheduler scheduler, long perSecond, IrqLine irq, BusMaster busMaster) {
    this.name = name;
    this.scheduler = scheduler;
    this.nanoseconds = Rate.of(NANOSECONDS, 1, perSecond);
    this.reset = scheduler.timer(name + ".reset", this::resetEnds);
    for (int i = 0; i < work.length; i++) {
      int device = i;
      work[i] = scheduler.timer(name + "." + i, () -> devices[device].due());
    }
    this.irq = irq;
    this.busMaster = busMaster;
    busMaster.started(this::dmaStarted);
  }

  void attach(int number, AtaDevice<?> device) {
    devices[number] = device;
    device.attach(this);
  }

  AtaDevice<?> device(int number) {
    return devices[number];
  }

  BusMaster busMaster() {
    return busMaster;
  }

  /**
   * Connects the ports.
   *
   * @param decodes whether they answer now
   */
  void connect(PortMap ports, int command, int controlBlock, BooleanSupplier decodes) {
    ports.add(name, command, 8, 4, new CommandBlock(decodes));
    ports.add(name + ".control", controlBlock + CONTROL_PORT, 1, new ControlBlock(decodes));
  }

  private AtaDevice<?> selected() {
    return devices[select >> 4 & 1];
  }

  private final class CommandBlock implements PortDevice {
    private final BooleanSupplier decodes;

    CommandBlock(BooleanSupplier decodes) {
      this.decodes = decodes;
    }

    @Override
    public int in(int offset, int bytes) {
      if (!decodes.getAsBoolean()) {
        return -1;
      }
      if (offset == DATA) {
        return selected() == null ? -1 : selected().data(bytes);
      }
      int v = 0;
      for (int i = 0; i < bytes; i++) {
        v |= register(offset + i) << 8 * i;
      }
      return v;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      if (!decodes.getAsBoolean()) {
        return;
      }
      if (offset == DATA) {
        if (selected() != null) {
          selected().data(bytes, value);
        }
        return;
      }
      for (int i = 0; i < bytes; i++) {
        register(offset + i, value >>> 8 * i & 0xff);
      }
    }
  }

  private final class ControlBlock implements PortDevice {
    private final BooleanSupplier decodes;

    ControlBlock(BooleanSupplier decodes) {
      this.decodes = decodes;
    }

    @Override
    public int in(int offset, int bytes) {
      return decodes.getAsBoolean() ? status() : -1;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      if (decodes.getAsBoolean()) {
        control(value);
      }
    }
  }

  // ---- registers

  private int register(int offset) {
    if (offset == DEVICE) {
      return select | 0xa0;
    }
    AtaDevice<?> d = selected() != null ? selected() : devices[0];
    if (offset == COMMAND) {
      int status = status();
      if (selected() != null) {
        selected().interrupt(false);
      }
      return status;
    }
    return d == null ? 0 : d.task(offset, (control & PREVIOUS) != 0);
  }

  private int status() {
    return selected() == null ? 0 : selected().status;
  }

  private void register(int offset, int value) {
    control &= ~PREVIOUS;
    if (offset == COMMAND) {
      command(value);
    } else if (offset == DEVICE) {
      select = value;
      drive();
    } else {
      for (AtaDevice<?> d : devices) {
        if (d != null && (d.status & (AtaDevice.BSY | AtaDevice.DRQ)) == 0) {
          d.task(offset, value);
        }
      }
    }
  }

  private void command(int code) {
    if (code == DIAGNOSTIC) {
      select &= ~SELECT_1;
      reset(true);
    } else if (selected() != null) {
      selected().start(code, (select & LBA) != 0, select);
    }
  }

  private void control(int value) {
    boolean released = (control & ~value & RESET) != 0;
    boolean pulled = (value & ~control & RESET) != 0;
    control = value;
    if (pulled) {
      reset(false);
      reset.cancel();
    } else if (released) {
      after(reset, RESET_TIME);
    }
    drive();
  }

  /** Both devices begin to check themselves. */
  private void reset(boolean diagnosis) {
    diagnosed = diagnosis;
    select &= ~SELECT_1;
    for (Scheduler.Timer t : work) {
      t.cancel();
    }
    for (AtaDevice<?> d : devices) {
      if (d != null) {
        d.reset();
        d.status = AtaDevice.BSY;
      }
    }
    drive();
    after(reset, RESET_TIME);
  }

  // ---- for devices

  private void after(Scheduler.Timer timer, long time) {
    timer.at(scheduler.now() + Math.max(1, nanoseconds.count(time)));
  }

  @Override
  public void later(AtaDevice<?> device, long time) {
    after(work[device == devices[0] ? 0 : 1], time);
  }

  private void resetEnds() {
    for (AtaDevice<?> d : devices) {
      if (d != null) {
        d.signature();
      }
    }
    if (diagnosed && devices[0] != null) {
      devices[0].interrupt(true);
    }
  }

  /** DEVICE RESET: what the device was doing ends. */
  @Override
  public void stop(AtaDevice<?> device) {
    work[device == devices[0] ? 0 : 1].cancel();
  }

  @Override
  public void interruptChanged(AtaDevice<?> device) {
    drive();
  }

  private void drive() {
    boolean high = selected() != null && selected().intrq && (control & NO_INTERRUPT) == 0;
    if (high) {
      busMaster.interrupt();
    }
    irq.set(high);
  }

  @Override
  public int dma(byte[] buffer, int at, int n, boolean toMemory) {
    return busMaster.move(buffer, at, n, toMemory);
  }

  private void dmaStarted() {
    for (AtaDevice<?> d : devices) {
      if (d != null && d.step == AtaDevice.Step.DMA_READY) {
        d.mastered();
      }
    }
  }

  // ---- state

  void powerOn() {
    select = 0xa0;
    control = 0;
    diagnosed = false;
    reset.cancel();
    for (Scheduler.Timer t : work) {
      t.cancel();
    }
    busMaster.powerOn();
    for (AtaDevice<?> d : devices) {
      if (d != null) {
        d.powerOn();
        d.reset();
      }
    }
    drive();
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(select, control, diagnosed, busMaster.state());
  }

  @Override
  public void state(State s) {
    select = s.select;
    control = s.control;
    diagnosed = s.diagnosed;
    busMaster.state(s.busMaster);
  }
}
