package dev.trapline.vm.device.display;

import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateRecord;

/**
 * The Bochs VBE interface ("DISPI"), version B0C5h: sixteen-bit registers behind an index (port 1CEh) and a data port (1CFh, and 1D0h
 * for those who want it aligned). While it is enabled, the adapter shows packed pixels of 4 to 32 bits from video memory.
 */
final class BochsVbe implements PortDevice {
  static final int FIRST_PORT = 0x1ce;
  static final int PORTS = 3;
  static final int ID = 0;
  static final int XRES = 1;
  static final int YRES = 2;
  static final int BPP = 3;
  static final int ENABLE = 4;
  static final int BANK = 5;
  static final int VIRTUAL_WIDTH = 6;
  static final int VIRTUAL_HEIGHT = 7;
  static final int X_OFFSET = 8;
  static final int Y_OFFSET = 9;
  static final int MEMORY_64K = 10;
  static final int REGISTERS = 11;

  static final int ENABLED = 1;
  private static final int CAPABILITIES = 2;
  private static final int DAC_8BIT = 0x20;
  private static final int KEEP_MEMORY = 0x80;
  private static final int VERSION_0 = 0xb0c0;
  private static final int VERSION_5 = 0xb0c5;
  private static final int MOST_X = 2560;
  private static final int MOST_Y = 1600;
  private static final int MOST_BPP = 32;

  /** @param registers by index, as last written */
  record State(int index, @Length(REGISTERS) int[] registers) implements StateRecord {}

  private final VideoMemory memory;
  private int index;
  private final int[] registers = new int[REGISTERS];

  BochsVbe(VideoMemory memory) {
    this.memory = memory;
    reset();
  }

  boolean enabled() {
    return (registers[ENABLE] & ENABLED) != 0;
  }

  boolean dac8() {
    return (registers[ENABLE] & DAC_8BIT) != 0;
  }

  int register(int n) {
    return registers[n];
  }

  /** Bytes from one row to the next. */
  int pitch() {
    return registers[BPP] == 4 ? registers[VIRTUAL_WIDTH] / 8 : registers[VIRTUAL_WIDTH] * ((registers[BPP] + 7) / 8);
  }

  @Override
  public int in(int offset, int bytes) {
    return offset == 0 ? index : read(index);
  }

  int read(int n) {
    if (n == MEMORY_64K) {
      return VideoMemory.SIZE >> 16;
    }
    if ((registers[ENABLE] & CAPABILITIES) != 0) {
      switch (n) {
        case XRES:
          return MOST_X;
        case YRES:
          return MOST_Y;
        case BPP:
          return MOST_BPP;
        default:
          break;
      }
    }
    return n < REGISTERS ? registers[n] : 0;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    if (offset == 0) {
      index = value;
    } else {
      write(index, value);
    }
  }

  void write(int n, int value) {
    switch (n) {
      case ID -> {
        if (value >= VERSION_0 && value <= VERSION_5) {
          registers[ID] = value;
        }
      }
      case XRES -> mode(XRES, value > 0 && value <= MOST_X && value % 8 == 0, value);
      case YRES -> mode(YRES, value > 0 && value <= MOST_Y, value);
      case BPP -> mode(BPP, value == 4 || value == 8 || value == 15 || value == 16 || value == 24 || value == 32, value);
      case ENABLE -> enable(value);
      case BANK -> registers[BANK] = value & (VideoMemory.SIZE >> 16) - 1;
      case VIRTUAL_WIDTH -> virtualWidth(value);
      case X_OFFSET, Y_OFFSET -> registers[n] = value;
      default -> { /* The virtual height and the amount of memory follow from the others. */ }
    }
  }

  /** Resolution and depth are taken while the extension is off. */
  private void mode(int n, boolean possible, int value) {
    if (possible && !enabled()) {
      registers[n] = value;
    }
  }

  private void enable(int value) {
    boolean begins = (value & ENABLED) != 0 && !enabled();
    registers[ENABLE] = value;
    if (!begins) {
      return;
    }
    registers[X_OFFSET] = 0;
    registers[Y_OFFSET] = 0;
    registers[BANK] = 0;
    virtualWidth(registers[XRES]);
    if ((value & KEEP_MEMORY) == 0) {
      memory.clear(0, pitch() * registers[YRES] * (registers[BPP] == 4 ? 4 : 1));
    }
  }

  private void virtualWidth(int value) {
    if (value >= registers[XRES] && value > 0) {
      registers[VIRTUAL_WIDTH] = value;
      registers[VIRTUAL_HEIGHT] = Math.min(0xffff, VideoMemory.SIZE / Math.max(1, pitch() * (registers[BPP] == 4 ? 4 : 1)));
    }
  }

  void reset() {
    index = 0;
    java.util.Arrays.fill(registers, 0);
    registers[ID] = VERSION_5;
    registers[BPP] = 8;
  }

  State state() {
    return new State(index, registers.clone());
  }

  void state(State s) {
    index = s.index;
    System.arraycopy(s.registers, 0, registers, 0, REGISTERS);
  }
}
