package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** 82077AA and 8237A against their data sheets. */
class FloppyTest {
  private final byte[] image = new byte[1440 * 1024];
  private final DiskBench b = new DiskBench();
  private Medium medium;

  @BeforeEach
  void build() {
    new Random(1).nextBytes(image);
    medium = new Medium("fd0.disk", DiskImage.of("f", image, DiskImage.Format.RAW), false);
    b.floppy.insert(0, medium);
    b.out(0x3f2, 0);
    b.out(0x3f2, 0x1c);
    b.settle();
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(new int[] {0xc0 | i, 0}, command(2, 0x08), "polling after a reset");
    }
    b.out(0x3f7, 0);
    command(0, 0x03, 0xdf, 0x02);
    command(0, 0x07, 0);
    b.settle();
    assertTrue(b.irq[6]);
    assertArrayEquals(new int[] {0x20, 0}, command(2, 0x08));
    assertFalse(b.irq[6]);
  }

  /** Gives a command, waits, and takes the result. */
  private int[] command(int results, int... bytes) {
    for (int v : bytes) {
      assertEquals(0x80, b.in(0x3f4) & 0xc0);
      b.out(0x3f5, v);
    }
    if (results > 0) {
      b.settle();
    }
    int[] out = new int[results];
    for (int i = 0; i < results; i++) {
      assertEquals(0xd0, b.in(0x3f4) & 0xd0);
      out[i] = b.in(0x3f5);
    }
    assertEquals(0, b.in(0x3f4) & 0x50 & (results > 0 ? 0xff : 0));
    return out;
  }

  private void channel2(int mode, int address, int length) {
    b.out(0x0a, 6);
    b.out(0x0c, 0);
    b.out(0x04, address & 0xff);
    b.out(0x04, address >> 8 & 0xff);
    b.out(0x81, address >> 16);
    b.out(0x05, length - 1 & 0xff);
    b.out(0x05, length - 1 >> 8);
    b.out(0x0b, mode);
    b.out(0x0a, 2);
  }

  private byte[] sectors(int first, int n) {
    return Arrays.copyOfRange(image, first * 512, (first + n) * 512);
  }

  private void seek(int cylinder) {
    command(0, 0x0f, 0, cylinder);
    assertEquals(1, b.in(0x3f4) & 1, "drive 0 seeks");
    b.settle();
    assertArrayEquals(new int[] {0x20, cylinder}, command(2, 0x08));
  }

  @Test
  void readsUntilTerminalCount() {
    seek(3);
    channel2(0x46, 0x23456, 1024);
    int rises = b.rises[6];
    assertArrayEquals(new int[] {0, 0, 0, 3, 0, 7, 2}, command(7, 0xe6, 0, 3, 0, 5, 2, 18, 0x1b, 0xff));
    assertEquals(rises + 1, b.rises[6]);
    assertArrayEquals(sectors(3 * 36 + 4, 2), b.peek(0x23456, 1024));
    assertEquals(4, b.in(0x08) & 0xf, "terminal count of channel 2");
    assertEquals(0, b.in(0x08) & 0xf, "reading it ends it");
  }

  @Test
  void multiTrackGoesToTheOtherHead() {
    channel2(0x46, 0x10000, 36 * 512);
    assertArrayEquals(new int[] {4, 0, 0, 1, 0, 1, 2}, command(7, 0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff));
    assertArrayEquals(sectors(0, 36), b.peek(0x10000, 36 * 512));
  }

  @Test
  void withoutTerminalCountTheTrackEnds() {
    channel2(0x46, 0x10000, 4096);
    int[] r = command(7, 0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
    assertEquals(0x40, r[0]);
    assertEquals(0x80, r[1], "end of cylinder");
    assertArrayEquals(sectors(16, 2), b.peek(0x10000, 1024));
  }

  @Test
  void writes() {
    byte[] data = new byte[512];
    new Random(2).nextBytes(data);
    b.memory.poke(0x5000, data, 0, 512);
    channel2(0x4a, 0x5000, 512);
    assertArrayEquals(new int[] {4, 0, 0, 0, 1, 3, 2}, command(7, 0x45, 4, 0, 1, 2, 2, 18, 0x1b, 0xff));
    byte[] now = new byte[512];
    medium.read((18 + 1) * 512, now, 0, 512);
    assertArrayEquals(data, now);
  }

  @Test
  void formatFills() {
    for (int i = 0; i < 18; i++) {
      b.poke32(0x6000 + 4 * i, 0x02000000 | i + 1 << 16);
    }
    channel2(0x4a, 0x6000, 72);
    assertEquals(0, command(7, 0x4d, 0, 2, 18, 0x54, 0xf6)[0]);
    byte[] now = new byte[18 * 512];
    medium.read(0, now, 0, now.length);
    byte[] filled = new byte[18 * 512];
    Arrays.fill(filled, (byte) 0xf6);
    assertArrayEquals(filled, now);
  }

  @Test
  void errors() {
    channel2(0x46, 0x5000, 512);
    assertEquals(0x04, command(7, 0x46, 0, 0, 0, 19, 2, 18, 0x1b, 0xff)[1], "no such sector");
    int[] wrong = command(7, 0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff);
    assertEquals(0x10, wrong[2], "the head is not there");
    b.out(0x3f7, 2);
    assertArrayEquals(new int[] {0x40, 1, 0, 0, 0, 1, 2}, command(7, 0x4a, 0), "another data rate");
    b.out(0x3f7, 0);
    assertEquals(0, command(7, 0x4a, 0)[0]);
    assertEquals(0x80, command(1, 0x18)[0], "no such command");
    assertEquals(0x80, command(1, 0x08)[0], "nothing to sense");
    b.out(0x0a, 6);
    assertEquals(0x10, command(7, 0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff)[1], "overrun: the channel is masked");
    b.out(0x3f2, 0x2d);
    command(0, 0x07, 1);
    b.settle();
    assertEquals(0x71, command(2, 0x08)[0], "no second drive");
  }

  @Test
  void probesOfDrivers() {
    assertEquals(0x90, command(1, 0x10)[0]);
    command(0, 0x13, 0, 0x1a, 0x40);
    command(0, 0x12, 0x84);
    assertEquals(0x10, command(1, 0x94)[0]);
    assertArrayEquals(new int[] {0, 0, 0, 0, 0xdf, 2, 0, 0x84, 0x1a, 0x40}, command(10, 0x0e));
    b.out(0x3f2, 0x18);
    b.out(0x3f2, 0x1c);
    b.settle();
    assertFalse(b.irq[6], "polling is off, and locked");
    assertEquals(0, command(1, 0x14)[0]);
    assertEquals(0x38, command(1, 0x04, 0)[0]);
  }

  @Test
  void theChangeLineFallsWithAStep() {
    b.floppy.reset();
    b.out(0x3f2, 0x1c);
    assertEquals(0x80, b.in(0x3f7) & 0x80);
    seek(1);
    assertEquals(0, b.in(0x3f7) & 0x80);
  }

  @Test
  void formatsBySize() {
    assertEquals(2, Diskette.of(DiskImage.of("f", new byte[1200 * 1024], DiskImage.Format.RAW)).driveType());
    assertEquals(18, Diskette.of(DiskImage.of("f", new byte[5000], DiskImage.Format.RAW)).sectors());
    assertThrows(ImageException.class, () -> Diskette.of(DiskImage.of("f", new byte[4 << 20], DiskImage.Format.RAW)));
  }

  @Test
  void dmaCountsDownAndStartsAnew() {
    byte[] data = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    channel2(0x56, 0x2fffe, 4);
    assertEquals(4, b.dma.move(2, data, 0, 10));
    assertTrue(b.dma.terminalCount(2));
    assertArrayEquals(new byte[] {0, 1}, b.peek(0x2fffe, 2));
    assertArrayEquals(new byte[] {2, 3}, b.peek(0x20000, 2), "the page stays: addresses wrap at 64 KiB");
    assertEquals(3, b.dma.move(2, data, 4, 3), "auto-initialised");
    b.out(0x0c, 0);
    assertEquals(1, b.in(0x04));
    assertEquals(0, b.in(0x04));
    assertEquals(0, b.in(0x05), "one left");
    b.out(0x0d, 0);
    assertEquals(0xff, b.in(0x0f), "master clear masks all");
    b.out(0x8b, 0x5a);
    assertEquals(0x5a, b.in(0x8b));
  }

  @Test
  void stateComesBack() {
    command(0, 0x0f, 0, 40);
    var saved = b.floppy.state();
    var timers = b.scheduler.state();
    b.settle();
    b.floppy.state(saved);
    b.scheduler.state(timers);
    b.settle();
    assertArrayEquals(new int[] {0x20, 40}, command(2, 0x08));
  }
}
