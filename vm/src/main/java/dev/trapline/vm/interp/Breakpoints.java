package dev.trapline.vm.interp;

import java.util.HashSet;
import java.util.Set;

/**
 * Where the interpreter stops before an instruction: linear and physical addresses. Blocks are cut at candidates, so code
 * elsewhere runs at full speed, nothing in guest memory changes, and code that is not loaded yet needs no care.
 */
public final class Breakpoints {
  private static final int PAGE_MASK = 0xfff;

  private final Set<Long> linear = new HashSet<>();
  private final Set<Long> physical = new HashSet<>();
  private final boolean[] linearOffsets = new boolean[PAGE_MASK + 1];
  /** Set when addresses changed: cached blocks are cut for the old ones. */
  private boolean changed;
  private int version;

  Breakpoints() {}

  /** Replaces all addresses. */
  public void set(Set<Long> linearAddresses, Set<Long> physicalAddresses) {
    linear.clear();
    linear.addAll(linearAddresses);
    physical.clear();
    physical.addAll(physicalAddresses);
    java.util.Arrays.fill(linearOffsets, false);
    linear.forEach(a -> linearOffsets[(int) (a & PAGE_MASK)] = true);
    changed = true;
    version++;
  }

  /** Changes with every {@link #set}. */
  public int version() {
    return version;
  }

  public boolean isEmpty() {
    return linear.isEmpty() && physical.isEmpty();
  }

  public Set<Long> linear() {
    return Set.copyOf(linear);
  }

  public Set<Long> physical() {
    return Set.copyOf(physical);
  }

  boolean takeChange() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** Whether a block may have to stop before the instruction at a physical address, at some linear address. */
  boolean candidate(long pa) {
    return linearOffsets[(int) pa & PAGE_MASK] || physical.contains(pa);
  }

  /** Whether to stop before the instruction at these addresses. */
  boolean hit(long linearAddress, long pa) {
    return linear.contains(linearAddress) || physical.contains(pa);
  }
}
