package dev.trapline.vm.device.display;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Rate;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;

/**
 * An IBM VGA (ports 3B4h to 3DAh, memory at A0000h) with the Bochs VBE extension. The beam moves in virtual time: 449 lines, 70 times a
 * second. The CRT controller's timing registers are kept and read back; the beam does not follow them.
 *
 * <p>IBM Personal System/2 Hardware Interface Technical Reference, "Video Subsystem".
 */
public final class Vga implements Stateful<Vga.State> {
  private static final int LINES = 449;
  private static final int FRAMES = 70;
  private static final int SHOWN = 400;
  private static final int RETRACE_FIRST = 412;
  private static final int RETRACE_LAST = 413;
  /** Of 100 parts of a line, how many are shown. */
  private static final int LINE_SHOWN = 80;
  private static final int LINE_PARTS = 100;

  private static final int[] SEQUENCER_BITS = {3, 0x3d, 0xf, 0x3f, 0xe, 0, 0, 0xff};
  private static final int[] GRAPHICS_BITS = {0xf, 0xf, 0xf, 0x1f, 3, 0x7b, 0xf, 0xf, 0xff};

  /**
   * Registers. {@code attributeIndex} includes bit 5 (the palette belongs to the screen), {@code attributeData} is the flip-flop of port
   * 3C0h, {@code dacComponent} the next of red, green, blue; {@code dacPart} holds those written so far.
   */
  public record State(int misc, int feature, @Range(most = 7) int sequencerIndex,
      @Length(VgaRegisters.SEQUENCER_PLACES) byte[] sequencer, @Range(most = 0x1f) int crtcIndex,
      @Length(VgaRegisters.CRTC) byte[] crtc, @Range(most = 0xf) int graphicsIndex, @Length(VgaRegisters.GRAPHICS) byte[] graphics,
      int attributeIndex, boolean attributeData, @Length(VgaRegisters.ATTRIBUTE) byte[] attribute, int pelMask,
      @Range(most = 0xff) int dacReadIndex, @Range(most = 0xff) int dacWriteIndex, @Range(most = 2) int dacComponent,
      int dacPart, boolean dacReading, @Length(VgaRegisters.DAC) byte[] dac, int latch, int vbeIndex,
      @Length(BochsVbe.REGISTERS) int[] vbe) implements StateRecord {}

  private final Scheduler scheduler;
  private final Rate beam;
  private final VgaRegisters r = new VgaRegisters();
  private final VideoMemory memory = new VideoMemory();
  private final BochsVbe vbe = new BochsVbe(memory);
  private final VgaWindow window = new VgaWindow(r, memory, vbe);
  private final VgaScreen screen = new VgaScreen(r, memory, vbe);
  private int feature;
  private int sequencerIndex;
  private int crtcIndex;
  private int graphicsIndex;
  private int attributeIndex;
  private boolean attributeData;
  private int dacReadIndex;
  private int dacWriteIndex;
  private int dacComponent;
  private int dacPart;
  private boolean dacReading;

  /**
   * @param scheduler virtual time, for the beam
   * @param perSecond instructions in a second of it
   */
  public Vga(Scheduler scheduler, long perSecond) {
    this.scheduler = scheduler;
    this.beam = Rate.of((long) LINES * FRAMES * LINE_PARTS, 1, perSecond);
  }

  /** Connects the legacy ports and the memory window. */
  public void connect(PortMap ports, PhysicalMemory bus) {
    // Ports between these have no register on a VGA; touching them counts as unknown.
    int[][] ranges = {{0x3b4, 2}, {0x3ba, 1}, {0x3c0, 11}, {0x3cc, 1}, {0x3ce, 2}, {0x3d4, 2}, {0x3da, 1}};
    for (int[] range : ranges) {
      ports.add("vga", range[0], range[1], new Registers(range[0]));
    }
    ports.add("vbe", BochsVbe.FIRST_PORT, BochsVbe.PORTS, 2, vbe);
    bus.addMmio("vga", VgaWindow.START, VgaWindow.SIZE, window);
  }

  /** The frame buffer, from its first byte. */
  public VideoMemory memory() {
    return memory;
  }

  /** What a monitor shows: text in text modes, otherwise pixels. */
  public Screen screen() {
    return screen.isText() ? screen.text() : screen.pixels();
  }

  /** What a monitor shows, as pixels even in text modes: by the font the guest has loaded. */
  public Screen.Pixels pixels() {
    return screen.pixels();
  }

  // ---- ports

  private final class Registers implements PortDevice {
    private final int first;

    Registers(int first) {
      this.first = first;
    }

    @Override
    public int in(int offset, int bytes) {
      return readPort(first + offset);
    }

    @Override
    public void out(int offset, int bytes, int value) {
      writePort(first + offset, value);
    }
  }

