package dev.trapline.vm.debug.view;

import java.util.Arrays;
import java.util.List;

/**
 * Bytes of memory.
 *
 * @param selector segment if the address was given with one, else -1
 * @param address first address: an offset, a linear or a physical address
 * @param linear first linear address, or -1 if the memory was read by physical address
 * @param cells 0 to 255 each, or -1 where nothing can be read
 */
public record MemoryView(int selector, long address, long linear, List<Integer> cells) {
  public MemoryView {
    cells = List.copyOf(cells);
  }

  /** Of bytes and a parallel array that says which could be read. */
  public static MemoryView of(int selector, long address, long linear, byte[] bytes, boolean[] readable) {
    Integer[] cells = new Integer[bytes.length];
    Arrays.setAll(cells, i -> readable[i] ? bytes[i] & 0xff : -1);
    return new MemoryView(selector, address, linear, List.of(cells));
  }

  /** A little-endian value of 1 to 8 bytes, or null if a byte of it cannot be read. */
  public Long value(int offset, int bytes) {
    long v = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      int b = offset + i < cells.size() ? cells.get(offset + i) : -1;
      if (b < 0) {
        return null;
      }
      v = v << 8 | b;
    }
    return v;
  }
}
