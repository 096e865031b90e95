package dev.trapline.vm.device.display;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.util.Hash;
import org.junit.jupiter.api.Test;

/** The VGA against the IBM technical reference's description of its modes of memory, and the Bochs VBE. */
class VgaTest {
  private static final long A0000 = 0xa0000;
  private static final long B8000 = 0xb8000;
  private long now;
  private final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  private final PortMap ports = new PortMap();
  private final PhysicalMemory bus = new PhysicalMemory(1 << 20);
  private final Vga vga = new Vga(scheduler, 100_000_000);

  VgaTest() {
    vga.connect(ports, bus);
    ports.out(0x3c2, 1, 0x67);
  }

  private void set(int port, int index, int value) {
    ports.out(port, 2, value << 8 | index);
  }

  private int get(int port, int index) {
    ports.out(port, 1, index);
    return ports.in(port + 1, 1);
  }

  /** Planar memory at A0000h, all planes writable, nothing masked. */
  private void planar() {
    set(0x3c4, 4, 6);
    set(0x3c4, 2, 0xf);
    set(0x3ce, 0, 0);
    set(0x3ce, 1, 0);
    set(0x3ce, 3, 0);
    set(0x3ce, 5, 0);
    set(0x3ce, 6, 5);
    set(0x3ce, 7, 0xf);
    set(0x3ce, 8, 0xff);
  }

  private int plane(int plane, long offset) {
    set(0x3ce, 5, 0);
    set(0x3ce, 4, plane);
    return (int) bus.read(A0000 + offset, 1);
  }

  private void expectPlanes(int offset, int... values) {
    for (int p = 0; p < 4; p++) {
      assertEquals(values[p], plane(p, offset), "plane " + p);
    }
  }

  private void fill(int offset, int... values) {
    planar();
    for (int p = 0; p < 4; p++) {
      set(0x3c4, 2, 1 << p);
      bus.write(A0000 + offset, 1, values[p]);
    }
    set(0x3c4, 2, 0xf);
  }

  @Test
  void writeMode0RotatesSetsAndMasks() {
    fill(0x100, 0x11, 0x22, 0x44, 0x88);
    bus.read(A0000 + 0x100, 1);
    set(0x3ce, 0, 0b0010);
    set(0x3ce, 1, 0b0110);
    set(0x3ce, 3, 4);
    set(0x3ce, 8, 0xf0);
    bus.write(A0000 + 0x100, 1, 0x5a);
    set(0x3ce, 1, 0);
    // 5Ah rotated right by 4 is A5h; planes 1 and 2 take their set/reset bit; the low halves come from the latches.
    expectPlanes(0x100, 0xa1, 0xf2, 0x04, 0xa8);
  }

  @Test
  void theLogicalFunctionCombinesWithTheLatches() {
    int[][] functions = {{0x08, 0x0c & 0xa5}, {0x10, 0x0c | 0xa5}, {0x18, 0x0c ^ 0xa5}};
    for (int[] f : functions) {
      fill(7, 0xa5, 0xa5, 0xa5, 0xa5);
      bus.read(A0000 + 7, 1);
      set(0x3ce, 3, f[0]);
      bus.write(A0000 + 7, 1, 0x0c);
      expectPlanes(7, f[1], f[1], f[1], f[1]);
    }
  }

  @Test
  void writeMode1CopiesTheLatches() {
    fill(0x10, 1, 2, 3, 4);
    bus.read(A0000 + 0x10, 1);
    set(0x3ce, 5, 1);
    bus.write(A0000 + 0x20, 1, 0xff);
    expectPlanes(0x20, 1, 2, 3, 4);
  }

  @Test
  void writeMode2MakesEachBitAPlane() {
    fill(3, 0, 0, 0, 0);
    bus.read(A0000 + 3, 1);
    set(0x3ce, 5, 2);
    set(0x3ce, 8, 0x0f);
    bus.write(A0000 + 3, 1, 0b1010);
    expectPlanes(3, 0, 0x0f, 0, 0x0f);
  }

  @Test
  void writeMode3UsesTheByteAsMask() {
    fill(3, 0xf0, 0xf0, 0xf0, 0xf0);
    bus.read(A0000 + 3, 1);
    set(0x3ce, 0, 0b0001);
    set(0x3ce, 5, 3);
    bus.write(A0000 + 3, 1, 0x3c);
    expectPlanes(3, 0xfc, 0xc0, 0xc0, 0xc0);
  }

  @Test
  void theMapMaskProtectsPlanes() {
    fill(9, 1, 2, 3, 4);
    set(0x3c4, 2, 0b0100);
    bus.write(A0000 + 9, 1, 0xee);
    expectPlanes(9, 1, 2, 0xee, 4);
  }