  /** Whether a CRT controller's port is the one that the miscellaneous output register selects: 3Bxh or 3Dxh. */
  private boolean selected(int port) {
    return (port >= 0x3d0) == ((r.misc & 1) != 0);
  }

  int readPort(int port) {
    return switch (port) {
      case 0x3c0 -> attributeIndex;
      case 0x3c1 -> attributeIndexOnly() < VgaRegisters.ATTRIBUTE ? r.attribute[attributeIndexOnly()] : 0;
      case 0x3c2 -> 0x10;
      case 0x3c3 -> 1;
      case 0x3c4 -> sequencerIndex;
      case 0x3c5 -> r.sequencer[sequencerIndex & 7];
      case 0x3c6 -> r.pelMask;
      case 0x3c7 -> dacReading ? 3 : 0;
      case 0x3c8 -> dacWriteIndex;
      case 0x3c9 -> readDac();
      case 0x3ca -> feature;
      case 0x3cc -> r.misc;
      case 0x3ce -> graphicsIndex;
      case 0x3cf -> graphicsIndex < VgaRegisters.GRAPHICS ? r.graphics[graphicsIndex] : 0;
      case 0x3b4, 0x3d4 -> selected(port) ? crtcIndex : 0xff;
      case 0x3b5, 0x3d5 -> !selected(port) ? 0xff : crtcIndex < VgaRegisters.CRTC ? r.crtc[crtcIndex] : 0;
      case 0x3ba, 0x3da -> selected(port) ? status() : 0xff;
      default -> 0xff;
    };
  }

  void writePort(int port, int value) {
    switch (port) {
      case 0x3c0 -> writeAttribute(value);
      case 0x3c2 -> r.misc = value & 0xef;
      case 0x3c4 -> sequencerIndex = value & 7;
      case 0x3c5 -> r.sequencer[sequencerIndex] = value & SEQUENCER_BITS[sequencerIndex];
      case 0x3c6 -> r.pelMask = value;
      case 0x3c7 -> dacIndex(value, true);
      case 0x3c8 -> dacIndex(value, false);
      case 0x3c9 -> writeDac(value);
      case 0x3ce -> graphicsIndex = value & 0xf;
      case 0x3cf -> writeGraphics(value);
      case 0x3b4, 0x3d4 -> crtcIndex = selected(port) ? value & 0x1f : crtcIndex;
      case 0x3b5, 0x3d5 -> writeCrtc(port, value);
      case 0x3ba, 0x3da -> feature = selected(port) ? value & 0xb : feature;
      default -> { /* 3C1h, 3C3h, 3CAh and 3CCh are for reading; the adapter cannot be switched off. */ }
    }
  }

  private int attributeIndexOnly() {
    return attributeIndex & 0x1f;
  }

  private void writeAttribute(int value) {
    if (!attributeData) {
      attributeIndex = value & 0x3f;
    } else if (attributeIndexOnly() < VgaRegisters.ATTRIBUTE) {
      r.attribute[attributeIndexOnly()] = value & (attributeIndexOnly() < 16 ? 0x3f : 0xff);
    }
    attributeData = !attributeData;
  }

  private void writeGraphics(int value) {
    if (graphicsIndex < VgaRegisters.GRAPHICS) {
      r.graphics[graphicsIndex] = value & GRAPHICS_BITS[graphicsIndex];
    }
  }

  /** Bit 7 of the retrace end register protects registers 0 to 7, but for the line compare bit. */
  private void writeCrtc(int port, int value) {
    if (!selected(port) || crtcIndex >= VgaRegisters.CRTC) {
      return;
    }
    if ((r.crtc[VgaRegisters.RETRACE_END] & 0x80) == 0 || crtcIndex > VgaRegisters.OVERFLOW) {
      r.crtc[crtcIndex] = value;
    } else if (crtcIndex == VgaRegisters.OVERFLOW) {
      r.crtc[crtcIndex] = r.crtc[crtcIndex] & ~0x10 | value & 0x10;
    }
  }

  /** Input status register 1: bit 0 while nothing is shown, bit 3 in vertical retrace. Reading it makes 3C0h take an index next. */
  private int status() {
    attributeData = false;
    long parts = beam.ticks(scheduler.now()) % ((long) LINES * LINE_PARTS);
    int line = (int) (parts / LINE_PARTS);
    boolean shown = line < SHOWN && parts % LINE_PARTS < LINE_SHOWN;
    return (shown ? 0 : 1) | (line >= RETRACE_FIRST && line <= RETRACE_LAST ? 8 : 0);
  }

  private void dacIndex(int value, boolean reading) {
    if (reading) {
      dacReadIndex = value;
    } else {
      dacWriteIndex = value;
    }
    dacReading = reading;
    dacComponent = 0;
  }

  private int dacBits() {
    return vbe.dac8() ? 0xff : 0x3f;
  }

