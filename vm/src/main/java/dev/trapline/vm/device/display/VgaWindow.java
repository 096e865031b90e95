package dev.trapline.vm.device.display;

import dev.trapline.vm.bus.MmioDevice;

/**
 * A0000h to BFFFFh: the processor's way through the graphics controller to the planes, with its latches, write modes 0 to 3, read modes 0
 * and 1, odd/even and chain-4 addressing; while the VBE is on, a bank of 64 KiB of packed pixels.
 *
 * <p>IBM VGA technical reference, "Graphics Controller" and "Video Memory Organization".
 */
final class VgaWindow implements MmioDevice {
  static final long START = 0xa0000;
  static final int SIZE = 0x20000;
  private static final int BANK = 0x10000;
  /** Start and size of the window for each memory map selection. */
  private static final int[] FIRST = {0, 0, 0x10000, 0x18000};
  private static final int[] LENGTH = {0x20000, 0x10000, 0x8000, 0x8000};

  private final VgaRegisters vga;
  private final VideoMemory memory;
  private final BochsVbe vbe;
  int latch;

  VgaWindow(VgaRegisters vga, VideoMemory memory, BochsVbe vbe) {
    this.vga = vga;
    this.memory = memory;
    this.vbe = vbe;
  }

  @Override
  public long load(long offset, int bytes) {
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= (long) read((int) offset + i) << 8 * i;
    }
    return v;
  }

  @Override
  public void store(long offset, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      write((int) offset + i, (int) (value >>> 8 * i) & 0xff);
    }
  }

  /** Offset within the window selected, or -1: nobody answers. */
  private int decode(int offset) {
    int map = vga.graphics[VgaRegisters.MISCELLANEOUS] >> 2 & 3;
    int at = offset - FIRST[map];
    return (vga.misc & 2) == 0 || at < 0 || at >= LENGTH[map] ? -1 : at;
  }

  private boolean packed() {
    return vbe.enabled() && vbe.register(BochsVbe.BPP) != 4;
  }

  private int banked(int offset) {
    return vbe.register(BochsVbe.BANK) * BANK + offset;
  }

  private int read(int offset) {
    if (packed()) {
      return offset < BANK ? memory.get(banked(offset)) : 0xff;
    }
    int a = decode(offset);
    if (a < 0) {
      return 0xff;
    }
    int[] gr = vga.graphics;
    int at = a;
    int plane = gr[VgaRegisters.READ_MAP];
    if (vga.chain4()) {
      at = a >> 2;
      plane = a & 3;
    } else if ((gr[VgaRegisters.MODE] & 0x10) != 0) {
      at = a >> 1;
      plane = plane & 2 | a & 1;
    }
    latch = memory.planes(at);
    return (gr[VgaRegisters.MODE] & 8) != 0 ? compare() : latch >>> 8 * plane & 0xff;
  }

  /** Read mode 1: a bit for each pixel whose cared-for planes are the colour to compare with. */
  private int compare() {
    int differ = (latch ^ spread(vga.graphics[VgaRegisters.COLOR_COMPARE])) & spread(vga.graphics[VgaRegisters.COLOR_DONT_CARE]);
    return ~(differ | differ >>> 8 | differ >>> 16 | differ >>> 24) & 0xff;
  }

  /** FFh in the byte of each plane whose bit is set. */
  private static int spread(int planes) {
    int v = 0;
    for (int p = 0; p < 4; p++) {
      v |= (planes >> p & 1) * 0xff << 8 * p;
    }
    return v;
  }

  private void write(int offset, int value) {
    if (packed()) {
      if (offset < BANK) {
        memory.set(banked(offset), value);
      }
      return;
    }
    int a = decode(offset);
    if (a < 0) {
      return;
    }
    int at = a;
    int planes = vga.sequencer[VgaRegisters.MAP_MASK];
    if (vga.chain4()) {
      at = a >> 2;
      planes &= 1 << (a & 3);
    } else if ((vga.sequencer[VgaRegisters.MEMORY_MODE] & 4) == 0) {
      at = a >> 1;
      planes &= (a & 1) == 0 ? 5 : 10;
    }
    memory.planes(at, data(value), spread(planes));
  }

  /** What the write mode makes of the processor's byte, for all planes. */
  private int data(int value) {
    int[] gr = vga.graphics;
    int rotation = gr[VgaRegisters.ROTATE] & 7;
    int rotated = (value >> rotation | value << 8 - rotation) & 0xff;
    return switch (gr[VgaRegisters.MODE] & 3) {
      case 0 -> {
        int enabled = spread(gr[VgaRegisters.ENABLE_SET_RESET]);
        yield merge(rotated * 0x01010101 & ~enabled | spread(gr[VgaRegisters.SET_RESET]) & enabled, gr[VgaRegisters.BIT_MASK]);
      }
      case 1 -> latch;
      case 2 -> merge(spread(value), gr[VgaRegisters.BIT_MASK]);
      default -> merge(spread(gr[VgaRegisters.SET_RESET]), gr[VgaRegisters.BIT_MASK] & rotated);
    };
  }

  /** The logical function with the latches, then the latches where the bit mask is clear. */
  private int merge(int value, int bits) {
    int v = switch (vga.graphics[VgaRegisters.ROTATE] >> 3 & 3) {
      case 0 -> value;
      case 1 -> value & latch;
      case 2 -> value | latch;
      default -> value ^ latch;
    };
    int mask = bits * 0x01010101;
    return v & mask | latch & ~mask;
  }
}
