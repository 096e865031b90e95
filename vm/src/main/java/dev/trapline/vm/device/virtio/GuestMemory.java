package dev.trapline.vm.device.virtio;

import dev.trapline.vm.bus.DmaPort;
import java.util.function.LongPredicate;

/**
 * A virtio device's way to guest memory: it looks before it reaches, so that an address outside RAM is the driver's mistake and not a
 * read of all ones.
 */
public final class GuestMemory {
  private static final int PAGE = 4096;

  private DmaPort dma;
  private LongPredicate ram;

  /**
   * @param dma the way to memory
   * @param ram whether a physical address is RAM; asked once for each 4 KiB
   */
  public GuestMemory(DmaPort dma, LongPredicate ram) {
    lead(dma, ram);
  }

  /** Goes to other memory from now on: the device belongs to somebody else. */
  void lead(DmaPort to, LongPredicate isRam) {
    dma = to;
    ram = isRam;
  }

  DmaPort dma() {
    return dma;
  }

  /** Whether all of a range is RAM; an empty one is nowhere. */
  boolean holds(long pa, long length) {
    if (pa < 0 || length <= 0 || pa + length < 0) {
      return false;
    }
    for (long page = pa & -PAGE; page < pa + length; page += PAGE) {
      if (!ram.test(page)) {
        return false;
      }
    }
    return true;
  }

  /** Little-endian bytes, at most 8. */
  long get(long pa, int bytes) {
    byte[] b = new byte[bytes];
    dma.read(pa, b, 0, bytes);
    return Bytes.get(b, 0, bytes);
  }

  /** Stores little-endian bytes, at most 8. */
  void put(long pa, int bytes, long value) {
    byte[] b = new byte[bytes];
    Bytes.put(b, 0, bytes, value);
    dma.write(pa, b, 0, bytes);
  }
}
