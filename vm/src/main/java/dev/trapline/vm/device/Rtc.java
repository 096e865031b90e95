package dev.trapline.vm.device;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The MC146818A real-time clock with the 128 bytes of CMOS memory of a PC, at an index and a data port. Time is the start date plus
 * virtual time, so it is the same in every run. Alarm, periodic and update-ended interrupts reach IRQ 8.
 *
 * <p>The clock counts ticks of its 32,768 Hz crystal since power-on. Flags of register C that no enabled interrupt waits for are worked
 * out when somebody looks.
 */
public final class Rtc implements PortDevice, Stateful<Rtc.State> {
  private static final int HZ = 32_768;
  /** Ticks before the time changes in which UIP is set: 244 microseconds of warning, 1,984 of update cycle. */
  private static final int UIP_TICKS = 73;
  private static final int NMI_MASK = 0x80;
  private static final int BYTES = 128;

  private static final int SECONDS = 0;
  private static final int MINUTES = 2;
  private static final int HOURS = 4;
  private static final int WEEKDAY = 6;
  private static final int DAY = 7;
  private static final int MONTH = 8;
  private static final int YEAR = 9;
  private static final int A = 10;
  private static final int B = 11;
  private static final int C = 12;
  private static final int D = 13;
  /** IBM's place for the century. */
  public static final int CENTURY = 0x32;

  private static final int B_SET = 0x80;
  private static final int B_BINARY = 4;
  private static final int B_24 = 2;
  private static final int PERIODIC = 0x40;
  private static final int ALARM = 0x20;
  private static final int UPDATE = 0x10;
  private static final int ANY = PERIODIC | ALARM | UPDATE;

  /**
   * @param index address of the next data access, with the NMI mask in bit 7
   * @param memory all 128 bytes; the ten of the time hold it only while the clock is stopped
   * @param origin tick at which the second {@code seconds} began
   * @param seconds seconds since 1970 shown at {@code origin}
   * @param weekdayShift days the day of the week was set off from the date's own
   * @param seen tick up to which register C's flags are worked out
   * @param flags register C without IRQF
   */
  public record State(int index, @Length(BYTES) byte[] memory, @Range(least = -(1L << 50), most = 1L << 50) long origin,
      @Range(least = -(1L << 37), most = 1L << 38) long seconds, @Range(most = 6) int weekdayShift, @Range(most = 1L << 50) long seen,
      int flags) implements StateRecord {}

  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final Rate crystal;
  private final IrqLine irq;
  private final long startSeconds;
  private final byte[] memory = new byte[BYTES];
  private int index;
  private long origin;
  private long seconds;
  private int weekdayShift;
  private long seen;
  private int flags;

  /**
   * @param perSecond instructions in a second of virtual time
   * @param start date and time at instruction count 0
   */
  public Rtc(Scheduler scheduler, long perSecond, IrqLine irq, LocalDateTime start) {
    this.scheduler = scheduler;
    this.timer = scheduler.timer("rtc", this::due);
    this.crystal = Rate.of(HZ, 1, perSecond);
    this.irq = irq;
    this.startSeconds = start.toEpochSecond(ZoneOffset.UTC);
    powerOn();
  }

  private void powerOn() {
    memory[A] = 0x26;
    memory[B] = B_24;
    memory[D] = (byte) 0x80;
    seconds = startSeconds;
  }

  /** Sets a byte of CMOS memory beyond the clock's own registers: the set-up of the firmware. */
  public void cmos(int address, int value) {
    if (address <= D || address >= BYTES) {
      throw new IllegalArgumentException("CMOS byte " + address + ": 14 to 127 expected");
    }
    memory[address] = (byte) value;
  }

  // ---- time

  private long tick() {
    return crystal.ticks(scheduler.now());
  }

  /** Whether the divider runs (DV = 010) and SET is clear. */
  private boolean running() {
    return (memory[A] & 0x70) == 0x20 && (memory[B] & B_SET) == 0;
  }

  private LocalDateTime time(long tick) {
    return LocalDateTime.ofEpochSecond(seconds + Math.floorDiv(tick - origin, HZ), 0, ZoneOffset.UTC);
  }

  /** The time it shows; null while it is stopped. */
  public LocalDateTime shown() {
    return running() ? time(tick()) : null;
  }

