package dev.trapline.vm.machine;

import dev.trapline.vm.device.virtio.NetPort;
import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.StateBinary;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where inputs go.
 *
 * @param consoles as the devices have them
 * @param power the button; does nothing where there is none
 */
record Doors(List<HostConsole> consoles, List<VirtioDevice<?>> virtio, Runnable power, PhysicalMemory memory, WholeState state)
    implements Consumer<Input> {
  /** @throws ReplayException if the machine has no such place */
  @Override
  public void accept(Input in) {
    switch (in.kind()) {
      case TYPE -> {
        for (byte b : in.data()) {
          console(in.target()).type(b & 0xff);
        }
      }
      case KEY -> console(in.target()).key((int) in.value());
      case FRAME -> card(in.target()).receive(in.data());
      case BALLOON -> balloon(in.target()).want((int) in.value());
      case POWER -> power.run();
      case MEMORY -> memory.poke(in.value(), in.data(), 0, in.data().length);
      case END -> {
        if (!Arrays.equals(in.data(), Input.end(state.hash()).data())) {
          throw ReplayException.of("the run does not follow its journal: at its end memory or devices are in another state than they were");
        }
      }
      case STATE -> state.put(in.target(), StateBinary.read(in.data()));
    }
  }

  private HostConsole console(String name) {
    return consoles.stream().filter(c -> c.name().equals(name)).findFirst()
        .orElseThrow(() -> ReplayException.of("this machine has no console '%s'", name));
  }

  private VirtioBalloon balloon(String name) {
    return virtio.stream().filter(d -> d.stateName().equals(name) && d instanceof VirtioBalloon).map(VirtioBalloon.class::cast).findFirst()
        .orElseThrow(() -> ReplayException.of("this machine has no balloon '%s'", name));
  }

  private NetPort card(String name) {
    return virtio.stream().filter(d -> d.stateName().equals(name) && d instanceof NetPort).map(NetPort.class::cast).findFirst()
        .orElseThrow(() -> ReplayException.of("this machine has no network card '%s'", name));
  }
}
