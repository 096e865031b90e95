package dev.trapline.vm.bus;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.event.Instead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * I/O space: 65,536 ports, each with at most one device. An access wider than its device, or one that runs over a device's last
 * port, is split into cycles at ascending ports, low byte first, as the ISA bus does. Where nobody answers, reads give all ones,
 * writes are dropped, and both are counted.
 */
public final class PortMap implements PortBus {
  private static final int PORTS = 0x10000;

  /**
   * A range of ports and who answers.
   *
   * @param width widest single cycle the device takes: 1, 2 or 4 bytes
   */
  public record Range(String name, int first, int count, int width, PortDevice device) {
    public int last() {
      return first + count - 1;
    }
  }

  /**
   * Accesses to a port nobody answers.
   *
   * @param firstRip where the processor was at the first of them
   */
  public record Unknown(int port, long reads, long writes, long firstRip) {}

  private final Range[] owner = new Range[PORTS];
  private final List<Range> ranges = new ArrayList<>();
  private final Map<Integer, Unknown> unknown = new TreeMap<>();
  private LongSupplier where = () -> 0;
  private EventListener listener;

  /** Sets where to ask for the processor's position when an unknown port is touched. */
  public void where(LongSupplier rip) {
    this.where = rip;
  }

  /** Who hears of every access; null for nobody. */
  public void listen(EventListener to) {
    this.listener = to;
  }

  /** Registers a device of single-byte registers. */
  public void add(String name, int first, int count, PortDevice device) {
    add(name, first, count, 1, device);
  }

  /**
   * Registers a device.
   *
   * @throws IllegalArgumentException if the range overlaps another or leaves the port space
   */
  public void add(String name, int first, int count, int width, PortDevice device) {
    if (first < 0 || count <= 0 || first + count > PORTS) {
      throw new IllegalArgumentException(String.format("%s: ports %#x to %#x are outside I/O space", name, first, first + count - 1));
    }
    for (int p = first; p < first + count; p++) {
      if (owner[p] != null) {
        throw new IllegalArgumentException(String.format("%s: port %#x belongs to %s", name, p, owner[p].name));
      }
    }
    Range range = new Range(name, first, count, width, device);
    for (int p = first; p < first + count; p++) {
      owner[p] = range;
    }
    ranges.add(range);
  }

  /** Takes a device's ranges of a name out of I/O space: its address register moved or was switched off. */
  public void remove(String name) {
    ranges.removeIf(r -> r.name.equals(name));
    for (int p = 0; p < PORTS; p++) {
      if (owner[p] != null && owner[p].name.equals(name)) {
        owner[p] = null;
      }
    }
  }

  /** All ranges in order of registration. */
  public List<Range> ranges() {
    return List.copyOf(ranges);
  }

  /** Ports that were touched though nobody answers them, in ascending order. */
  public List<Unknown> unknown() {
    return List.copyOf(unknown.values());
  }

  @Override
  public int in(int port, int bytes) {
    boolean heard = listener != null && listener.wants(EventKind.IO);
    Instead instead = heard ? listener.before(new Event.Port(false, port, bytes, 0)) : null;
    int value = instead == null ? read(port, bytes) : instead instanceof Instead.Value v ? (int) v.value() & mask(bytes) : 0;
    if (heard) {
      listener.happened(new Event.Port(false, port, bytes, value & 0xffffffffL));
    }
    return value;
  }

  private int read(int port, int bytes) {
    int value = 0;
    for (int done = 0; done < bytes; ) {
      int p = port + done;
      Range r = p < PORTS ? owner[p] : null;
      int n = cycle(r, p, bytes - done);
      int part = r == null ? nobody(p, true) : r.device.in(p - r.first, n) & mask(n);
      value |= part << 8 * done;
      done += n;
    }
    return value;
  }

  @Override
  public void out(int port, int bytes, int value) {
    if (listener == null || !listener.wants(EventKind.IO)) {
      write(port, bytes, value);
      return;
    }
    Event told = new Event.Port(true, port, bytes, value & (mask(bytes) & 0xffffffffL));
    if (listener.before(told) == null) {
      write(port, bytes, value);
      listener.happened(told);
    }
  }

  private void write(int port, int bytes, int value) {
    for (int done = 0; done < bytes; ) {
      int p = port + done;
      Range r = p < PORTS ? owner[p] : null;
      int n = cycle(r, p, bytes - done);
      if (r == null) {
        nobody(p, false);
      } else {
        r.device.out(p - r.first, n, value >>> 8 * done & mask(n));
      }
      done += n;
    }
  }

  /** Bytes the next cycle moves: what is left, cut to the device's width and end. */
  private static int cycle(Range r, int port, int left) {
    if (r == null) {
      return 1;
    }
    int n = Math.min(Math.min(left, r.width), r.first + r.count - port);
    return n == 3 ? 2 : n;
  }

  private static int mask(int bytes) {
    return bytes == 4 ? -1 : (1 << 8 * bytes) - 1;
  }

  private int nobody(int port, boolean read) {
    unknown.merge(port, new Unknown(port, read ? 1 : 0, read ? 0 : 1, where.getAsLong()),
        (old, one) -> new Unknown(port, old.reads + one.reads, old.writes + one.writes, old.firstRip));
    return 0xff;
  }
}