  /** Writes the ten time bytes in the format that register B asks for. */
  private void store(LocalDateTime t) {
    int weekday = Math.floorMod(t.getDayOfWeek().getValue() % 7 + weekdayShift, 7) + 1;
    memory[SECONDS] = encode(t.getSecond());
    memory[MINUTES] = encode(t.getMinute());
    memory[HOURS] = encodeHour(t.getHour());
    memory[WEEKDAY] = encode(weekday);
    memory[DAY] = encode(t.getDayOfMonth());
    memory[MONTH] = encode(t.getMonthValue());
    memory[YEAR] = encode(t.getYear() % 100);
    int century = t.getYear() / 100;
    memory[CENTURY] = (byte) (century / 10 << 4 | century % 10);
  }

  private byte encode(int v) {
    return (byte) ((memory[B] & B_BINARY) != 0 ? v : v / 10 << 4 | v % 10);
  }

  private byte encodeHour(int hour) {
    if ((memory[B] & B_24) != 0) {
      return encode(hour);
    }
    int twelve = hour % 12 == 0 ? 12 : hour % 12;
    return (byte) (encode(twelve) | (hour >= 12 ? 0x80 : 0));
  }

  private int decode(int v) {
    return (memory[B] & B_BINARY) != 0 ? v : (v >> 4) * 10 + (v & 15);
  }

  private int decodeHour(int v) {
    if ((memory[B] & B_24) != 0) {
      return decode(v);
    }
    return decode(v & 0x7f) % 12 + ((v & 0x80) != 0 ? 12 : 0);
  }

  /** Takes the time from the ten bytes; what is no date leaves the clock at the start of that month or day, as counting on would. */
  private void setFromBytes(long atTick) {
    int century = (memory[CENTURY] >> 4 & 15) * 10 + (memory[CENTURY] & 15);
    int year = century * 100 + decode(memory[YEAR] & 0xff);
    LocalDateTime t;
    try {
      t = LocalDateTime.of(year, decode(memory[MONTH] & 0xff), 1, 0, 0);
    } catch (DateTimeException e) {
      t = LocalDateTime.of(Math.max(1, year), 1, 1, 0, 0);
    }
    t = t.plusDays(decode(memory[DAY] & 0xff) - 1L).plusHours(decodeHour(memory[HOURS] & 0xff))
        .plusMinutes(decode(memory[MINUTES] & 0xff)).plusSeconds(decode(memory[SECONDS] & 0xff));
    seconds = t.toEpochSecond(ZoneOffset.UTC);
    weekdayShift = Math.floorMod(decode(memory[WEEKDAY] & 0xff) - 1 - t.getDayOfWeek().getValue() % 7, 7);
    origin = atTick;
  }

  /** The clock stops: the bytes keep what it shows. */
  private void freeze(long tick) {
    store(time(tick));
  }

  // ---- flags and interrupts

  private long periodTicks() {
    int rs = memory[A] & 15;
    return rs == 0 ? 0 : rs < 3 ? 1L << rs + 6 : 1L << rs - 1;
  }

  /** Works out which flags came up since they were last looked at. */
  private void look(long now) {
    long period = periodTicks();
    boolean divider = (memory[A] & 0x70) == 0x20;
    if (divider && period > 0 && now / period > seen / period) {
      flags |= PERIODIC;
    }
    if (running() && now > seen) {
      long from = Math.floorDiv(seen - origin, HZ);
      long to = Math.floorDiv(now - origin, HZ);
      if (to > from) {
        flags |= UPDATE | (alarmBetween(from, to) ? ALARM : 0);
      }
    }
    seen = now;
    irq.set((flags & memory[B] & ANY) != 0);
  }

  private boolean alarmBetween(long from, long to) {
    for (long s = Math.max(from + 1, to - 86_400); s <= to; s++) {
      LocalDateTime t = LocalDateTime.ofEpochSecond(seconds + s, 0, ZoneOffset.UTC);
      if (matches(1, encode(t.getSecond())) && matches(3, encode(t.getMinute())) && matches(5, encodeHour(t.getHour()))) {
        return true;
      }
    }
    return false;
  }

  /** An alarm byte with the two top bits set matches everything. */
  private boolean matches(int address, byte value) {
    return (memory[address] & 0xc0) == 0xc0 || memory[address] == value;
  }

