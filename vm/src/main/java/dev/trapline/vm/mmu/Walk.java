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

  /**
   * One table entry met on the way.
   *
   * @param level 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE
   * @param entryAddress physical address of the entry
   * @param entry its value as read
   */
  public record Step(int level, long entryAddress, long entry) {}

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
  int top;
  private final List<Step> steps;

  public Walk() {
    this.steps = null;
  }

  private Walk(List<Step> steps) {
    this.steps = steps;
  }

  /** A result that keeps every step. */
  public static Walk recording() {
    return new Walk(new ArrayList<>(4));
  }

  /** The steps taken, in order; empty unless recording. */
  public List<Step> steps() {
    return steps == null ? List.of() : List.copyOf(steps);
  }

  void step(int level, long entryAddress, long entry) {
    this.entryAddress[level] = entryAddress;
    this.entry[level] = entry;
    if (steps != null) {
      steps.add(new Step(level, entryAddress, entry));
    }
  }

  void clear() {
    if (steps != null) {
      steps.clear();
    }
  }
}
