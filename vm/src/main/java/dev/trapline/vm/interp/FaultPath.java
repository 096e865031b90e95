package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.DebugRegisters;
import dev.trapline.vm.cpu.Delivery;

/** Where the interpreter hands faults and interrupts to the processor's delivery. */
final class FaultPath {
  private FaultPath() {}

  static void fault(Cpu c) {
    Delivery.deliverFault(c);
  }

  static void interrupt(Cpu c, int vector) {
    Delivery.interrupt(c, vector);
  }

  static boolean beforeInstruction(Cpu c) {
    return DebugRegisters.beforeInstruction(c);
  }

  static void afterInstruction(Cpu c) {
    DebugRegisters.afterInstruction(c);
  }
}
