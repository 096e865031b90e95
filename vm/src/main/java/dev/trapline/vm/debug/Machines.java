package dev.trapline.vm.debug;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;

/** Where the machines of a session come from: each load and reset needs a new one. */
interface Machines {
  /** A machine on its own. */
  Machines BARE = new Machines() {
    @Override
    public Machine make(MachineConfig config) {
      config.virtio().needsMonitor().ifPresent(what -> {
        throw new BadInput(what + " is the monitor's: boot as its guest, with --technique hvm or by --machine");
      });
      return new Machine(config);
    }

    @Override
    public MonitorViews views() {
      throw new BadInput("there is no monitor: this is the bare machine; boot with --technique hvm to have one");
    }
  };

  /** @throws dev.trapline.vm.machine.BootException if it cannot be started */
  Machine make(MachineConfig config);

  /** The monitor under the machine made last. @throws BadInput if there is none */
  MonitorViews views();
}
