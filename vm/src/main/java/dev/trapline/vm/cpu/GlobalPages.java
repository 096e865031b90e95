package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Access;
import java.util.Arrays;

/**
 * Translations of global pages, which stay in the TLB when CR3 is loaded (SDM 3A 4.10.2.4, APM2 5.5.1): a system maps itself with them
 * into every address space. Consulted before tables are walked; direct-mapped, one entry for a page and a kind of access.
 */
final class GlobalPages {
  private static final int ENTRIES = 4096;
  private static final int MASK = ENTRIES - 1;
  private static final long PAGE_MASK = -4096L;
  /** In the low bits of every entry: an empty one matches nothing. */
  private static final int VALID = 0x800;
  /** How many kinds of access there are. */
  private static final int KINDS = 16;

  private final long[] tag = new long[ENTRIES];
  private final long[] page = new long[ENTRIES];
  private boolean empty = true;

  /** A number for what rights depend on. */
  static int kind(Access access, boolean user, boolean suspendSmap) {
    return access.ordinal() << 2 | (user ? 2 : 0) | (suspendSmap ? 1 : 0);
  }

  private static int slot(long linear, int kind) {
    return (int) (linear >>> 12 ^ kind * 0x539L) & MASK;
  }

  /** The physical address, or -1 if the page is not here. */
  long find(long linear, int kind) {
    int i = slot(linear, kind);
    return tag[i] == (linear & PAGE_MASK | VALID | kind) ? page[i] | linear & ~PAGE_MASK : -1;
  }

  /** Takes what a walk has found; the access has set the accessed and dirty bits it sets. */
  void add(long linear, int kind, long pa) {
    int i = slot(linear, kind);
    tag[i] = linear & PAGE_MASK | VALID | kind;
    page[i] = pa & PAGE_MASK;
    empty = false;
  }

  void clear() {
    if (!empty) {
      Arrays.fill(tag, 0);
      empty = true;
    }
  }

  void each(LinearMemory.TlbVisitor to) {
    for (int i = 0; !empty && i < ENTRIES; i++) {
      if (tag[i] != 0) {
        int kind = (int) tag[i] & KINDS - 1;
        to.entry(tag[i] & PAGE_MASK, Access.values()[kind >> 2], (kind & 2) != 0, (kind & 1) != 0, null, page[i]);
      }
    }
  }

  /** Drops the page an address lies in. */
  void drop(long linear) {
    for (int kind = 0; kind < KINDS; kind++) {
      int i = slot(linear, kind);
      if (tag[i] == (linear & PAGE_MASK | VALID | kind)) {
        tag[i] = 0;
      }
    }
  }
}
