package dev.trapline.vm.debug;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.mem.PhysicalMemory;

/** Where the machines of a session come from: each load and reset needs a new one. */
interface Machines {
  /** A machine on its own. */
  Machines BARE = new Machines() {
    @Override
    public Machine make(MachineConfig config, Image image) {
      config.virtio().needsMonitor().ifPresent(what -> {
        throw new BadInput(what + " is the monitor's: boot as its guest, without --bare");
      });
      return new Machine(config.withImage(image.boot()));
    }

    @Override
    public MonitorViews views() {
      throw new BadInput("there is no monitor: this is the bare machine; start without --bare, or with --technique hvm, to have one");
    }
  };

  /** @throws dev.trapline.vm.machine.BootException if it cannot be started */
  Machine make(MachineConfig config, Image image);

  /** The monitor under the machine made last. @throws BadInput if there is none */
  MonitorViews views();

  /** Name of the guest whose machine it is; empty for the bare machine. */
  default String guest() {
    return "";
  }

  /** The memory that pages of guests are in; null for the bare machine. */
  default PhysicalMemory hostMemory() {
    return null;
  }

  /** Instructions a machine has executed. */
  default long executed(Machine machine) {
    return machine.executed();
  }

  /** Hash over the state of a machine and of everything it stands on. */
  default long hash(Machine machine) {
    return machine.stateHash();
  }

  /** The guests among which it is. */
  default Guests guests(Session session) {
    return new Guests.Alone(session);
  }

  /** What an outcome of the whole machine is to this guest. */
  default Outcome mine(Outcome outcome) {
    return outcome;
  }

  /** What an outcome of the whole machine means to another guest, which is then the current one; null if nothing. */
  default Stop elsewhere(Outcome outcome) {
    return null;
  }
}
