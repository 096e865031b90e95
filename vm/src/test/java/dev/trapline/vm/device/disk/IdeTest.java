package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PIIX3 IDE, ATA disk and ATAPI CD-ROM against ATA/ATAPI-6, SFF-8020i and the bus master specification. */
class IdeTest {
  private static final int SECTORS = 5000;
  private final byte[] disk = new byte[SECTORS * 512];
  private final byte[] disc = new byte[100 * 2048];
  private final DiskBench b = new DiskBench();
  private final Medium medium = new Medium("d", DiskImage.of("d", disk, DiskImage.Format.RAW), false);

  @BeforeEach
  void build() {
    new Random(1).nextBytes(disk);
    new Random(2).nextBytes(disc);
    b.ide.attach(0, 0, new AtaDisk("hd0", medium, "TL1"));
    b.ide.attach(1, 0, new CdRom("cd0", new Medium("c", DiskImage.of("c", disc, DiskImage.Format.RAW), true)));
  }

  private void ata(int count, long lba, int command) {
    b.out(0x1f2, count);
    b.out(0x1f3, (int) lba & 0xff);
    b.out(0x1f4, (int) (lba >> 8) & 0xff);
    b.out(0x1f5, (int) (lba >> 16) & 0xff);
    b.out(0x1f6, 0xe0 | (int) (lba >> 24) & 0xf);
    b.out(0x1f7, command);
  }

  private void ata48(int count, long lba, int command) {
    b.out(0x1f2, count >> 8);
    b.out(0x1f3, (int) (lba >> 24) & 0xff);
    b.out(0x1f4, (int) (lba >> 32) & 0xff);
    b.out(0x1f5, (int) (lba >> 40) & 0xff);
    ata(count & 0xff, lba & 0xffffff, command);
  }

  private byte[] take(int port, int bytes) {
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (out.hasRemaining()) {
      out.putShort((short) b.ports.in(port, 2));
    }
    return out.array();
  }

