package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.PortDevice;

/**
 * A base address register: what a function answers and how much room it takes (a power of two). Exactly one of {@code ports} and
 * {@code mmio} is set.
 *
 * @param index 0 to 5, or {@link #ROM}
 */
record Bar(int index, String name, int size, PortDevice ports, MmioDevice mmio) {
  static final int IO_FLAG = 1;
  /** The index that the expansion ROM's register would have. */
  static final int ROM = 8;

  boolean isIo() {
    return ports != null;
  }

  /** Offset of the register in configuration space. */
  int offset() {
    return 0x10 + 4 * index;
  }
}
