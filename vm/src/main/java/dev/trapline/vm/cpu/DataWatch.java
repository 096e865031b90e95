package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Access;

/**
 * Told of every data access an instruction makes to watched memory, after translation and rights allowed it. Watched pages never
 * enter the TLB, so unwatched memory costs nothing. Implicit accesses (descriptor tables, TSS, page tables) are not told.
 */
public interface DataWatch {
  /** Whether any byte of this 4 KiB page is watched, by linear or by physical address. */
  boolean watches(long linear, long pa);

  /** An access is about to be made. Must not change the machine; may ask the engine to stop after this instruction. */
  void accessed(long linear, long pa, int bytes, Access access);
}
