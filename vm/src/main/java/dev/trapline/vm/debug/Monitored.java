package dev.trapline.vm.debug;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.vmm.AuditPlan;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.GuestSpec;
import dev.trapline.vm.vmm.Monitor;
import dev.trapline.vm.vmm.MonitorException;

/** Machines that are guests of a monitor: each comes with a host of its own, as large as it needs. */
final class Monitored implements Machines {
  /** What the monitor itself needs beside its guest: tables, VMCBs, permission maps. */
  private static final long MONITOR_MEMORY = 64L << 20;

  private final Virtual how;
  private Monitor monitor;
  private Guest guest;

  Monitored(Virtual how) {
    this.how = how;
  }

  @Override
  public Machine make(MachineConfig config) {
    try {
      long memory = config.memory() + MONITOR_MEMORY;
      monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC)
          .withInstructionsPerSecond(config.instructionsPerSecond())));
      guest = monitor.add(new GuestSpec("guest", config, how.technique(), how.paging(), GuestSpec.STANDARD_WEIGHT, 0));
      guest.audits(AuditPlan.of(how.audit()));
      return guest.machine();
    } catch (MonitorException wrong) {
      throw new BadInput(wrong.getMessage());
    }
  }

  @Override
  public MonitorViews views() {
    return new MonitorViews(monitor, guest);
  }
}