  @Test
  void readMode1ComparesColours() {
    fill(5, 0b1100, 0b1010, 0, 0);
    set(0x3ce, 5, 8);
    set(0x3ce, 2, 0b0011);
    assertEquals(0b1000, bus.read(A0000 + 5, 1), "pixels of colour 3");
    set(0x3ce, 7, 0b0001);
    assertEquals(0b1100, bus.read(A0000 + 5, 1), "plane 0 alone cared for");
    set(0x3ce, 7, 0);
    assertEquals(0xff, bus.read(A0000 + 5, 1), "nothing cared for: all match");
  }

  @Test
  void theWindowIsWhereTheMemoryMapSaysItIs() {
    planar();
    set(0x3ce, 6, 0x0d);
    bus.write(A0000, 1, 1);
    assertEquals(0xff, bus.read(A0000, 1));
    bus.write(B8000, 1, 0x77);
    set(0x3ce, 6, 5);
    assertEquals(0x77, plane(0, 0));
  }

  // ---- text

  private void text() {
    int[] crtc = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x0e, 0x8f, 0x28, 0x1f, 0x96,
      0xb9, 0xa3, 0xff};
    for (int i = 0; i < crtc.length; i++) {
      set(0x3d4, i, crtc[i]);
    }
    set(0x3c4, 4, 2);
    set(0x3c4, 2, 3);
    set(0x3ce, 5, 0x10);
    set(0x3ce, 6, 0x0e);
    set(0x3ce, 8, 0xff);
  }

  private void print(int row, int column, String s, int attribute) {
    for (int i = 0; i < s.length(); i++) {
      bus.write(B8000 + 160L * row + 2L * (column + i), 2, attribute << 8 | s.charAt(i));
    }
  }

  @Test
  void textIsDecodedWithAttributesAndCursor() {
    text();
    print(0, 0, "Hello", 0x1e);
    print(24, 75, "\u00c4end\u0001", 7);
    set(0x3d4, 0x0e, 0);
    set(0x3d4, 0x0f, 80 + 5);
    Screen.Text t = assertInstanceOf(Screen.Text.class, vga.screen());
    assertEquals(25, t.lines().size());
    assertEquals(80, t.columns());
    assertTrue(t.lines().get(0).startsWith("Hello"));
    assertTrue(t.lines().get(24).endsWith("─end☺"), t.lines().get(24));
    assertEquals(0x1e, t.attributes().getFirst()[4]);
    assertEquals(new Screen.Cursor(1, 5, true), t.cursor());
    set(0x3d4, 0x0a, 0x20);
    assertFalse(((Screen.Text) vga.screen()).cursor().visible());
  }

  @Test
  void theStartAddressScrollsTheText() {
    text();
    print(1, 0, "second", 7);
    set(0x3d4, 0x0d, 80);
    assertTrue(((Screen.Text) vga.screen()).lines().getFirst().startsWith("second"));
  }

  @Test
  void lookingChangesNothing() {
    text();
    print(3, 3, "unchanged", 7);
    long before = hash();
    vga.screen();
    vga.pixels();
    vga.screen();
    assertEquals(before, hash());
  }

  private long hash() {
    return Hash.of(StateBinary.write(StateForm.apart(vga.state()))) ^ Hash.of(StateBinary.write(StateForm.apart(vga.memory().state())));
  }

  @Test
  void stateComesBack() {
    text();
    print(0, 0, "kept", 7);
    Vga other = new Vga(scheduler, 100_000_000);
    other.state(vga.state());
    other.memory().state(vga.memory().state());
    assertEquals(((Screen.Text) vga.screen()).text(), ((Screen.Text) other.screen()).text());
    assertEquals(StateForm.apart(vga.state()).toString(), StateForm.apart(other.state()).toString());
  }

  // ---- pixels

  @Test
  void mode13hHasAByteForEachPixel() {
    int[] crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x41, 0, 0, 0, 0, 0, 0, 0x9c, 0x0e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3,
      0xff};
    for (int i = 0; i < crtc.length; i++) {
      set(0x3d4, i, crtc[i]);
    }
    set(0x3c4, 4, 0x0e);
    set(0x3c4, 2, 0xf);
    set(0x3ce, 5, 0x40);
    set(0x3ce, 6, 5);
    set(0x3ce, 8, 0xff);
    ports.out(0x3c8, 1, 0x42);
    ports.out(0x3c9, 1, 63);
    ports.out(0x3c9, 1, 32);
    ports.out(0x3c9, 1, 0);
    bus.write(A0000 + 320 * 199 + 319, 1, 0x42);
    bus.write(A0000 + 320, 4, 0x42000042);
    assertEquals(0x42, bus.read(A0000 + 320 + 3, 1));
    Screen.Pixels p = assertInstanceOf(Screen.Pixels.class, vga.screen());
    assertEquals(320, p.width());
    assertEquals(200, p.height());
    assertEquals(0xffff8200, p.at(319, 199));
    assertEquals(0xffff8200, p.at(0, 1));
    assertEquals(0xff000000, p.at(1, 1));
    assertEquals(0xffff8200, p.at(3, 1));
  }

  @Test
  void mode12hHasFourPlanes() {
    int[] crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xea, 0x0c, 0xdf, 0x28, 0, 0xe7, 4, 0xe3, 0xff};
    for (int i = 0; i < crtc.length; i++) {
      set(0x3d4, i, crtc[i]);
    }
    planar();
    ports.in(0x3da, 1);
    for (int i = 0; i < 16; i++) {
      ports.out(0x3c0, 1, i);
      ports.out(0x3c0, 1, i);
    }
    ports.out(0x3c0, 1, 0x12);
    ports.out(0x3c0, 1, 0xf);
    ports.out(0x3c8, 1, 5);
    ports.out(0x3c9, 1, 0);
    ports.out(0x3c9, 1, 63);
    ports.out(0x3c9, 1, 63);
    set(0x3c4, 2, 5);
    bus.write(A0000 + 80 * 479 + 79, 1, 1);
    Screen.Pixels p = assertInstanceOf(Screen.Pixels.class, vga.screen());
    assertEquals(640, p.width());
    assertEquals(480, p.height());
    assertEquals(0xff00ffff, p.at(639, 479));
    assertEquals(0xff000000, p.at(638, 479));
  }

  private void vbe(int register, int value) {
    ports.out(0x1ce, 2, register);
    ports.out(0x1cf, 2, value);
  }

  private int vbe(int register) {
    ports.out(0x1ce, 2, register);
    return ports.in(0x1cf, 2);
  }

  @Test
  void vbeShowsTheLinearFrameBuffer() {
    assertEquals(0xb0c5, vbe(0));
    assertEquals(256, vbe(10), "64 KiB units");
    vbe(4, 2);
    assertEquals(32, vbe(3), "capabilities");
    vbe(4, 0);
    vbe(1, 800);
    vbe(2, 600);
    vbe(3, 32);
    vbe(4, 0x41);
    vga.memory().store((800L * 599 + 799) * 4, 4, 0x00123456);
    Screen.Pixels p = assertInstanceOf(Screen.Pixels.class, vga.screen());
    assertEquals(800, p.width());
    assertEquals(0xff123456, p.at(799, 599));
    vbe(3, 16);
    assertEquals(32, vbe(3), "the depth stays while it is on");
    vbe(5, 1);
    bus.write(A0000 + 4, 4, 0xabcdef);
    assertEquals(0xabcdef, vga.memory().load(0x10004, 4), "bank 1 of 64 KiB");
    vbe(4, 0);
    vbe(3, 16);
    vbe(4, 0x41);
    vga.memory().store(0, 2, 0xf81f);
    assertEquals(0xffff00ff, ((Screen.Pixels) vga.screen()).at(0, 0));
  }

  // ---- registers

  @Test
  void registersReadBack() {
    set(0x3d4, 0x13, 0x28);
    assertEquals(0x28, get(0x3d4, 0x13));
    set(0x3d4, 0, 0x5f);
    set(0x3d4, 0x11, 0x80);
    set(0x3d4, 0, 1);
    assertEquals(0x5f, get(0x3d4, 0), "protected");
    set(0x3d4, 7, 0x1f);
    assertEquals(0x10, get(0x3d4, 7), "but the line compare bit");
    ports.in(0x3da, 1);
    ports.out(0x3c0, 1, 0x31);
    ports.out(0x3c0, 1, 0x15);
    assertEquals(0x15, ports.in(0x3c1, 1));
    assertEquals(0x31, ports.in(0x3c0, 1));
    assertEquals(0x67, ports.in(0x3cc, 1));
  }

  @Test
  void theRetraceComes70TimesASecond() {
    int begins = 0;
    boolean was = false;
    for (now = 0; now < 100_000_000; now += 3000) {
      boolean in = (ports.in(0x3da, 1) & 8) != 0;
      begins += in && !was ? 1 : 0;
      was = in;
    }
    assertEquals(70, begins);
  }
}