  private int readDac() {
    int v = r.dac[dacReadIndex * 3 + dacComponent] & dacBits();
    if (++dacComponent == 3) {
      dacComponent = 0;
      dacReadIndex = dacReadIndex + 1 & 0xff;
    }
    return v;
  }

  /** A colour changes when its third component arrives. */
  private void writeDac(int value) {
    dacPart = dacPart << 8 | value & dacBits();
    if (++dacComponent == 3) {
      for (int i = 0; i < 3; i++) {
        r.dac[dacWriteIndex * 3 + i] = dacPart >> 8 * (2 - i) & 0xff;
      }
      dacComponent = 0;
      dacPart = 0;
      dacWriteIndex = dacWriteIndex + 1 & 0xff;
    }
  }

  // ---- the memory-mapped registers of the PCI function

  /** BAR 2: legacy ports 3C0h to 3DFh at 400h, VBE registers as words at 500h. */
  MmioDevice mapped() {
    return new Mapped();
  }

  private final class Mapped implements MmioDevice {
    private static final int LEGACY = 0x400;
    private static final int LEGACY_PORTS = 0x20;
    private static final int VBE = 0x500;

    @Override
    public long load(long offset, int bytes) {
      long v = 0;
      int step = vbeAt(offset) ? 2 : 1;
      for (int i = 0; i < bytes; i += step) {
        v |= (long) one((int) offset + i) << 8 * i;
      }
      return bytes == 8 ? v : v & (1L << 8 * bytes) - 1;
    }

    private static boolean vbeAt(long offset) {
      return offset >= VBE && offset < VBE + 2 * BochsVbe.REGISTERS;
    }

    private int one(int offset) {
      if (vbeAt(offset)) {
        return vbe.read(offset - VBE >> 1) >> 8 * (offset & 1) & 0xffff;
      }
      return offset >= LEGACY && offset < LEGACY + LEGACY_PORTS ? readPort(0x3c0 + offset - LEGACY) : 0;
    }

    @Override
    public void store(long offset, int bytes, long value) {
      if (vbeAt(offset)) {
        for (int i = 0; i < bytes; i += 2) {
          vbe.write((int) offset + i - VBE >> 1, (int) (value >>> 8 * i) & 0xffff);
        }
      } else if (offset >= LEGACY && offset < LEGACY + LEGACY_PORTS) {
        for (int i = 0; i < bytes; i++) {
          writePort(0x3c0 + (int) offset + i - LEGACY, (int) (value >>> 8 * i) & 0xff);
        }
      }
    }
  }

  // ---- power and state

  /** Power-on: everything clear, nothing shown. */
  public void reset() {
    for (int[] a : new int[][] {r.sequencer, r.crtc, r.graphics, r.attribute, r.dac}) {
      Arrays.fill(a, 0);
    }
    r.misc = 0;
    r.pelMask = 0xff;
    feature = 0;
    sequencerIndex = 0;
    crtcIndex = 0;
    graphicsIndex = 0;
    attributeIndex = 0;
    attributeData = false;
    dacReadIndex = 0;
    dacWriteIndex = 0;
    dacComponent = 0;
    dacPart = 0;
    dacReading = false;
    window.latch = 0;
    vbe.reset();
    memory.reset();
  }

  @Override
  public String stateName() {
    return "vga";
  }

  @Override
  public State state() {
    BochsVbe.State v = vbe.state();
    return new State(r.misc, feature, sequencerIndex, bytes(r.sequencer), crtcIndex, bytes(r.crtc), graphicsIndex, bytes(r.graphics),
        attributeIndex, attributeData, bytes(r.attribute), r.pelMask, dacReadIndex, dacWriteIndex, dacComponent, dacPart, dacReading,
        bytes(r.dac), window.latch, v.index(), v.registers());
  }

  @Override
  public void state(State s) {
    r.misc = s.misc;
    feature = s.feature;
    sequencerIndex = s.sequencerIndex;
    ints(s.sequencer, r.sequencer);
    crtcIndex = s.crtcIndex;
    ints(s.crtc, r.crtc);
    graphicsIndex = s.graphicsIndex;
    ints(s.graphics, r.graphics);
    attributeIndex = s.attributeIndex;
    attributeData = s.attributeData;
    ints(s.attribute, r.attribute);
    r.pelMask = s.pelMask;
    dacReadIndex = s.dacReadIndex;
    dacWriteIndex = s.dacWriteIndex;
    dacComponent = s.dacComponent;
    dacPart = s.dacPart;
    dacReading = s.dacReading;
    ints(s.dac, r.dac);
    window.latch = s.latch;
    vbe.state(new BochsVbe.State(s.vbeIndex, s.vbe));
  }

  private static byte[] bytes(int[] registers) {
    byte[] out = new byte[registers.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) registers[i];
    }
    return out;
  }

  private static void ints(byte[] from, int[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i] & 0xff;
    }
  }
}
