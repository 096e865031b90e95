package dev.trapline.vm.device;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * The high precision event timer (IA-PC HPET specification 1.0a): a 64-bit counter of 14.31818 MHz and three comparators, all of them
 * periodic if wanted. With legacy replacement routing comparators 0 and 1 take the wires of the 8254 and the real-time clock.
 */
public final class Hpet implements MmioDevice, Stateful<Hpet.State> {
  /** Where it answers, and how much room it takes. */
  public static final long BASE = 0xfed00000L;
  public static final int SIZE = 0x1000;
  /** A tick in femtoseconds. */
  public static final int PERIOD = 69_841_279;
  private static final long FEMTOSECONDS = 1_000_000_000_000_000L;
  private static final int TIMERS = 3;

  private static final int CAPABILITIES = 0;
  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xf0;
  private static final int FIRST_TIMER = 0x100;
  /** Vendor 8086h, legacy routing, 64-bit counter, three timers, revision 1. */
  private static final long CAPABILITIES_VALUE = (long) PERIOD << 32 | 0x8086_0000L | 0xa000 | TIMERS - 1 << 8 | 1;
  private static final int ENABLE = 1;
  private static final int LEGACY = 2;

  /**
   * @param counter its value at tick {@code since} of virtual time if it runs, else its value
   * @param replaced levels of the wires that legacy replacement cuts: bit 0 the 8254's, bit 1 the real-time clock's
   */
  public record State(int configuration, int status, long counter, long since, int replaced, @Length(TIMERS) List<TimerState> timers)
      implements StateRecord {}

  /** One comparator. */
  public record TimerState(int configuration, long comparator, long period, boolean high) implements StateRecord {}

  private final Scheduler scheduler;
  private final Rate rate;
  private final IntFunction<IrqLine> pins;
  private final IrqLine[] legacy;
    private final Comparator[] timers;
  private int configuration;
  private int status;
  private long counter;
  private long since;
  private int replaced;

  /**
   * @param perSecond instructions in a second of virtual time
   * @param pins of the I/O APIC
   * @param irq0 wire of ISA interrupt 0, otherwise the 8254's
   * @param irq8 wire of ISA interrupt 8, otherwise the real-time clock's
   */
  public Hpet(Scheduler scheduler, long perSecond, IntFunction<IrqLine> pins, IrqLine irq0, IrqLine irq8) {
    this.scheduler = scheduler;
    this.rate = Rate.of(FEMTOSECONDS, PERIOD, perSecond);
    this.pins = pins;
    this.legacy = new IrqLine[] {irq0, irq8};
    this.timers = new Comparator[] {new Comparator(0), new Comparator(1), new Comparator(2)};
  }

  /** The wire for the 8254, which is cut by legacy replacement. */
  public IrqLine irq0() {
    return through(0);
  }

  /** The wire for the real-time clock, which is cut by legacy replacement. */
  public IrqLine irq8() {
    return through(1);
  }

  private IrqLine through(int n) {
    return high -> {
      replaced = high ? replaced | 1 << n : replaced & ~(1 << n);
      if ((configuration & LEGACY) == 0) {
        legacy[n].set(high);
      }
    };
  }

  private long tick() {
    return rate.ticks(scheduler.now());
  }

  private boolean runs() {
    return (configuration & ENABLE) != 0;
  }

  private long count() {
    return runs() ? counter + tick() - since : counter;
  }

  // ---- registers

  @Override
  public long load(long offset, int bytes) {
    int shift = 8 * ((int) offset & 7);
    return read((int) offset & -8) >>> shift & (bytes == 8 ? -1 : (1L << 8 * bytes) - 1);
  }

  private long read(int register) {
    if (register >= FIRST_TIMER && register < FIRST_TIMER + 0x20 * TIMERS) {
      return timers[register - FIRST_TIMER >> 5].read(register & 0x1f);
    }
    return switch (register) {
      case CAPABILITIES -> CAPABILITIES_VALUE;
      case CONFIGURATION -> configuration;
      case STATUS -> status;
      case COUNTER -> count();
      default -> 0;
    };
  }

  /** 32- and 64-bit accesses are defined; a half is merged with what the other half reads, but for write-1-to-clear bits. */
  @Override
  public void store(long offset, int bytes, long value) {
    int register = (int) offset & -8;
    int shift = 8 * ((int) offset & 7);
    long mask = bytes == 8 ? -1 : (1L << 8 * bytes) - 1 << shift;
    long merged = (register == STATUS ? 0 : read(register)) & ~mask | value << shift & mask;
    if (register >= FIRST_TIMER && register < FIRST_TIMER + 0x20 * TIMERS) {
      timers[register - FIRST_TIMER >> 5].write(register & 0x1f, merged, mask);
    } else if (register == CONFIGURATION) {
      configure((int) merged & 3);
    } else if (register == STATUS) {
      acknowledge((int) merged);
    } else if (register == COUNTER && !runs()) {
      counter = merged;
    }
  }

  private void configure(int value) {
    long now = count();
    int changed = configuration ^ value;
    if ((changed & LEGACY) != 0) {
      Stream.of(timers).forEach(t -> t.line(false));
    }
    configuration = value;
    counter = now;
    since = tick();
    if ((changed & LEGACY) != 0) {
      legacyChanged();
    }
    Stream.of(timers).forEach(Comparator::schedule);
  }

