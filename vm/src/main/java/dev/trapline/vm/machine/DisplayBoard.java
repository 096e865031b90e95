package dev.trapline.vm.machine;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.Uart;
import dev.trapline.vm.device.display.RomFont;
import dev.trapline.vm.device.display.Vga;
import dev.trapline.vm.device.display.VgaFunction;
import dev.trapline.vm.device.input.I8042;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** What a user of the PC board sees and touches: the VGA (00:02.0), keyboard and mouse, and the serial ports COM2 to COM4. */
final class DisplayBoard {
  private static final int SLOT = 2;
  private static final int KEYBOARD_IRQ = 1;
  private static final int MOUSE_IRQ = 12;
  private static final int COM2 = 0x2f8;
  private static final int COM3 = 0x3e8;
  private static final int COM4 = 0x2e8;

  // Mode 3, 80 by 25 characters of 9 by 16 dots, as the tables of a video BIOS have it.
  private static final int TEXT_MISC = 0x67;
  private static final int[] TEXT_SEQUENCER = {3, 0, 3, 0, 2};
  private static final int[] TEXT_CRTC = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e,
    0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff};
  private static final int[] TEXT_GRAPHICS = {0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff};
  private static final int[] TEXT_ATTRIBUTE = {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0, 0x0f, 8,
    0};
  // Plane 2 alone, addressed byte after byte at A0000h.
  private static final int[] FONT_SEQUENCER = {3, 0, 4, 0, 6};
  private static final int[] FONT_GRAPHICS = {0, 0, 0, 0, 0, 0, 4, 0, 0xff};
  private static final long FONT = 0xa0000;
  private static final int FONT_CHARACTERS = 256;
  private static final int FONT_PITCH = 32;
  private static final int COLORS = 64;
  private static final long TEXT = 0xb8000;
  private static final int CELLS = 0x4000;
  private static final int BLANK = 0x0720;

  private final PortMap ports;
  private final PhysicalMemory memory;
  private final Vga vga;
  private final I8042 keyboard;
  private final List<Uart> uarts = new ArrayList<>();
  private final IntConsumer[] sinks = {b -> {}, b -> {}, b -> {}};

  /**
   * @param irq the wire to an ISA interrupt; each call gives a source of its own
   * @param videoBios the adapter's ROM, empty for none
   * @param resetLine pulled by a guest that wants a reset
   */
  DisplayBoard(PortMap ports, PhysicalMemory memory, PciBus bus, Scheduler scheduler, long perSecond, IntFunction<IrqLine> irq,
      byte[] videoBios, Runnable resetLine) {
    this.ports = ports;
    this.memory = memory;
    this.vga = new Vga(scheduler, perSecond);
    this.keyboard = new I8042(scheduler, perSecond, irq.apply(KEYBOARD_IRQ), irq.apply(MOUSE_IRQ), resetLine);
    vga.connect(ports, memory);
    keyboard.connect(ports);
    bus.add(SLOT, 0, new VgaFunction(vga, videoBios));
    int[][] serial = {{COM2, 3}, {COM3, 4}, {COM4, 3}};
    for (int i = 0; i < serial.length; i++) {
      int port = i;
      Uart uart = new Uart("com" + (i + 2), scheduler, perSecond, irq.apply(serial[i][1]), b -> sinks[port].accept(b));
      ports.add("com" + (i + 2), serial[i][0], Uart.PORTS, uart);
      uarts.add(uart);
    }
  }

  Vga vga() {
    return vga;
  }

  I8042 keyboard() {
    return keyboard;
  }

  /** COM2 to COM4 by their number. */
  Uart uart(int number) {
    return uarts.get(number - 2);
  }

  /** Who takes what the guest sends to COM2 to COM4. */
  void serial(int number, IntConsumer sink) {
    sinks[number - 2] = sink;
  }

  /** What has state, in the order of loading. */
  List<Stateful<?>> components() {
    var all = new ArrayList<Stateful<?>>(List.of(vga, vga.memory(), keyboard));
    all.addAll(uarts);
    return all;
  }

  void reset() {
    keyboard.reset();
    uarts.forEach(Uart::reset);
  }

  /** What a video BIOS does at power-on, where an image is started without one: text mode 3 with its font, blank, the cursor at the top. */
  void prepare() {
    ports.out(0x3c2, 1, TEXT_MISC);
    loadFont();
    indexed(0x3c4, TEXT_SEQUENCER);
    indexed(0x3d4, TEXT_CRTC);
    indexed(0x3ce, TEXT_GRAPHICS);
    ports.in(0x3da, 1);
    for (int i = 0; i < TEXT_ATTRIBUTE.length; i++) {
      ports.out(0x3c0, 1, i);
      ports.out(0x3c0, 1, TEXT_ATTRIBUTE[i]);
    }
    ports.out(0x3c0, 1, 0x20);
    ports.out(0x3c8, 1, 0);
    for (int c = 0; c < COLORS; c++) {
      ports.out(0x3c9, 1, (c >> 2 & 1) * 0x2a + (c >> 5 & 1) * 0x15);
      ports.out(0x3c9, 1, (c >> 1 & 1) * 0x2a + (c >> 4 & 1) * 0x15);
      ports.out(0x3c9, 1, (c & 1) * 0x2a + (c >> 3 & 1) * 0x15);
    }
    for (int i = 0; i < CELLS; i++) {
      memory.write(TEXT + 2L * i, 2, BLANK);
    }
  }

  private void loadFont() {
    indexed(0x3c4, FONT_SEQUENCER);
    indexed(0x3ce, FONT_GRAPHICS);
    for (int i = 0; i < FONT_CHARACTERS * RomFont.HEIGHT; i++) {
      int character = i / RomFont.HEIGHT;
      int y = i % RomFont.HEIGHT;
      memory.write(FONT + character * FONT_PITCH + y, 1, RomFont.line(character, y));
    }
  }

  private void indexed(int port, int[] values) {
    for (int i = 0; i < values.length; i++) {
      ports.out(port, 1, i);
      ports.out(port + 1, 1, values[i]);
    }
  }
}
