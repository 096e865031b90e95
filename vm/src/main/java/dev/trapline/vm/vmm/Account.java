package dev.trapline.vm.vmm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a guest cost: its exits by reason, and modelled cycles by kind of overhead. */
public final class Account {
  /**
   * Exits of one reason.
   *
   * @param reason exit code as in the VMCB
   * @param least cycles of the cheapest of them, likewise the sum and the dearest
   */
  public record Line(long reason, long count, long least, long sum, long most) {
    public long average() {
      return count == 0 ? 0 : sum / count;
    }
  }

  private static final class Sum {
    long count;
    long least = Long.MAX_VALUE;
    long sum;
    long most;
  }

  private final CostProfile profile;
  private final Map<Long, Sum> exits = new TreeMap<>();
  private final Map<Overhead, Long> overheads = new EnumMap<>(Overhead.class);
  private final long[] times = new long[Cost.values().length];
  private long present;
  private long took;
  private Sum open;

  Account(CostProfile profile) {
    this.profile = profile;
  }

  /** An exit begins: what is charged until {@link #entry} is its cost. */
  void exit(long reason) {
    close();
    open = exits.computeIfAbsent(reason, r -> new Sum());
    charge(Cost.ROUND_TRIP, 1);
    charge(Cost.DISPATCH, 1);
  }

  /** The guest goes on. */
  void entry() {
    close();
  }

  private void close() {
    if (open != null) {
      open.count++;
      open.least = Math.min(open.least, present);
      open.sum += present;
      open.most = Math.max(open.most, present);
      open = null;
    }
    present = 0;
  }

  void charge(Cost cost, int times) {
    long cycles = (long) profile.of(cost) * times;
    present += cycles;
    this.times[cost.ordinal()] += times;
    overheads.merge(cost.kind(), cycles, Long::sum);
  }

  /** Exits by reason, the most frequent first. */
  public List<Line> exits() {
    var lines = new ArrayList<Line>();
    exits.forEach((reason, s) -> lines.add(new Line(reason, s.count, s.count == 0 ? 0 : s.least, s.sum, s.most)));
    lines.sort(Comparator.comparingLong(Line::count).reversed());
    return lines;
  }

  /** The guest took some of the host's time, in nanoseconds. */
  void took(long nanoseconds) {
    took += nanoseconds;
  }

  long took() {
    return took;
  }

  /** All exits. */
  public long count() {
    return exits.values().stream().mapToLong(s -> s.count).sum();
  }

  /** Modelled cycles by kind; every kind is there. */
  public Map<Overhead, Long> overheads() {
    Map<Overhead, Long> all = new EnumMap<>(Overhead.class);
    for (Overhead o : Overhead.values()) {
      all.put(o, overheads.getOrDefault(o, 0L));
    }
    return all;
  }

  /** How often each thing was done, cut to 32 bits: differences are good. */
  void present(int[] to, int at) {
    for (int i = 0; i < times.length; i++) {
      to[at + i] = (int) times[i];
    }
  }

  /** How often something was done. */
  public long times(Cost cost) {
    return times[cost.ordinal()];
  }
}
