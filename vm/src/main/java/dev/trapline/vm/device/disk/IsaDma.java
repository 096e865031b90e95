package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.List;

/**
 * The two DMA controllers of an AT: channels 0 to 3 move bytes, 5 to 7 words; channel 4 is the first controller. Page registers give
 * address bits 16 to 23. Port 80h is not among the page registers here: it is the POST port.
 *
 * <p>Intel 8237A (231466) "Register Description"; Intel 82371SB (290550) 2.5.1 "DMA Registers".
 */
public final class IsaDma implements Stateful<IsaDma.State> {
  private static final int CHANNELS = 4;
  private static final int DISABLED = 0x04;
  private static final int DOWN = 0x20;
  private static final int AUTO_INITIALISE = 0x10;
  private static final int TO_MEMORY = 1;
  private static final int FROM_MEMORY = 2;
  private static final int PAGES = 16;
  /** The page register, from 80h, of each channel. */
  private static final int[] PAGE_OF = {7, 3, 1, 2, 0xf, 0xb, 9, 0xa};

  /** Both controllers and the page registers, from 80h. */
  public record State(@Length(2) List<ControllerState> controllers, @Length(PAGES) byte[] pages) implements StateRecord {}

  /**
   * One 8237.
   *
   * @param count transfers left, minus one
   * @param high the next byte of an address or count is the upper one
   */
  public record ControllerState(@Length(CHANNELS) int[] baseAddress, @Length(CHANNELS) int[] baseCount, @Length(CHANNELS) int[] address,
      @Length(CHANNELS) int[] count, @Length(CHANNELS) int[] mode, int command, int mask, int request, int reached, boolean high)
      implements StateRecord {}

  private final DmaPort memory;
  private final Controller[] controllers = {new Controller(), new Controller()};
  private final byte[] pages = new byte[PAGES];

  public IsaDma(DmaPort memory) {
    this.memory = memory;
  }

  /** Connects ports 00h to 0Fh, C0h to DFh and 81h to 8Fh. */
  public void connect(PortMap ports) {
    ports.add("dma1", 0x00, 16, new Registers(controllers[0], 0));
    ports.add("dma2", 0xc0, 32, new Registers(controllers[1], 1));
    ports.add("dma.page", 0x81, PAGES - 1, new Pages());
  }

