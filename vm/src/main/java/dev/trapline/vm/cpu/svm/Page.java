package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.mem.PhysicalMemory;

/**
 * A page of host-physical memory as bytes: the frame itself where stores need not be announced, else a copy that is written back.
 *
 * @param bytes 4 KiB
 * @param copied whether {@link #close} writes them back
 */
record Page(PhysicalMemory memory, long pa, byte[] bytes, boolean copied) {
  static Page at(PhysicalMemory memory, long pa) {
    byte[] frame = memory.writableFrame(pa);
    if (frame != null) {
      return new Page(memory, pa, frame, false);
    }
    byte[] copy = new byte[PhysicalMemory.PAGE];
    memory.peek(pa, copy, 0, copy.length);
    return new Page(memory, pa, copy, true);
  }

  /** What was stored becomes visible; stores to what is no RAM are lost, as a bus master's are. */
  void close() {
    if (copied) {
      memory.write(pa, bytes, 0, bytes.length);
    }
  }
}
