package dev.trapline.vm.machine;

import dev.trapline.vm.device.Uart;
import dev.trapline.vm.device.input.I8042;
import dev.trapline.vm.device.virtio.VirtioConsole;
import dev.trapline.vm.device.virtio.VirtioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/** The consoles of a machine, in the order a user expects them. */
final class HostConsoles {
  private static final String[] PORTS = {"COM1, port 3F8h, IRQ 4", "COM2, port 2F8h, IRQ 3", "COM3, port 3E8h, IRQ 4", "COM4, port 2E8h, IRQ 3"};

  private record Wired(String name, String about, Consumer<IntConsumer> sink, IntPredicate keys) implements HostConsole {
    @Override
    public void output(IntConsumer to) {
      sink.accept(to);
    }

    @Override
    public boolean type(int value) {
      return keys.test(value);
    }
  }

  private record Screen(I8042 keyboard) implements HostConsole {
    @Override
    public String name() {
      return SCREEN;
    }

    @Override
    public String about() {
      return "VGA screen and keyboard";
    }

    @Override
    public void output(IntConsumer sink) {
      // What is on a screen is looked at.
    }

    @Override
    public boolean takes(int value) {
      return I8042.hasKey((char) value);
    }

    @Override
    public boolean type(int value) {
      return keyboard.type((char) value);
    }

    @Override
    public boolean key(int code) {
      keyboard.key(code, true);
      keyboard.key(code, false);
      return true;
    }
  }

  private HostConsoles() {}

  /**
   * @param firmware who takes the first port's output: the firmware prints there too
   * @param display null if there is neither screen nor keyboard nor a second serial port
   */
  static List<HostConsole> of(Uart com1, Consumer<IntConsumer> firmware, DisplayBoard display, List<VirtioDevice<?>> virtio) {
    var all = new ArrayList<HostConsole>();
    all.add(serial(0, com1, firmware));
    if (display != null) {
      for (int n = 2; n <= PORTS.length; n++) {
        int port = n;
        all.add(serial(n - 1, display.uart(n), sink -> display.serial(port, sink)));
      }
    }
    for (VirtioDevice<?> device : virtio) {
      if (device instanceof VirtioConsole console) {
        all.add(new Wired(console.stateName(), "virtio console, hvc in Linux", console::sink, received(console::receive)));
      }
    }
    if (display != null) {
      all.add(new Screen(display.keyboard()));
    }
    return List.copyOf(all);
  }

  private static HostConsole serial(int number, Uart uart, Consumer<IntConsumer> sink) {
    return new Wired("uart" + number, PORTS[number], sink, received(uart::receive));
  }

  private static IntPredicate received(IntConsumer line) {
    return b -> {
      line.accept(b);
      return true;
    };
  }
}
