package dev.trapline.vm.vmm;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;

/** What tests of guests need: a host with a monitor, and what machines print. */
final class UnderMonitor {
  static final long MIB = 1L << 20;

  private UnderMonitor() {}

  /** A monitor on a host with so many bytes of memory. */
  static Monitor monitor(long memory) {
    return monitor(memory, 1);
  }

  /** The same on a host with several processors. */
  static Monitor monitor(long memory, int processors) {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC).withProcessors(processors)));
  }

  /** A guest by any technique and paging, of standard weight and without a cap. */
  static GuestSpec spec(String name, MachineConfig machine, String technique, String paging) {
    return new GuestSpec(name, machine, technique, paging, GuestSpec.STANDARD_WEIGHT, 0);
  }

  /** What a machine prints on its console from now on. */
  static StringBuilder console(Machine m) {
    var text = new StringBuilder();
    m.console(b -> text.append((char) b));
    return text;
  }
}