  /** Ports of the second controller are two apart. */
  private record Registers(Controller controller, int shift) implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return controller.read(offset >> shift);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      controller.write(offset >> shift, value & 0xff);
    }
  }

  private final class Pages implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return pages[offset + 1] & 0xff;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      pages[offset + 1] = (byte) value;
    }
  }

  // ---- for devices

  /**
   * Moves bytes between a device on a byte channel (0 to 3) and memory, in the direction the channel is programmed for: at most
   * {@code n}, and no more than the channel's count.
   *
   * @return bytes moved; 0 if the channel is masked or its controller disabled
   */
  public int move(int channel, byte[] bytes, int at, int n) {
    Controller c = controllers[0];
    if ((c.mask >> channel & 1) != 0 || (c.command & DISABLED) != 0) {
      return 0;
    }
    int done = 0;
    while (done < n && (c.reached >> channel & 1) == 0) {
      int direction = c.mode[channel] >> 2 & 3;
      long pa = (pages[PAGE_OF[channel]] & 0xffL) << 16 | c.address[channel];
      if (direction == TO_MEMORY) {
        memory.write(pa, bytes, at + done, 1);
      } else if (direction == FROM_MEMORY) {
        memory.read(pa, bytes, at + done, 1);
      }
      c.advance(channel);
      done++;
    }
    return done;
  }

  /** Whether terminal count was reached since this was asked the last time; the status register keeps its own bit. */
  public boolean terminalCount(int channel) {
    boolean was = (controllers[0].reached >> channel & 1) != 0;
    controllers[0].reached &= ~(1 << channel);
    return was;
  }

  /** Bytes a channel will move before terminal count. */
  public int remaining(int channel) {
    return controllers[0].count[channel] + 1;
  }

  private static final class Controller {
    final int[] baseAddress = new int[CHANNELS];
    final int[] baseCount = new int[CHANNELS];
    final int[] address = new int[CHANNELS];
    final int[] count = new int[CHANNELS];
    final int[] mode = new int[CHANNELS];
    int command;
    int mask = 0xf;
    int request;
    /** Terminal counts: bits 0 to 3 not yet seen by devices, 4 to 7 not yet read by software. */
    int reached;
    boolean high;

    void advance(int channel) {
      address[channel] = address[channel] + ((mode[channel] & DOWN) != 0 ? -1 : 1) & 0xffff;
      count[channel] = count[channel] - 1 & 0xffff;
      if (count[channel] != 0xffff) {
        return;
      }
      reached |= 0x11 << channel;
      if ((mode[channel] & AUTO_INITIALISE) != 0) {
        address[channel] = baseAddress[channel];
        count[channel] = baseCount[channel];
      } else {
        mask |= 1 << channel;
      }
    }

    int read(int register) {
      if (register < 8) {
        int v = (register & 1) == 0 ? address[register >> 1] : count[register >> 1];
        high = !high;
        return high ? v & 0xff : v >>> 8;
      }
      return switch (register) {
        case 8 -> status();
        case 0xf -> mask | 0xf0;
        default -> 0;
      };
    }

    private int status() {
      int v = reached >> 4 | request << 4;
      reached &= 0xf;
      return v;
    }

    void write(int register, int value) {
      switch (register) {
        case 8 -> command = value;
        case 9 -> request = bit(request, value);
        case 0xa -> mask = bit(mask, value);
        case 0xb -> mode[value & 3] = value;
        case 0xc -> high = false;
        case 0xd -> clear();
        case 0xe -> mask = 0;
        case 0xf -> mask = value & 0xf;
        default -> word(register, value);
      }
    }

    private static int bit(int bits, int value) {
      int b = 1 << (value & 3);
      return (value & 4) != 0 ? bits | b : bits & ~b;
    }

    private void word(int register, int value) {
      int[] base = (register & 1) == 0 ? baseAddress : baseCount;
      int[] current = (register & 1) == 0 ? address : count;
      int ch = register >> 1;
      base[ch] = high ? base[ch] & 0xff | value << 8 : base[ch] & 0xff00 | value;
      current[ch] = base[ch];
      reached &= ~(1 << ch);
      high = !high;
    }

    /** Master clear: as the reset line, all channels masked. */
    void clear() {
      command = 0;
      request = 0;
      reached = 0;
      high = false;
      mask = 0xf;
    }

    ControllerState state() {
      return new ControllerState(baseAddress.clone(), baseCount.clone(), address.clone(), count.clone(), mode.clone(), command, mask,
          request, reached, high);
    }

    void state(ControllerState s) {
      System.arraycopy(s.baseAddress, 0, baseAddress, 0, CHANNELS);
      System.arraycopy(s.baseCount, 0, baseCount, 0, CHANNELS);
      System.arraycopy(s.address, 0, address, 0, CHANNELS);
      System.arraycopy(s.count, 0, count, 0, CHANNELS);
      System.arraycopy(s.mode, 0, mode, 0, CHANNELS);
      command = s.command;
      mask = s.mask;
      request = s.request;
      reached = s.reached;
      high = s.high;
    }
  }

  // ---- state

  /** Power-on. */
  public void reset() {
    for (Controller c : controllers) {
      c.state(new Controller().state());
    }
    java.util.Arrays.fill(pages, (byte) 0);
  }

  @Override
  public String stateName() {
    return "dma";
  }

  @Override
  public State state() {
    return new State(List.of(controllers[0].state(), controllers[1].state()), pages.clone());
  }

  @Override
  public void state(State s) {
    for (int i = 0; i < controllers.length; i++) {
      controllers[i].state(s.controllers.get(i));
    }
    System.arraycopy(s.pages, 0, pages, 0, PAGES);
  }
}
