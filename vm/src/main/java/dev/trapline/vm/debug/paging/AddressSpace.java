package dev.trapline.vm.debug.paging;

import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Everything a set of page tables maps. */
public final class AddressSpace {
  /** First address above the lower half of canonical addresses, and first of the upper half (SDM 1 3.3.7.1). */
  private static final long LOWER_END = 1L << 47;
  private static final long UPPER = -1L << 47;

  private final PageWalker walker;
  private final Paging paging;
  private final Walk walk = Walk.recording();

  public AddressSpace(PageWalker walker, Paging paging) {
    this.walker = walker;
    this.paging = paging;
  }

  public Paging paging() {
    return paging;
  }

  /** Every page from an address to another, both included, in ascending order as unsigned numbers. */
  public List<Mapping> pages(long from, long last) {
    return pages(from, last, m -> true);
  }

  /** Those of the pages that are wanted. */
  public List<Mapping> pages(long from, long last, Predicate<Mapping> wanted) {
    var out = new ArrayList<Mapping>();
    long at = from & -4096L;
    while (Long.compareUnsigned(at, last) <= 0) {
      at = canonical(at);
      Mapping page = at(at);
      if (page != null && wanted.test(page)) {
        out.add(page);
      }
      long next = page == null ? (at | covered() - 1) + 1 : page.linear() + page.bytes();
      if (Long.compareUnsigned(next, at) <= 0) {
        break;
      }
      at = next;
    }
    return out;
  }

  /** All pages there are. */
  public List<Mapping> pages() {
    return pages(0, last());
  }

  /** The last address of the space. */
  public long last() {
    return paging.format() == Paging.Format.FOUR_LEVEL ? -1 : 0xffffffffL;
  }

  private long canonical(long at) {
    boolean hole = paging.format() == Paging.Format.FOUR_LEVEL && at >>> 47 != 0 && at >> 47 != -1;
    return hole ? UPPER : at;
  }

  /** The whole page an address lies in, or null if none is mapped there. */
  public Mapping at(long linear) {
    // AC set: what SMAP forbids is mapped all the same.
    walker.walk(paging, linear, Access.READ, false, true, false, walk);
    if (walk.fault >= 0) {
      return null;
    }
    long bytes = 1L << walk.pageShift;
    long start = linear & -bytes;
    long entry = walk.steps().stream().filter(s -> !s.nested()).reduce((a, b) -> b).map(Walk.Step::entry).orElse(0L);
    return new Mapping(start, bytes, walk.gpa - (linear - start), walk.pa - (linear - start), bytes,
        new Rights(walk.writable, walk.executable, walk.user, walk.global), (entry & Mapping.A) != 0, (entry & Mapping.D) != 0);
  }

  /** Bytes the entry covers at which the last walk ended without a page. */
  private long covered() {
    int level = walk.steps().stream().filter(s -> !s.nested()).reduce((a, b) -> b).map(Walk.Step::level).orElse(1);
    boolean two = paging.format() == Paging.Format.TWO_LEVEL;
    return 1L << 12 + (two ? 10 : 9) * (level - 1);
  }

  /**
   * Neighbouring pages of the same rights as one range each; its physical address is -1 if the pages are not one after another there.
   *
   * @param used whether accessed and dirty bits and page sizes must agree too
   */
  public static List<Mapping> folded(List<Mapping> pages, boolean used) {
    var out = new ArrayList<Mapping>();
    for (Mapping m : pages) {
      Mapping before = out.isEmpty() ? null : out.getLast();
      if (before != null && before.continues(m, used)) {
        out.set(out.size() - 1, before.with(m));
      } else {
        out.add(m);
      }
    }
    return out;
  }

  static boolean upper(long linear) {
    return Long.compareUnsigned(linear, LOWER_END) >= 0;
  }
}