  private void give(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      b.ports.out(0x1f0, 4, in.getInt());
    }
  }

  private byte[] sectors(int first, int n) {
    return Arrays.copyOfRange(disk, first * 512, (first + n) * 512);
  }

  private byte[] written(int first, int n) {
    byte[] out = new byte[n * 512];
    medium.read(first * 512L, out, 0, out.length);
    return out;
  }

  private static byte[] news(int n) {
    byte[] out = new byte[n * 512];
    new Random(n).nextBytes(out);
    return out;
  }

  // ---- PCI

  @Test
  void theFunction() {
    assertEquals(0x70108086, b.config(0, 4));
    assertEquals(0x010180, b.config(9, 4) & 0xffffff);
    b.config(0x40, 2, 0);
    assertEquals(0xff, b.in(0x1f7), "decode switched off");
    assertFalse(b.in(0x177) == 0xff);
  }

  @Test
  void missingDevicesAreQuiet() {
    b.out(0x1f6, 0xb0);
    assertEquals(0, b.in(0x1f7));
  }

  // ---- PIO

  @Test
  void identity() {
    ata(0, 0, 0xec);
    assertEquals(0x80, b.in(0x3f6));
    b.settle();
    assertTrue(b.irq[14]);
    assertEquals(0x58, b.in(0x1f7));
    assertFalse(b.irq[14], "reading the status ends the interrupt");
    ByteBuffer w = ByteBuffer.wrap(take(0x1f0, 512)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(SECTORS, w.getInt(120));
    assertEquals(SECTORS, w.getLong(200));
    assertEquals(0x50, b.in(0x1f7));
    assertEquals("RTPAILENH RADDSI K", new String(w.array(), 54, 18), "two characters to a word");
  }

  @Test
  void readSectorsInterruptsForEach() {
    ata(2, 17, 0x20);
    b.settle();
    assertArrayEquals(sectors(17, 1), take(0x1f0, 512));
    b.in(0x1f7);
    b.settle();
    assertTrue(b.irq[14]);
    assertArrayEquals(sectors(18, 1), take(0x1f0, 512));
    assertEquals(0x50, b.in(0x1f7));
    assertEquals(2, b.rises[14]);
  }

  @Test
  void readMultipleInterruptsForBlocks() {
    ata(4, 0, 0xc6);
    b.settle();
    assertEquals(0x50, b.in(0x1f7));
    ata(6, 100, 0xc4);
    b.settle();
    assertArrayEquals(sectors(100, 4), take(0x1f0, 2048));
    b.settle();
    assertArrayEquals(sectors(104, 2), take(0x1f0, 1024));
    assertEquals(0x50, b.in(0x3f6));
    ata(3, 0, 0xc6);
    b.settle();
    assertEquals(0x51, b.in(0x1f7), "3 is no block size");
    assertEquals(4, b.in(0x1f1));
  }

  @Test
  void writeSectors() {
    byte[] data = news(2);
    ata(2, 4000, 0x30);
    assertEquals(0x58, b.in(0x1f7), "the first block is asked for without interrupt");
    assertFalse(b.irq[14]);
    give(Arrays.copyOf(data, 512));
    b.settle();
    assertTrue(b.irq[14]);
    give(Arrays.copyOfRange(data, 512, 1024));
    b.settle();
    assertEquals(0x50, b.in(0x1f7));
    assertArrayEquals(data, written(4000, 2));
    assertArrayEquals(sectors(4002, 1), written(4002, 1));
  }

  @Test
  void fortyEightBits() {
    ata48(256, 1000, 0x24);
    for (int i = 0; i < 256; i++) {
      b.settle();
      assertArrayEquals(sectors(1000 + i, 1), take(0x1f0, 512));
    }
    assertEquals(0x50, b.in(0x1f7));
    ata48(1, 1L << 32, 0x24);
    b.settle();
    assertEquals(0x51, b.in(0x1f7));
    assertEquals(0x10, b.in(0x1f1), "no such sector");
    ata48(0x1234, 0x665544332211L, 0x27);
    b.settle();
    b.out(0x3f6, 0x80);
    assertEquals(0, b.in(0x1f3));
    b.out(0x3f6, 0);
    assertEquals(SECTORS - 1 & 0xff, b.in(0x1f3));
  }

  @Test
  void cylindersHeadsSectors() {
    b.out(0x1f2, 10);
    b.out(0x1f6, 0xa3);
    b.out(0x1f7, 0x91);
    b.settle();
    assertEquals(0x50, b.in(0x1f7));
    b.out(0x1f2, 1);
    b.out(0x1f3, 3);
    b.out(0x1f4, 5);
    b.out(0x1f5, 0);
    b.out(0x1f6, 0xa2);
    b.out(0x1f7, 0x20);
    b.settle();
    assertArrayEquals(sectors((5 * 4 + 2) * 10 + 2, 1), take(0x1f0, 512));
  }

  @Test
  void otherCommands() {
    for (int code : new int[] {0x10, 0xe7, 0xea, 0xe0, 0xe1, 0xe2, 0xe3, 0x40}) {
      ata(1, 5, code);
      b.settle();
      assertTrue(b.irq[14]);
      assertEquals(0x50, b.in(0x1f7), Integer.toHexString(code));
    }
    ata(1, 0, 0xe0);
    b.settle();
    ata(1, 0, 0xe5);
    b.settle();
    assertEquals(0, b.in(0x1f2), "standby");
    for (int code : new int[] {0x00, 0xa0, 0xa1, 0xb0, 0xff}) {
      ata(1, 0, code);
      b.settle();
      assertEquals(0x51, b.in(0x1f7));
      assertEquals(4, b.in(0x1f1));
    }
    b.out(0x1f1, 3);
    ata(0x22, 0, 0xef);
    b.settle();
    assertEquals(0x50, b.in(0x1f7));
    b.out(0x1f1, 3);
    ata(0x77, 0, 0xef);
    b.settle();
    assertEquals(0x51, b.in(0x1f7));
  }

  @Test
  void resetAndDiagnosisLeaveSignatures() {
    for (int base : new int[] {0x1f0, 0x170}) {
      b.out(base + 0x206, 4);
      assertEquals(0x80, b.in(base + 0x206));
      b.out(base + 0x206, 0);
      b.settle();
      assertEquals(1, b.in(base + 1));
      assertEquals(1, b.in(base + 2));
      assertEquals(1, b.in(base + 3));
      assertEquals(base == 0x1f0 ? 0 : 0x14, b.in(base + 4));
      assertEquals(base == 0x1f0 ? 0 : 0xeb, b.in(base + 5));
      assertEquals(base == 0x1f0 ? 0x50 : 0, b.in(base + 7));
    }
    assertFalse(b.irq[14] || b.irq[15], "a software reset interrupts nobody");
    b.out(0x1f7, 0x90);
    b.settle();
    assertTrue(b.irq[14]);
    assertEquals(1, b.in(0x1f1));
  }

  @Test
  void interruptsCanBeKeptBack() {
    b.out(0x3f6, 2);
    ata(1, 0, 0x20);
    b.settle();
    assertFalse(b.irq[14]);
    b.out(0x3f6, 0);
    assertTrue(b.irq[14]);
  }

  // ---- DMA

  private void table(int channel, int... entries) {
    for (int i = 0; i < entries.length; i++) {
      b.poke32(0x1000 + 4 * i, entries[i]);
    }
    b.ports.out(DiskBench.BM + 8 * channel + 4, 4, 0x1000);
  }

  private int bm(int channel) {
    return b.in(DiskBench.BM + 8 * channel + 2) & 7;
  }

  @Test
  void dmaReads() {
    table(0, 0x20000, 600, 0x30000, 0x80000000 | 1024 - 600);
    b.out(DiskBench.BM, 8);
    ata(2, 40, 0xc8);
    b.out(DiskBench.BM, 9);
    assertEquals(1, bm(0));
    b.settle();
    assertTrue(b.irq[14]);
    assertEquals(4, bm(0), "interrupt, and not active: all regions are full");
    assertArrayEquals(Arrays.copyOf(sectors(40, 2), 600), b.peek(0x20000, 600));
    assertArrayEquals(Arrays.copyOfRange(sectors(40, 2), 600, 1024), b.peek(0x30000, 424));
    b.out(DiskBench.BM + 2, 4);
    assertEquals(0, bm(0));
    assertEquals(0x50, b.in(0x1f7));
  }

  @Test
  void dmaWritesAnd48BitDma() {
    byte[] data = news(300);
    b.memory.poke(0x100000, data, 0, data.length);
    table(0, 0x100000, 0, 0x110000, 0, 0x120000, 0x80000000 | data.length - 0x20000);
    ata48(300, 2000, 0x35);
    b.settle();
    assertEquals(0x58, b.in(0x3f6), "the drive awaits the bus master");
    b.out(DiskBench.BM, 1);
    b.settle();
    assertEquals(4, bm(0));
    assertArrayEquals(data, written(2000, 300));
  }

  @Test
  void tablesTooShortAndTooLong() {
    table(0, 0x20000, 0x80000000 | 512);
    b.out(DiskBench.BM, 8);
    ata(2, 40, 0xc8);
    b.out(DiskBench.BM, 9);
    b.settle();
    assertEquals(0, bm(0), "neither active nor interrupt: the table ended first");
    b.out(0x3f6, 4);
    b.out(0x3f6, 0);
    b.settle();
    b.out(DiskBench.BM, 8);
    table(0, 0x20000, 0x80000000 | 1024);
    ata(1, 40, 0xc8);
    b.out(DiskBench.BM, 9);
    b.settle();
    assertEquals(5, bm(0), "both: the drive ended first");
  }

  // ---- ATAPI

  private void packet(int features, int limit, int... bytes) {
    b.out(0x176, 0xa0);
    b.out(0x171, features);
    b.out(0x174, limit & 0xff);
    b.out(0x175, limit >> 8);
    b.out(0x177, 0xa0);
    b.settle();
    assertEquals(0x58, b.in(0x376));
    assertEquals(1, b.in(0x172) & 3, "a command is awaited");
    byte[] p = new byte[12];
    for (int i = 0; i < bytes.length; i++) {
      p[i] = (byte) bytes[i];
    }
    for (int i = 0; i < 12; i += 2) {
      b.ports.out(0x170, 2, p[i] & 0xff | (p[i + 1] & 0xff) << 8);
    }
    b.settle();
  }

  /** Takes the answer in as many pieces as the drive makes. */
  private byte[] answer() {
    var out = ByteBuffer.allocate(200_000);
    while ((b.in(0x177) & 8) != 0) {
      assertEquals(2, b.in(0x172) & 3);
      int n = b.in(0x174) | b.in(0x175) << 8;
      out.put(take(0x170, n + 1 & ~1), 0, n);
      b.settle();
    }
    assertEquals(3, b.in(0x172) & 3);
    return Arrays.copyOf(out.array(), out.position());
  }

  private void senses(int key, int code) {
    assertEquals(0x51, b.in(0x177));
    assertEquals(key, b.in(0x171) >> 4);
    packet(0, 100, 0x03, 0, 0, 0, 18);
    byte[] s = answer();
    assertEquals(key, s[2]);
    assertEquals(code, s[12]);
  }

  @Test
  void discsAreNotDisks() {
    b.out(0x176, 0xa0);
    b.out(0x177, 0xec);
    b.settle();
    assertEquals(0x51, b.in(0x177));
    assertEquals(0x14, b.in(0x174));
    b.out(0x177, 0xa1);
    b.settle();
    assertEquals((short) 0x85c0, ByteBuffer.wrap(take(0x170, 512)).order(ByteOrder.LITTLE_ENDIAN).getShort(0));
  }

  @Test
  void answers() {
    packet(0, 100, 0x12, 0, 0, 0, 36);
    assertTrue(new String(answer()).contains("TRAPLINE"));
    packet(0, 100, 0x25);
    assertArrayEquals(new byte[] {0, 0, 0, 99, 0, 0, 8, 0}, answer());
    packet(0, 100, 0x43, 0, 0, 0, 0, 0, 0, 0, 100);
    assertArrayEquals(new byte[] {0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, (byte) 0xaa, 0, 0, 0, 0, 100}, answer());
    packet(0, 100, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 100);
    assertArrayEquals(new byte[] {0, 10, 1, 1, 0, 0x14, (byte) 0xaa, 0, 0, 0, 3, 25}, answer());
    packet(0, 100, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
    assertArrayEquals(new byte[] {0, 6, 4, 0x10, 0, 2, 0, 0}, answer());
    packet(0, 100, 0x46, 0, 0, 0, 0, 0, 0, 0, 8);
    assertEquals(8, answer()[7], "a CD-ROM");
    packet(0, 100, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 100);
    assertEquals(0x2a, answer()[8]);
    packet(0, 100, 0xf7);
    senses(5, 0x20);
    packet(0, 100, 0x00);
    assertEquals(0x50, b.in(0x177));
  }

  @Test
  void readsInPieces() {
    packet(0, 1500, 0x28, 0, 0, 0, 0, 5, 0, 0, 20);
    assertArrayEquals(Arrays.copyOfRange(disc, 5 * 2048, 25 * 2048), answer());
    packet(0, 0xfffe, 0xa8, 0, 0, 0, 0, 99, 0, 0, 0, 1);
    assertArrayEquals(Arrays.copyOfRange(disc, 99 * 2048, 100 * 2048), answer());
    packet(0, 0xfffe, 0x28, 0, 0, 0, 0, 99, 0, 0, 2);
    senses(5, 0x21);
  }

  @Test
  void readsByDma() {
    table(1, 0x40000, 0, 0x50000, 0x80000000 | 40 * 2048 - 0x10000);
    b.out(DiskBench.BM + 8, 8);
    packet(1, 0, 0x28, 0, 0, 0, 0, 1, 0, 0, 40);
    b.out(DiskBench.BM + 8, 9);
    b.settle();
    assertEquals(4, bm(1));
    assertArrayEquals(Arrays.copyOfRange(disc, 2048, 41 * 2048), b.peek(0x40000, 40 * 2048));
    assertEquals(0x50, b.in(0x177));
  }

  @Test
  void deviceResetEndsWhatWasGoingOn() {
    b.out(0x176, 0xa0);
    b.out(0x177, 0xa1);
    assertEquals(0x80, b.in(0x376));
    b.out(0x177, 0x08);
    assertEquals(0, b.in(0x177));
    assertEquals(0xeb, b.in(0x175));
    b.settle();
    assertFalse(b.irq[15], "nothing is left to tell");
  }

  @Test
  void twoDevicesOfACableWorkAtATime() {
    byte[] other = new byte[512 * 100];
    new Random(5).nextBytes(other);
    b.ide.attach(0, 1, new AtaDisk("hd1", new Medium("e", DiskImage.of("e", other, DiskImage.Format.RAW), false), "TL2"));
    ata(1, 7, 0x20);
    b.out(0x1f6, 0xf0);
    b.out(0x1f3, 9);
    b.out(0x1f7, 0x20);
    b.settle();
    assertArrayEquals(Arrays.copyOfRange(other, 9 * 512, 10 * 512), take(0x1f0, 512));
    b.out(0x1f6, 0xe0);
    assertTrue(b.irq[14], "the other one's");
    assertArrayEquals(sectors(7, 1), take(0x1f0, 512));
  }

  @Test
  void theTray() {
    packet(0, 0, 0x1e, 0, 0, 0, 1);
    packet(0, 0, 0x1b, 0, 0, 0, 2);
    senses(5, 0x53);
    packet(0, 0, 0x1e);
    packet(0, 0, 0x1b, 0, 0, 0, 2);
    assertEquals(0x50, b.in(0x177));
    packet(0, 0, 0x00);
    senses(2, 0x3a);
    packet(0, 0, 0x1b, 0, 0, 0, 3);
    packet(0, 0, 0x00);
    senses(6, 0x28);
    packet(0, 0, 0x00);
    assertEquals(0x50, b.in(0x177));
  }

  // ---- state

  @SuppressWarnings("unchecked")
  private static <S extends StateRecord> void put(Stateful<S> to, StateRecord state) {
    to.state((S) state);
  }

  @Test
  void aTransferContinuesFromItsState() {
    ata(2, 17, 0x20);
    b.settle();
    byte[] half = take(0x1f0, 100);
    List<StateRecord> saved = new ArrayList<>();
    b.ide.components().forEach(c -> saved.add(c.state()));
    var timers = b.scheduler.state();
    byte[] rest = take(0x1f0, 412);
    ata(1, 99, 0x20);
    b.settle();
    for (int i = 0; i < saved.size(); i++) {
      put(b.ide.components().get(i), saved.get(i));
    }
    b.scheduler.state(timers);
    assertArrayEquals(rest, take(0x1f0, 412));
    assertEquals(sectors(17, 1)[99], half[99]);
    b.settle();
    assertArrayEquals(sectors(18, 1), take(0x1f0, 512));
  }
}
