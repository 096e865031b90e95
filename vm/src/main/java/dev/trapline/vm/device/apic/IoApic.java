package dev.trapline.vm.device.apic;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;

/**
 * The I/O APIC (82093AA data sheet; version 20h, which adds the EOI register): 24 pins, each with an entry saying which interrupt goes
 * to whom. Lines carry assertion, so the polarity bit is kept and otherwise without effect.
 */
public final class IoApic implements MmioDevice, Stateful<IoApic.State> {
  /** Where it answers, and how much room it takes. */
  public static final long BASE = 0xfec00000L;
  public static final int SIZE = 0x1000;
  /** Number of input pins. */
  public static final int PINS = 24;

  private static final int SELECT = 0;
  private static final int WINDOW = 0x10;
  private static final int EOI = 0x40;
  private static final int VERSION_VALUE = PINS - 1 << 16 | 0x20;
  private static final int REDIRECTION = 0x10;
  private static final long MASKED = 0x10000;
  private static final long LEVEL = 0x8000;
  private static final long REMOTE_IRR = 0x4000;
  private static final long LOGICAL = 0x800;
  private static final long READ_ONLY = 0x5000;
  private static final long DEFINED = 0xff00_0000_0001_ffffL;

  /**
   * @param select the register the window shows
   * @param lines levels of the pins
   * @param entries redirection table
   */
  public record State(int select, int id, int lines, @Length(PINS) long[] entries) implements StateRecord {}

  private final ApicBus bus;
  private final long[] entries = new long[PINS];
  private int select;
  private int id;
  private int lines;

  public IoApic(ApicBus bus) {
    this.bus = bus;
    bus.onEnd(this::ended);
    reset();
  }

  /** Power-on: everything masked. */
  public void reset() {
    Arrays.fill(entries, MASKED);
    select = 0;
    id = 0;
    lines = 0;
  }

  /** The wire to a pin, 0 to 23. */
  public IrqLine pin(int n) {
    if (n < 0 || n >= PINS) {
      throw new IllegalArgumentException("I/O APIC pin " + n + ": 0 to 23 expected");
    }
    return high -> line(n, high);
  }

  /** An edge at a masked pin is lost (82093AA 3.2.4). */
  private void line(int n, boolean high) {
    boolean rises = high && (lines >>> n & 1) == 0;
    lines = high ? lines | 1 << n : lines & ~(1 << n);
    if ((entries[n] & LEVEL) != 0) {
      levelAgain(n);
    } else if (rises && (entries[n] & MASKED) == 0) {
      send(n);
    }
  }

  private void levelAgain(int n) {
    if ((lines >>> n & 1) != 0 && (entries[n] & (LEVEL | MASKED | REMOTE_IRR)) == LEVEL) {
      send(n);
    }
  }

  private void send(int n) {
    long e = entries[n];
    ApicMessage.Mode mode = ApicMessage.mode((int) e);
    boolean level = (e & LEVEL) != 0 && (mode == ApicMessage.Mode.FIXED || mode == ApicMessage.Mode.LOWEST_PRIORITY);
    if (level) {
      entries[n] |= REMOTE_IRR;
    }
    bus.send(new ApicMessage((int) (e >>> 56), (e & LOGICAL) != 0, mode, (int) e & 0xff, level));
  }

  private void ended(int vector) {
    for (int n = 0; n < PINS; n++) {
      if ((entries[n] & (LEVEL | REMOTE_IRR)) == (LEVEL | REMOTE_IRR) && (entries[n] & 0xff) == vector) {
        entries[n] &= ~REMOTE_IRR;
        levelAgain(n);
      }
    }
  }

  @Override
  public long load(long offset, int bytes) {
    return switch ((int) offset) {
      case SELECT -> select;
      case WINDOW -> read() & 0xffffffffL;
      default -> 0;
    };
  }

  private int read() {
    int n = select - REDIRECTION >> 1;
    if (n >= 0 && n < PINS) {
      return (int) (entries[n] >>> 32 * (select & 1));
    }
    return switch (select) {
      case 0, 2 -> id;
      case 1 -> VERSION_VALUE;
      default -> 0;
    };
  }

  @Override
  public void store(long offset, int bytes, long value) {
    switch ((int) offset) {
      case SELECT -> select = (int) value & 0xff;
      case WINDOW -> write((int) value);
      case EOI -> ended((int) value & 0xff);
      default -> { }
    }
  }

  private void write(int value) {
    int n = select - REDIRECTION >> 1;
    if (select == 0) {
      id = value & 0x0f000000;
    } else if (n >= 0 && n < PINS) {
      entry(n, value);
    }
  }

  private void entry(int n, int value) {
    int shift = 32 * (select & 1);
    long kept = entries[n] & ~(0xffffffffL << shift);
    long merged = (kept | (value & 0xffffffffL) << shift) & DEFINED & ~READ_ONLY;
    // Going to edge-triggered and back is how software ends an interrupt where there is no EOI register.
    long remote = (merged & LEVEL) != 0 ? entries[n] & REMOTE_IRR : 0;
    entries[n] = merged | remote;
    levelAgain(n);
  }

  @Override
  public String stateName() {
    return "ioapic";
  }

  @Override
  public State state() {
    return new State(select, id, lines, entries.clone());
  }

  @Override
  public void state(State s) {
    if (s.entries.length != PINS) {
      throw new StateException("ioapic: " + s.entries.length + " redirection entries, " + PINS + " expected");
    }
    select = s.select;
    id = s.id;
    lines = s.lines;
    System.arraycopy(s.entries, 0, entries, 0, PINS);
  }
}