  private void legacyChanged() {
    for (int n = 0; n < 2; n++) {
      legacy[n].set((configuration & LEGACY) == 0 && (replaced >>> n & 1) != 0);
    }
  }

  private void acknowledge(int bits) {
    for (int n = 0; n < TIMERS; n++) {
      if ((bits & status & 1 << n) != 0) {
        status &= ~(1 << n);
        timers[n].line(false);
      }
    }
  }

  /** One comparator. */
  private final class Comparator {
    private static final int LEVEL = 2;
    private static final int ENABLED = 4;
    private static final int PERIODIC = 8;
    private static final int CAN = 0x30;
    private static final int SET_VALUE = 0x40;
    private static final int NARROW = 0x100;
    private static final int WRITABLE = 0x3f4e;
    /** Pins a comparator can be wired to: 20 to 23. */
    private static final long ROUTES = 0x00f0_0000L << 32;

    private final int number;
    private final Scheduler.Timer timer;
    private int config;
    private long comparator;
    private long period;
    private boolean high;

    Comparator(int number) {
      this.number = number;
      this.timer = scheduler.timer("hpet" + number, this::fire);
      reset();
    }

    void reset() {
      config = 0;
      comparator = -1;
      period = 0;
      high = false;
    }

    private boolean is(int bit) {
      return (config & bit) != 0;
    }

    private long cut(long v) {
      return is(NARROW) ? v & 0xffffffffL : v;
    }

    long read(int register) {
      return switch (register) {
        case 0 -> ROUTES | CAN | config;
        case 8 -> comparator;
        default -> 0;
      };
    }

    void write(int register, long value, long mask) {
      if (register == 0 && (mask & 0xffffffffL) != 0) {
        config((int) value & WRITABLE);
      } else if (register == 8) {
        compare(cut(value), mask);
      }
      schedule();
    }

    private void config(int value) {
      if ((value & ENABLED) == 0 || ((value ^ config) & (LEVEL | 0x3e00)) != 0) {
        line(false);
      }
      config = value;
      if (is(NARROW)) {
        comparator = cut(comparator);
        period = cut(period);
      }
    }

    /** In periodic mode a write also sets the period; only the one after SET_VALUE was written sets the comparator too. */
    private void compare(long value, long mask) {
      if (!is(PERIODIC) || is(SET_VALUE)) {
        comparator = value;
      }
      if (is(PERIODIC)) {
        period = value;
      }
      boolean lowHalfOnly = mask == 0xffffffffL && !is(NARROW);
      if (!lowHalfOnly) {
        config &= ~SET_VALUE;
      }
    }

    void schedule() {
      if (!runs()) {
        timer.cancel();
        return;
      }
      long distance = cut(comparator - count());
      if (distance == 0) {
        distance = is(NARROW) ? 1L << 32 : Long.MAX_VALUE;
      }
      boolean never = distance < 0 || distance > 1L << 56;
      timer.at(never ? Scheduler.NEVER : rate.count(tick() + distance));
    }

    private void fire() {
      if (is(LEVEL)) {
        status |= 1 << number;
      }
      if (is(ENABLED)) {
        line(false);
        line(true);
      }
      if (is(PERIODIC) && period != 0) {
        // Periods that have gone by entirely are skipped.
        long late = cut(count() - comparator);
        comparator = cut(comparator + period * (Long.divideUnsigned(late, period) + 1));
      }
      schedule();
    }

    /** An edge-triggered line stays high to the next match: an 8259 forgets a request whose line falls before it is acknowledged. */
    void line(boolean wanted) {
      if (wanted == high) {
        return;
      }
      high = wanted;
      if (number < 2 && (configuration & LEGACY) != 0) {
        legacy[number].set(wanted);
      } else {
        int route = config >> 9 & 0x1f;
        if ((ROUTES >>> 32 + route & 1) != 0) {
          pins.apply(route).set(wanted);
        }
      }
    }

    TimerState state() {
      return new TimerState(config, comparator, period, high);
    }

    void state(TimerState s) {
      config = s.configuration;
      comparator = s.comparator;
      period = s.period;
      high = s.high;
    }
  }

  // ---- state

  /** Power-on: the counter stands at 0. */
  public void reset() {
    configuration = 0;
    status = 0;
    counter = 0;
    since = 0;
    replaced = 0;
    for (Comparator t : timers) {
      t.reset();
      t.timer.cancel();
    }
  }

  @Override
  public String stateName() {
    return "hpet";
  }

  @Override
  public State state() {
    return new State(configuration, status, counter, since, replaced, Stream.of(timers).map(Comparator::state).toList());
  }

  @Override
  public void state(State s) {
    if (s.timers.size() != TIMERS) {
      throw new StateException("hpet: " + s.timers.size() + " timers, " + TIMERS + " expected");
    }
    configuration = s.configuration;
    status = s.status;
    counter = s.counter;
    since = s.since;
    replaced = s.replaced;
    for (int n = 0; n < TIMERS; n++) {
      timers[n].state(s.timers.get(n));
    }
  }
}
