package dev.trapline.vm.machine;

import dev.trapline.vm.device.DebugPorts;
import java.util.function.Consumer;

/** What the guest asks for by the ports of the emulators, as outcomes of the run. */
record GuestRequests(Consumer<Outcome> machine) implements DebugPorts.Listener {
  @Override
  public void exit(int value) {
    machine.accept(new Outcome.Exit(value));
  }

  @Override
  public void powerOff() {
    machine.accept(new Outcome.PowerOff());
  }
}
