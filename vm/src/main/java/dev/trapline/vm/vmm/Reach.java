package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;

/** Goes through tables in host memory as the hardware would, by nothing but their bytes. */
final class Reach {
  static final long P = 1;
  static final long RW = 2;
  static final long US = 4;
  static final long ADDRESS = 0xf_ffff_ffff_f000L;

  private final PhysicalMemory memory;

  /** Is told of every present entry. */
  interface Visitor {
    /**
     * An entry.
     *
     * @param at its host-physical address
     * @param level 1 for one that maps a page
     * @param address first address it translates, not sign-extended
     * @return whether to go on with the table it leads to
     */
    boolean entry(long at, int level, long address, long value);
  }

  Reach(PhysicalMemory memory) {
    this.memory = memory;
  }

  /** All there is below a table; one of level 3 is the four-entry table of the PAE format. */
  void walk(long table, int level, Visitor to) {
    walk(table, level, level == 3 ? 4 : 512, 0, to);
  }

  private void walk(long table, int level, int entries, long base, Visitor to) {
    byte[] bytes = memory.readableFrame(table);
    for (int i = 0; bytes != null && i < entries; i++) {
      int offset = (int) (table & PhysicalMemory.PAGE - 1) + 8 * i;
      long e = PhysicalMemory.get(bytes, offset, 8);
      long address = base + ((long) i << 12 + 9 * (level - 1));
      if ((e & P) != 0 && to.entry(table + 8 * i, level, address, e) && level > 1) {
        walk(e & ADDRESS, level - 1, 512, address, to);
      }
    }
  }
}