  private void schedule() {
    long now = seen;
    long next = Long.MAX_VALUE;
    long period = periodTicks();
    if ((memory[B] & PERIODIC) != 0 && (flags & PERIODIC) == 0 && period > 0 && (memory[A] & 0x70) == 0x20) {
      next = (now / period + 1) * period;
    }
    if ((memory[B] & ~flags & (ALARM | UPDATE)) != 0 && running()) {
      next = Math.min(next, origin + (Math.floorDiv(now - origin, HZ) + 1) * HZ);
    }
    timer.at(next == Long.MAX_VALUE ? Scheduler.NEVER : crystal.count(next));
  }

  private void due() {
    look(tick());
    schedule();
  }

  // ---- ports

  @Override
  public int in(int offset, int bytes) {
    return offset == 0 ? 0xff : read(index & BYTES - 1);
  }

  @Override
  public void out(int offset, int bytes, int value) {
    if (offset == 0) {
      index = value;
    } else {
      write(index & BYTES - 1, value);
    }
  }

  /** Whether bit 7 of the index port masks NMI. */
  public boolean nmiMasked() {
    return (index & NMI_MASK) != 0;
  }

  private int read(int address) {
    long now = tick();
    if (address == C) {
      return readFlags(now);
    }
    if (isTime(address) && running()) {
      byte[] saved = memory.clone();
      store(time(now));
      int v = memory[address] & 0xff;
      System.arraycopy(saved, 0, memory, 0, BYTES);
      return v;
    }
    return memory[address] & 0xff | (address == A && updateInProgress(now) ? 0x80 : 0);
  }

  private boolean updateInProgress(long now) {
    return running() && Math.floorMod(now - origin, (long) HZ) >= HZ - UIP_TICKS;
  }

  private int readFlags(long now) {
    look(now);
    int v = flags | ((flags & memory[B] & ANY) != 0 ? 0x80 : 0);
    flags = 0;
    irq.set(false);
    schedule();
    return v;
  }

  private static boolean isTime(int address) {
    return address == SECONDS || address == MINUTES || address == HOURS || address >= WEEKDAY && address <= YEAR || address == CENTURY;
  }

  private void write(int address, int value) {
    long now = tick();
    look(now);
    if (address == A || address == B) {
      control(address, value, now);
    } else if (isTime(address)) {
      setTimeByte(address, value, now);
    } else if (address != C && address != D) {
      memory[address] = (byte) value;
    }
    schedule();
  }

  private void setTimeByte(int address, int value, long now) {
    if (!running()) {
      memory[address] = (byte) value;
      return;
    }
    freeze(now);
    memory[address] = (byte) value;
    setFromBytes(now - Math.floorMod(now - origin, (long) HZ));
  }

  private void control(int address, int value, long now) {
    boolean ran = running();
    if (ran) {
      freeze(now);
    }
    memory[address] = (byte) (address == A ? value & 0x7f : value);
    if (address == B && (value & B_SET) != 0) {
      memory[B] &= ~UPDATE;
    }
    if (!running()) {
      irq.set((flags & memory[B] & ANY) != 0);
      return;
    }
    if (ran) {
      store(time(now));
    } else {
      restart(now, address);
    }
    irq.set((flags & memory[B] & ANY) != 0);
  }

  /** SET cleared: the divider went on, the second's phase is kept. Divider released: the first update comes half a second later. */
  private void restart(long now, int address) {
    setFromBytes(address == B ? now - Math.floorMod(now - origin, (long) HZ) : now - HZ / 2);
  }

  /** RESET pin: interrupt enables and flags go, time and memory stay. */
  public void reset() {
    memory[B] &= ~(ANY | 8);
    flags = 0;
    index = 0;
    irq.set(false);
    seen = tick();
    schedule();
  }

  @Override
  public String stateName() {
    return "rtc";
  }

  @Override
  public State state() {
    return new State(index, memory.clone(), origin, seconds, weekdayShift, seen, flags);
  }

  @Override
  public void state(State s) {
    index = s.index;
    System.arraycopy(s.memory, 0, memory, 0, BYTES);
    origin = s.origin;
    seconds = s.seconds;
    weekdayShift = s.weekdayShift;
    seen = s.seen;
    flags = s.flags;
  }
}
