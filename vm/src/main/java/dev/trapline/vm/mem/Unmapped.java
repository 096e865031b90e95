package dev.trapline.vm.mem;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Counts accesses that nobody answers, by page. Beyond a number of pages the others are counted together. */
public final class Unmapped {
  /** Pages told apart. */
  static final int MOST = 256;
  /** Stands for all further pages. */
  public static final long OTHERS = -1;

  /**
   * Accesses to a page.
   *
   * @param page physical address of its first byte, {@link #OTHERS} for all beyond the first {@value #MOST}
   * @param writes stores to ROM too
   * @param firstRip where the processor was at the first of them, linear
   */
  public record Page(long page, long reads, long writes, long firstRip) {}

  private final Map<Long, Page> pages = new TreeMap<>(Long::compareUnsigned);
  private LongSupplier where = () -> 0;

  /** Sets where to ask for the processor's position. */
  public void where(LongSupplier rip) {
    where = rip;
  }

  void count(long pa, boolean write) {
    long page = pa & -PhysicalMemory.PAGE;
    long key = pages.size() < MOST || pages.containsKey(page) ? page : OTHERS;
    pages.merge(key, new Page(key, write ? 0 : 1, write ? 1 : 0, where.getAsLong()),
        (old, one) -> new Page(key, old.reads + one.reads, old.writes + one.writes, old.firstRip));
  }

  /** What was touched, in ascending order. */
  public List<Page> pages() {
    return List.copyOf(pages.values());
  }
}
