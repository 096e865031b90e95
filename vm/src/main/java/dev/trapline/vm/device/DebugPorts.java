package dev.trapline.vm.device;

import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.function.IntConsumer;

/**
 * The ports by which test programs talk to their emulator: POST codes (80h), isa-debug-exit (F4h to F7h and 501h), the debug console
 * (E9h), where PC firmware has its own (402h: SeaBIOS and OVMF write there if it reads E9h, as QEMU's isa-debugcon answers) and the
 * VGA BIOS of Bochs one more (500h), and the "Shutdown" port of Bochs (8900h). The consoles are there whether anybody listens or not:
 * listening must not change the guest's run.
 */
public final class DebugPorts implements Stateful<DebugPorts.State> {
  private static final String SHUTDOWN = "Shutdown";
  /** What a debug console reads as, so that a guest can tell it from an empty port. */
  private static final int READBACK = 0xe9;

  /**
   * @param postCode the last byte written to port 80h, which reads back
   * @param shutdownSeen letters of "Shutdown" seen in order at port 8900h
   */
  public record State(int postCode, @Range(most = 7) int shutdownSeen) implements StateRecord {}

  /** What the ports do to the machine. */
  public interface Listener {
    /** A value was written to isa-debug-exit. */
    void exit(int value);

    /** The whole word arrived at the shutdown port. */
    void powerOff();
  }

  private final Listener listener;
  private final IntConsumer console;
  private int postCode;
  private int shutdownSeen;

  /**
   * @param console takes each byte written to port E9h, 402h or 500h
   */
  public DebugPorts(Listener listener, IntConsumer console) {
    this.listener = listener;
    this.console = console;
  }

  /** Connects all of them. */
  public void connect(PortMap ports) {
    ports.add("post", 0x80, 1, port(() -> postCode, v -> postCode = v));
    ports.add("debug-exit", 0xf4, 4, 4, port(() -> 0, listener::exit));
    ports.add("debug-exit.default", 0x501, 4, 4, port(() -> 0, listener::exit));
    ports.add("debug-console", 0xe9, 1, port(() -> READBACK, console));
    ports.add("debug-console.firmware", 0x402, 1, port(() -> READBACK, console));
    ports.add("debug-console.video-bios", 0x500, 1, port(() -> 0xff, console));
    ports.add("shutdown", 0x8900, 1, port(() -> 0xff, this::shutdown));
  }

  private interface Read {
    int value();
  }

  private static PortDevice port(Read read, IntConsumer write) {
    return new PortDevice() {
      @Override
      public int in(int offset, int bytes) {
        return read.value();
      }

      @Override
      public void out(int offset, int bytes, int value) {
        write.accept(value);
      }
    };
  }

  private void shutdown(int letter) {
    shutdownSeen = letter == SHUTDOWN.charAt(shutdownSeen) ? shutdownSeen + 1 : letter == SHUTDOWN.charAt(0) ? 1 : 0;
    if (shutdownSeen == SHUTDOWN.length()) {
      shutdownSeen = 0;
      listener.powerOff();
    }
  }

  /** Power-on. */
  public void reset() {
    postCode = 0;
    shutdownSeen = 0;
  }

  @Override
  public String stateName() {
    return "debug-ports";
  }

  @Override
  public State state() {
    return new State(postCode, shutdownSeen);
  }

  @Override
  public void state(State s) {
    postCode = s.postCode;
    shutdownSeen = s.shutdownSeen;
  }
}
