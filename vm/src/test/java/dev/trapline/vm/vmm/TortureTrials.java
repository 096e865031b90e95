package dev.trapline.vm.vmm;

import dev.trapline.vm.vmm.TortureKernel.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the torture kernel is given: every combination of P, RW, US, NX, PS, A and D at every level that a walk can tell apart. What is not
 * looked at (all bits of an entry that is not present, D and the bits for software of one that leads to a table) is filled at random, and
 * below an entry that ends the walk stands a random one.
 */
final class TortureTrials {
  static final long P = 1;
  static final long RW = 2;
  static final long US = 4;
  static final long A = 0x20;
  static final long D = 0x40;
  static final long PS = 0x80;
  static final long NX = 1L << 63;
  private static final long SMALL = 0x605000;
  private static final long LARGE = 0x800000;
  private static final long[] TABLE = {0, 0, 0x160000, 0x161000, 0x162000};
  private static final int SMAP_AND_ALL = 0x1f;
  /** PHYSICAL_BITS of the processor is 40: SDM 3A 4.1.4. */
  private static final int ADDRESS_BITS = 40;

  private final int format;
  private final Random random;

  TortureTrials(int format, long seed) {
    this.format = format;
    this.random = new Random(seed);
  }

  /** Modes that make a difference for the format. */
  List<Integer> modes() {
    var all = new ArrayList<Integer>();
    for (int m = 0; m <= (format == 4 ? 15 : SMAP_AND_ALL); m++) {
      all.add(m);
    }
    return all;
  }

  /** All ways down, as entries of levels 1 upwards. */
  List<long[]> ways() {
    List<long[]> below = leaves();
    for (int level = 2; level <= format; level++) {
      below = above(level, below);
    }
    return below;
  }

  /** The same in random order: a part of them is a sample. */
  List<long[]> shuffledWays() {
    var all = new ArrayList<>(ways());
    java.util.Collections.shuffle(all, random);
    return all;
  }

  private long[] bits(boolean disable) {
    return disable && format > 2 ? new long[] {RW, US, NX, A} : new long[] {RW, US, A};
  }

  private static List<Long> combinations(long... bits) {
    var all = new ArrayList<Long>();
    for (int n = 0; n < 1 << bits.length; n++) {
      long e = P;
      for (int i = 0; i < bits.length; i++) {
        e |= (n >> i & 1) != 0 ? bits[i] : 0;
      }
      all.add(e);
    }
    return all;
  }

  private long ignored() {
    return random.nextInt(8) << 9;
  }

  private long absent() {
    return random.nextLong() & ~P & (format == 2 ? 0xffffffffL : -1L);
  }

  private static long[] with(long[] bits, long more) {
    long[] all = java.util.Arrays.copyOf(bits, bits.length + 1);
    all[bits.length] = more;
    return all;
  }

  private List<long[]> leaves() {
    var all = new ArrayList<long[]>();
    all.add(new long[] {absent()});
    for (long e : combinations(with(bits(true), D))) {
      all.add(new long[] {e | SMALL | ignored()});
    }
    return all;
  }

  private List<long[]> above(int level, List<long[]> below) {
    var all = new ArrayList<long[]>();
    all.add(on(below.get(random.nextInt(below.size())), absent()));
    boolean directoryPointer = format == 3 && level == 3;
    if (directoryPointer) {
      below.forEach(b -> all.add(on(b, TABLE[level] | P)));
      return all;
    }
    for (long e : level < 4 ? combinations(with(bits(true), D)) : List.<Long>of()) {
      long frame = level == 2 ? LARGE : 0;
      all.add(on(below.get(random.nextInt(below.size())), e | PS | frame | ignored()));
    }
    for (long e : combinations(bits(true))) {
      below.forEach(b -> all.add(on(b, e | TABLE[level] | ignored() | (random.nextBoolean() ? D : 0))));
    }
    return all;
  }

  private static long[] on(long[] below, long entry) {
    return with(below, entry);
  }

  /** Every reserved bit of every level, alone in entries that allow everything, and addresses where no memory is. */
  List<long[]> reserved() {
    var all = new ArrayList<long[]>();
    long everything = P | RW | US;
    int top = format == 2 ? 31 : 62;
    for (int level = 1; level <= format; level++) {
      for (int bit = 7; bit <= top; bit++) {
        boolean flag = bit < 9 || bit >= ADDRESS_BITS;
        for (int large = 0; large < (level == 2 || level == 3 && format == 4 ? 2 : 1); large++) {
          long[] way = new long[format];
          for (int l = 1; l <= format; l++) {
            way[l - 1] = (l == 1 ? SMALL : TABLE[l]) | (format == 3 && l == 3 ? P : everything);
          }
          way[level - 1] = large == 1 ? everything | PS | (level == 2 ? LARGE : 0) : way[level - 1];
          boolean offset = large == 1 && bit >= 13 && bit <= (level == 2 ? 21 : 29);
          if (flag || offset) {
            way[level - 1] |= 1L << bit;
            all.add(way);
          }
        }
      }
    }
    if (format > 2) {
      all.add(beyond(1, 1L << 39));
      all.add(beyond(1, 0xffff_fff000L));
      all.add(beyond(2, 1L << 36));
    }
    all.add(beyond(1, 0x9000_0000L));
    all.add(beyond(2, 0x8000_0000L));
    return all;
  }

  /** A way that leaves the memory there is. */
  private long[] beyond(int level, long address) {
    long[] way = new long[format];
    for (int l = 1; l <= format; l++) {
      way[l - 1] = (l == level ? address : l == 1 ? SMALL : TABLE[l]) | (format == 3 && l == 3 ? P : P | RW | US);
    }
    return way;
  }

  /** Trials of each way in each mode, the ways in random order. Under PAE a new PDPTE needs a load of CR3 (SDM 3A 4.4.1). */
  List<Trial> all(List<long[]> ways, List<Integer> modes) {
    var out = new ArrayList<Trial>(ways.size() * modes.size());
    for (int mode : modes) {
      var order = new ArrayList<>(ways);
      java.util.Collections.shuffle(order, random);
      order.forEach(w -> out.add(new Trial(mode, format == 3 || random.nextInt(4) == 0, w)));
    }
    return out;
  }

  /** Some ways in changing modes. */
  List<Trial> some(List<long[]> ways, int count) {
    var out = new ArrayList<Trial>(count);
    List<Integer> modes = modes();
    int mode = 0;
    for (int i = 0; i < count; i++) {
      mode = i % 4 == 0 ? modes.get(random.nextInt(modes.size())) : mode;
      out.add(new Trial(mode, format == 3 || random.nextInt(4) == 0, ways.get(random.nextInt(ways.size()))));
    }
    return out;
  }
}
