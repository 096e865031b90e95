package dev.trapline.vm.mmu;

import java.util.ArrayList;
import java.util.List;

/**
 * The result of one page walk. Reused by the processor, so a hot walk allocates nothing; inspection makes its own with
 * {@link #recording} and gets every step.
 */
public final class Walk {
  /** Page-fault error code bits (SDM 3A figure 4-12). */
  public static final int PF_P = 1;
  public static final int PF_W = 2;
  public static final int PF_U = 4;
  public static final int PF_RSVD = 8;
  public static final int PF_I = 0x10;
  /** Bits of a nested page fault's EXITINFO1: the address the guest's tables led to, or one of the tables themselves. */
  public static final long NPF_FINAL = 1L << 32;
  public static final long NPF_TABLE = 1L << 33;

  /**
   * One table entry met on the way.
   *
   * @param level 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE
   * @param entryAddress physical address of the entry, as the tables it belongs to name it: guest-physical for a guest's own
   * @param entry its value as read
   * @param nested whether it is an entry of the nested tables, met while an address of the guest's was translated
   */
  public record Step(int level, long entryAddress, long entry, boolean nested) {}

  /** Physical address of the byte asked for; valid if {@link #fault} is negative. */
  public long pa;
  /** log2 of the page size: 12, 21, 22 or 30. */
  public int pageShift;
  /** Combined rights over all levels. */
  public boolean writable;
  public boolean user;
  public boolean executable;
  public boolean global;
  /** Whether the leaf is dirty (after this walk): only then may a write be cached. */
  public boolean dirty;
  /** The #PF error code, or -1 if the access is allowed. */
  public int fault = -1;
  /** Entries met, by level; {@link #top} is the highest read from memory. */
  final long[] entryAddress = new long[5];
  final long[] entry = new long[5];
  /** Where the entries are in host-physical memory. */
  final long[] entryHost = new long[5];
  int top;
  /** The nested page fault as EXITINFO1 tells it (APM2 15.25.6), 0 if there is none; {@link #fault} is then not negative. */
  public long nestedFault;
  /** The guest-physical address of the nested page fault. */
  public long nestedAddress;
  /** The guest-physical address the walk came to; the same as {@link #pa} without nested paging. */
  public long gpa;
  private final List<Step> steps;
  private final boolean nested;
  private Walk inner;

  public Walk() {
    this(null, false);
  }

  private Walk(List<Step> steps, boolean nested) {
    this.steps = steps;
    this.nested = nested;
  }

  /** Where the walks of the nested tables go; their steps are kept with these. */
  Walk inner() {
    if (inner == null) {
      inner = new Walk(steps, true);
    }
    return inner;
  }

  /** A result that keeps every step. */
  public static Walk recording() {
    return new Walk(new ArrayList<>(4), false);
  }

  /** The steps taken, in order; empty unless recording. */
  public List<Step> steps() {
    return steps == null ? List.of() : List.copyOf(steps);
  }

  void step(int level, long entryAddress, long entry) {
    this.entryAddress[level] = entryAddress;
    this.entry[level] = entry;
    if (steps != null) {
      steps.add(new Step(level, entryAddress, entry, nested));
    }
  }

  void clear() {
    nestedFault = 0;
    if (steps != null && !nested) {
      steps.clear();
    }
  }
}
