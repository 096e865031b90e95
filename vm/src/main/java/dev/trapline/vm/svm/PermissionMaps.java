package dev.trapline.vm.svm;

/** Where the bits of the I/O and MSR permission maps are (APM2 15.10, 15.11). */
public final class PermissionMaps {
  /** The I/O map: 65,536 bits, and three more for accesses that run over port FFFFh. */
  public static final int IO_SIZE = 0x3000;
  public static final int MSR_SIZE = 0x2000;
  /** The last byte of the I/O map the processor reads. */
  public static final int IO_LAST = 0x2000;
  private static final int VECTOR = 0x800;
  private static final int PER_VECTOR = 0x2000;

  private PermissionMaps() {}

  /** The first of an MSR's two bits (read, then write) from the start of the map; -1 if the map lacks it: it is always intercepted. */
  public static int msrBit(int msr) {
    int vector = switch (msr >>> 13) {
      case 0 -> 0;
      case 0xc000_0000 >>> 13 -> 1;
      case 0xc001_0000 >>> 13 -> 2;
      default -> -1;
    };
    return vector < 0 ? -1 : vector * VECTOR * 8 + 2 * (msr & PER_VECTOR - 1);
  }
}
