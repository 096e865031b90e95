package dev.trapline.vm.device;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;

/**
 * One counter of an 8254 (Intel 231164): control word, count register, counting element, output latch and status latch, in all six
 * modes, binary and BCD. Time is a tick number of its clock; the counter is brought up to a tick by {@link #advance}, in steps from one
 * event to the next, never tick by tick.
 */
public final class PitCounter {
  /** Told when OUT changes. */
  interface Output {
    void set(boolean high);
  }

  /**
   * @param tick the tick this state is of
   * @param access 1 low byte, 2 high byte, 3 low then high
   * @param initial the count register, as written
   * @param element the counting element, up to 65536 or 10000 (which read as 0)
   * @param odd the count in the element is odd (mode 3)
   * @param loadPending the next clock pulse transfers the count register
   * @param running the element counts (gate aside)
   * @param armed a strobe or terminal count is still to come
   * @param written whether a whole count was written since the control word
   * @param highNext the next byte written is the high one
   * @param highRead the next byte read is the high one
   * @param latch the output latch, -1 if it follows the element
   * @param statusLatch the status latch, -1 if empty
   */
  public record State(@Range(most = 1L << 62) long tick, @Range(most = 5) int mode, @Range(least = 1, most = 3) int access, boolean bcd,
      boolean gate, boolean out, int initial, @Range(most = 0x10000) int element, boolean odd, boolean loadPending, boolean running,
      boolean armed, boolean written, boolean nullCount, boolean highNext, boolean highRead, int lowByte,
      @Range(least = -1, most = 0xffff) int latch, @Range(least = -1, most = 0xff) int statusLatch) implements StateRecord {}

  private static final long FOREVER = Long.MAX_VALUE;
  private static final int LOW = 1;
  private static final int HIGH = 2;
  private static final int BOTH = 3;

  private final Output output;
  private long tick;
  private int mode;
  private int access = BOTH;
  private boolean bcd;
  private boolean gate;
  private boolean out;
  private int initial;
  private int element;
  private boolean odd;
  private boolean loadPending;
  private boolean running;
  private boolean armed;
  private boolean written;
  private boolean nullCount = true;
  private boolean highNext;
  private boolean highRead;
  private int lowByte;
  private int latch = -1;
  private int statusLatch = -1;

  PitCounter(boolean gate, Output output) {
    this.gate = gate;
    this.output = output;
  }

  // ---- registers

  /** A control word for this counter (access bits not zero). */
  void control(int word) {
    access = word >> 4 & 3;
    int m = word >> 1 & 7;
    mode = m > 5 ? m - 4 : m;
    bcd = (word & 1) != 0;
    loadPending = false;
    running = false;
    armed = false;
    written = false;
    nullCount = true;
    highNext = access == HIGH;
    highRead = access == HIGH;
    latch = -1;
    statusLatch = -1;
    out(mode != 0);
  }

  void write(int value) {
    if (access == BOTH && !highNext) {
      lowByte = value;
      highNext = true;
      if (mode == 0) {
        running = false;
        loadPending = false;
        out(false);
      }
      return;
    }
    initial = switch (access) {
      case LOW -> value;
      case HIGH -> value << 8;
      default -> value << 8 | lowByte;
    };
    highNext = access == HIGH;
    countWritten();
  }

  private void countWritten() {
    nullCount = true;
    boolean first = !written;
    written = true;
    switch (mode) {
      case 0 -> {
        out(false);
        loadPending = true;
      }
      case 4 -> loadPending = true;
      case 2, 3 -> loadPending |= first && gate;
      default -> { }
    }
  }

  int read() {
    if (statusLatch >= 0) {
      int s = statusLatch;
      statusLatch = -1;
      return s;
    }
    int v = latch >= 0 ? latch : value();
    int part = highRead ? v >> 8 : v & 0xff;
    if (access == BOTH && !highRead) {
      highRead = true;
    } else {
      highRead = access == HIGH;
      latch = -1;
    }
    return part;
  }

  /** Counter latch command: ignored while an earlier latch is unread. */
  void latchCount() {
    if (latch < 0) {
      latch = value();
    }
  }

  /** Read-back of the status: ignored while an earlier one is unread. */
  void latchStatus() {
    if (statusLatch < 0) {
      statusLatch = (out ? 0x80 : 0) | (nullCount ? 0x40 : 0) | access << 4 | mode << 1 | (bcd ? 1 : 0);
    }
  }

  /**
   * The element as software reads it. On a real bus the next access comes later than the next clock pulse, so software counts on finding
   * the count it has written; here only an instruction may lie between.
   */
  private int value() {
    int e = loadPending ? loaded() : element;
    return bcd ? toBcd(e) : e & 0xffff;
  }

