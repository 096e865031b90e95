package dev.trapline.vm.bus;

/** Something that answers I/O ports. A device knows offsets from its first port, not where it sits. */
public interface PortDevice {
  /** Reads {@code bytes} (1, 2 or 4) at an offset; side effects are the device's. */
  int in(int offset, int bytes);

  /** Writes {@code bytes} (1, 2 or 4) at an offset. */
  void out(int offset, int bytes, int value);
}
