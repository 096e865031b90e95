package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Fault;

/** Faults in words. */
final class Faults {
  private Faults() {}

  /** {@code #GP(0x10)} or {@code #PF at 0x1000}. */
  static String text(Fault f) {
    String name = Fault.name(f.vector);
    return f.vector == Fault.PF ? name + " at 0x" + Long.toHexString(f.address)
        : f.errorCode < 0 ? name : name + "(" + (f.errorCode == 0 ? "0" : "0x" + Integer.toHexString(f.errorCode)) + ")";
  }
}