  /** What the count register puts into the element: even numbers in mode 3. */
  private int loaded() {
    return mode == 3 ? count() & ~1 : count();
  }

  private static int toBcd(int n) {
    return n % 10 | n / 10 % 10 << 4 | n / 100 % 10 << 8 | n / 1000 % 10 << 12;
  }

  private static int fromBcd(int n) {
    return (n & 15) + (n >> 4 & 15) * 10 + (n >> 8 & 15) * 100 + (n >> 12 & 15) * 1000;
  }

  private int modulus() {
    return bcd ? 10_000 : 0x10000;
  }

  /** The initial count, a written zero being the largest. */
  private int count() {
    int n = bcd ? fromBcd(initial) : initial;
    return n == 0 ? modulus() : n;
  }

  // ---- gate and output

  void gate(boolean high) {
    if (high == gate) {
      return;
    }
    gate = high;
    switch (mode) {
      case 1, 5 -> loadPending |= high && written;
      case 2, 3 -> {
        if (high) {
          loadPending |= written;
        } else {
          loadPending = false;
          running = false;
          out(true);
        }
      }
      default -> { }
    }
  }

  boolean gate() {
    return gate;
  }

  boolean out() {
    return out;
  }

  private void out(boolean high) {
    if (out != high) {
      out = high;
      output.set(high);
    }
  }

  // ---- time

  /** Brings the counter to a tick, with all changes of OUT on the way. */
  void advance(long to) {
    while (tick < to) {
      skipWholePeriods(to);
      if (loadPending) {
        tick++;
        load();
        continue;
      }
      long left = to - tick;
      long next = toEvent();
      if (next > left) {
        run(left);
        tick = to;
        return;
      }
      tick += next;
      event();
    }
  }

  /** Ticks, at least 1, until OUT may change or the counter reloads; {@link #FOREVER} if neither is in sight. */
  long toNext() {
    return loadPending ? 1 : Math.max(1, toEvent());
  }

  /** Nobody listened for many periods (channel 2 without a reader): what they did is nothing. */
  private void skipWholePeriods(long to) {
    int period = count();
    if ((mode == 2 || mode == 3) && counting() && !loadPending && !nullCount && to - tick > 4L * period) {
      tick += ((to - tick) / period - 2) * period;
    }
  }

  private boolean counting() {
    return running && (gate || mode == 1 || mode == 5);
  }

  private long toEvent() {
    if (!counting()) {
      return FOREVER;
    }
    return switch (mode) {
      case 2 -> out ? element - 1 : 1;
      case 3 -> element / 2 + (odd && out ? 1 : 0);
      case 4, 5 -> !armed ? FOREVER : out ? element : 1;
      default -> armed ? element : FOREVER;
    };
  }

  /** Counts {@code n} ticks in which nothing happens. */
  private void run(long n) {
    if (counting()) {
      element = mode == 3 ? Math.max(0, element - 2 * (int) n) : (int) Math.floorMod(element - n, (long) modulus());
    }
  }

  /** CR to CE: the clock pulse after a count was written or a trigger came. */
  private void load() {
    loadPending = false;
    running = true;
    armed = true;
    reload();
    out(mode > 1);
  }

  private void reload() {
    nullCount = false;
    odd = (count() & 1) != 0;
    element = loaded();
  }

  /** What {@link #toEvent} announced has come. */
  private void event() {
    switch (mode) {
      case 2 -> pulse();
      case 3 -> {
        reload();
        out(!out);
      }
      case 4, 5 -> strobe();
      default -> {
        element = 0;
        armed = false;
        out(true);
      }
    }
  }

  private void pulse() {
    if (out) {
      element = 1;
      out(false);
    } else {
      reload();
      out(true);
    }
  }

  private void strobe() {
    if (out) {
      element = 0;
      out(false);
    } else {
      element = modulus() - 1;
      armed = false;
      out(true);
    }
  }

  // ---- state

  State state() {
    return new State(tick, mode, access, bcd, gate, out, initial, element, odd, loadPending, running, armed, written, nullCount, highNext,
        highRead, lowByte, latch, statusLatch);
  }

  void state(State s) {
    tick = s.tick;
    mode = s.mode;
    access = s.access;
    bcd = s.bcd;
    gate = s.gate;
    out = s.out;
    initial = s.initial;
    element = s.element;
    odd = s.odd;
    loadPending = s.loadPending;
    running = s.running;
    armed = s.armed;
    written = s.written;
    nullCount = s.nullCount;
    highNext = s.highNext;
    highRead = s.highRead;
    lowByte = s.lowByte;
    latch = s.latch;
    statusLatch = s.statusLatch;
  }
}
