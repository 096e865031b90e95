package dev.trapline.vm.mmu;

/** Kinds of memory access as page tables and segments distinguish them. */
public enum Access {
  READ, WRITE, FETCH
}
