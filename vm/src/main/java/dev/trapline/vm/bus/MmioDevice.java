package dev.trapline.vm.bus;

/** Something that answers physical addresses. Offsets are from the start of its region. */
public interface MmioDevice {
  /** Reads {@code bytes} (1, 2, 4 or 8) at an offset; side effects are the device's. */
  long load(long offset, int bytes);

  /** Writes {@code bytes} (1, 2, 4 or 8) at an offset. */
  void store(long offset, int bytes, long value);
}
