package dev.trapline.vm.device;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * The 8254 interval timer of a PC: OUT of counter 0 is IRQ 0, counter 1 was memory refresh, counter 2 with its gate and OUT is port
 * 61h (speaker). All three run at 105/88 MHz, a twelfth of the 14.31818 MHz crystal.
 */
public final class Pit implements PortDevice, Stateful<Pit.State> {
  /** The clock in Hz as a fraction: 1,193,181.81... */
  public static final long HZ_NUM = 105_000_000;
  public static final long HZ_DEN = 88;
  private static final int CONTROL = 3;
  private static final int READ_BACK = 3;
  /** Ticks between two refresh requests, which toggle bit 4 of port 61h. */
  private static final int REFRESH = 18;

  /**
   * @param systemControl bits 0 to 3 of port 61h as written
   */
  public record State(PitCounter.State counter0, PitCounter.State counter1, PitCounter.State counter2, int systemControl)
      implements StateRecord {}

  private final Rate rate;
  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final PitCounter[] counters;
  private final IrqLine irq0;
  private int systemControl;

  /**
   * @param perSecond instructions in a second of virtual time
   */
  public Pit(Scheduler scheduler, long perSecond, IrqLine irq0) {
    this.rate = Rate.of(HZ_NUM, HZ_DEN, perSecond);
    this.scheduler = scheduler;
    this.irq0 = irq0;
    this.timer = scheduler.timer("pit.counter0", this::outChange);
    this.counters = new PitCounter[] {new PitCounter(true, irq0::set), new PitCounter(true, high -> {}), new PitCounter(false, high -> {})};
  }

  /** Connects ports 40h to 43h and 61h. */
  public void connect(PortMap ports) {
    ports.add("pit", 0x40, 4, this);
    ports.add("pit.speaker", 0x61, 1, new SystemControl());
  }

  private long tick() {
    return rate.ticks(scheduler.now());
  }

  private PitCounter current(int n) {
    counters[n].advance(tick());
    return counters[n];
  }

  private void outChange() {
    current(0);
    schedule();
  }

  private void schedule() {
    long wait = counters[0].toNext();
    timer.at(wait == Long.MAX_VALUE ? Scheduler.NEVER : rate.count(tick() + wait));
  }

  @Override
  public int in(int offset, int bytes) {
    return offset == CONTROL ? 0xff : current(offset).read() & 0xff;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    if (offset != CONTROL) {
      current(offset).write(value);
    } else if (value >> 6 == READ_BACK) {
      readBack(value);
    } else if ((value & 0x30) == 0) {
      current(value >> 6).latchCount();
    } else {
      current(value >> 6).control(value);
    }
    schedule();
  }

  /** Read-back command: bits 5 and 4, active low, latch count and status of the counters chosen by bits 1 to 3. */
  private void readBack(int command) {
    for (int i = 0; i < 3; i++) {
      if ((command & 2 << i) != 0) {
        PitCounter c = current(i);
        if ((command & 0x20) == 0) {
          c.latchCount();
        }
        if ((command & 0x10) == 0) {
          c.latchStatus();
        }
      }
    }
  }

  /** Port 61h: bit 0 gate of counter 2, bit 1 speaker data, bit 4 refresh toggle, bit 5 OUT of counter 2. */
  private final class SystemControl implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      int refresh = (int) (tick() / REFRESH) & 1;
      return systemControl | refresh << 4 | (current(2).out() ? 0x20 : 0);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      systemControl = value & 0xf;
      current(2).gate((value & 1) != 0);
    }
  }

  /** A counter as it stands at this moment of virtual time; looking changes nothing. */
  public PitCounter.State at(int counter) {
    PitCounter copy = new PitCounter(counter < 2, high -> {});
    copy.state(counters[counter].state());
    copy.advance(tick());
    return copy.state();
  }

  /** Power-on: no counter has a mode that counts. */
  public void reset() {
    State blank = new State(new PitCounter(true, high -> {}).state(), new PitCounter(true, high -> {}).state(),
        new PitCounter(false, high -> {}).state(), 0);
    state(blank);
    irq0.set(false);
    timer.cancel();
  }

  @Override
  public String stateName() {
    return "pit";
  }

  @Override
  public State state() {
    return new State(counters[0].state(), counters[1].state(), counters[2].state(), systemControl);
  }

  @Override
  public void state(State s) {
    counters[0].state(s.counter0);
    counters[1].state(s.counter1);
    counters[2].state(s.counter2);
    systemControl = s.systemControl;
  }
}
