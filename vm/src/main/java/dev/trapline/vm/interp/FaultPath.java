package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;

/** Where the interpreter hands faults and interrupts to the processor's delivery. */
final class FaultPath {
  private FaultPath() {}

  static void fault(Cpu c) {
    c.shutdown = true;
  }

  static void interrupt(Cpu c, int vector) {
    c.raise(vector);
    c.shutdown = true;
  }

  static boolean beforeInstruction(Cpu c) {
    return true;
  }

  static void afterInstruction(Cpu c, boolean shadowed) { }
}
