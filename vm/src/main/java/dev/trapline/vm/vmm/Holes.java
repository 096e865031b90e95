package dev.trapline.vm.vmm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The holes of x86 a guest fell through: unprivileged instructions that its kernel executed at a lower privilege level than it thought, and
 * that gave something else than the bare machine would have given.
 */
public final class Holes {
  /** Places kept of each instruction and way to differ; more are only counted. */
  private static final int MOST_PLACES = 256;

  /**
   * Where one differed.
   *
   * @param rip offset of the instruction in its code segment
   * @param linear its linear address
   */
  public record Place(long rip, long linear, long count) {}

  /**
   * One instruction and one way to differ.
   *
   * @param what what it gave, and what the bare machine would have given; of several values the first
   */
  public record Hole(String mnemonic, String kind, String what, long count, List<Place> places) {}

  private static final class Sum {
    final String what;
    long count;
    final Map<Long, Place> places = new TreeMap<>();

    Sum(String what) {
      this.what = what;
    }
  }

  private final Map<String, Sum> sums = new TreeMap<>();
  private long count;

  Holes() {}

  /**
   * Counts one.
   *
   * @param kind what of the instruction differs, one word
   */
  void add(String mnemonic, String kind, String what, long rip, long linear) {
    Sum s = sums.computeIfAbsent(mnemonic + ' ' + kind, k -> new Sum(what));
    s.count++;
    count++;
    Place p = s.places.get(linear);
    if (p != null || s.places.size() < MOST_PLACES) {
      s.places.put(linear, new Place(rip, linear, p == null ? 1 : p.count() + 1));
    }
  }

  /** How many differences were met. */
  public long count() {
    return count;
  }

  /** All that were met, by instruction; places the most frequent first. */
  public List<Hole> all() {
    var all = new ArrayList<Hole>();
    sums.forEach((key, s) -> {
      var places = new ArrayList<>(s.places.values());
      places.sort(Comparator.comparingLong(Place::count).reversed());
      int space = key.indexOf(' ');
      all.add(new Hole(key.substring(0, space), key.substring(space + 1), s.what, s.count, places));
    });
    return all;
  }
}
