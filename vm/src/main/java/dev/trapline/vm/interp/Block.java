package dev.trapline.vm.interp;

/** A run of operations within one page, entered only at its first and left at its last (or earlier, by {@code Cpu.limit}). */
final class Block {
  /** Physical address of the first byte. */
  final long pa;
  /** {@code Cpu.mode} it was decoded under. */
  final int mode;
  /** The operations, without flags that are dead when the whole block runs. */
  final Op[] fast;
  /** The same with all flags, for a run that may end in the middle; null until there is one, the same array if no flags are dead. */
  Op[] exact;
  /** Offset of each operation from the start; one more entry holds the length. */
  final int[] offsets;
  /** Length in bytes. */
  final int bytes;
  /** Physical page of the last byte if it differs from the first's, else -1. */
  final long secondPage;
  /** Whether a breakpoint may stand on its first instruction. */
  final boolean candidate;
  boolean valid = true;
  /** The next one in the same slot of the {@link BlockCache}. */
  Block link;
  /** The linear address it was last entered at, and {@code LinearMemory.flushes()} then: translations may differ since. */
  long linear;
  long flushes;

  Block(long pa, int mode, Op[] fast, Op[] exact, int[] offsets, long secondPage, boolean candidate) {
    this.pa = pa;
    this.mode = mode;
    this.fast = fast;
    this.exact = exact;
    this.offsets = offsets;
    this.bytes = offsets[fast.length];
    this.secondPage = secondPage;
    this.candidate = candidate;
  }

  /** Whether any of its bytes in the page of {@code start} lies in [start, start + length). */
  boolean overlaps(long start, int length) {
    if (secondPage >= 0) {
      return true; // the one instruction across two pages: any store to its neighbourhood drops it
    }
    return start < pa + bytes && start + length > pa;
  }
}
