package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.util.Hash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images and what is kept over them; qcow2 after QEMU's docs/interop/qcow2.txt, by images made here and by qemu-img where it is. */
class ImageTest {
  private static final int BITS = 16;
  private static final int CLUSTER = 1 << BITS;

  private static byte[] random(int seed, int n) {
    byte[] b = new byte[n];
    new Random(seed).nextBytes(b);
    return b;
  }

  private static byte[] read(DiskImage image, long at, int n) {
    byte[] b = new byte[n + 2];
    image.read(at, b, 1, n);
    assertEquals(0, b[0]);
    assertEquals(0, b[n + 1]);
    return Arrays.copyOfRange(b, 1, n + 1);
  }

  /** Four guest clusters: plain, absent, all zero (v3), compressed; the disk ends inside the fourth. */
  private static ByteBuffer qcow2(int version, byte[] plain, byte[] squeezed) {
    ByteBuffer b = ByteBuffer.allocate(6 * CLUSTER);
    b.putInt(0x514649fb).putInt(version).putLong(0).putInt(0).putInt(BITS).putLong(3L * CLUSTER + 1000).putInt(0).putInt(1);
    b.putLong(CLUSTER).putLong(0).putInt(0).putInt(0).putLong(0);
    if (version == 3) {
      b.putLong(0).putLong(0).putLong(0).putInt(4).putInt(104);
    }
    b.putLong(CLUSTER, 1L << 63 | 2 * CLUSTER);
    b.putLong(2 * CLUSTER, 1L << 63 | 3 * CLUSTER);
    b.putLong(2 * CLUSTER + 16, version == 3 ? 4 * CLUSTER | 1 : 0);
    Deflater d = new Deflater(9, true);
    d.setInput(squeezed);
    d.finish();
    byte[] out = new byte[CLUSTER];
    int n = d.deflate(out);
    d.end();
    int at = 5 * CLUSTER + 77;
    int sectors = (at + n - 1) / 512 - at / 512;
    b.putLong(2 * CLUSTER + 24, 1L << 62 | (long) sectors << 62 - (BITS - 8) | at);
    b.put(3 * CLUSTER, plain).put(4 * CLUSTER, random(9, 512)).put(at, out, 0, n);
    return b;
  }

  private static DiskImage open(ByteBuffer b) {
    return DiskImage.of("d", b.array(), DiskImage.Format.AUTO);
  }

  @ParameterizedTest
  @CsvSource({"2", "3"})
  void qcow2ClustersPlainAbsentZeroAndCompressed(int version) {
    byte[] plain = random(1, CLUSTER);
    byte[] squeezed = new byte[CLUSTER];
    for (int i = 0; i < CLUSTER; i++) {
      squeezed[i] = (byte) (i / 100);
    }
    DiskImage image = open(qcow2(version, plain, squeezed));
    assertEquals(3L * CLUSTER + 1000, image.size());
    byte[] all = new byte[4 * CLUSTER];
    System.arraycopy(plain, 0, all, 0, CLUSTER);
    System.arraycopy(squeezed, 0, all, 3 * CLUSTER, 1000);
    assertArrayEquals(all, read(image, 0, 4 * CLUSTER));
    assertArrayEquals(Arrays.copyOfRange(all, CLUSTER - 100, CLUSTER + 100), read(image, CLUSTER - 100, 200));
    assertArrayEquals(Arrays.copyOfRange(all, 3 * CLUSTER + 500, 3 * CLUSTER + 1500), read(image, 3 * CLUSTER + 500, 1000));
    assertFalse(image.writable());
  }

  private static void refused(ByteBuffer b, String why) {
    String said = assertThrows(ImageException.class, () -> read(open(b), 0, 4 * CLUSTER)).getMessage();
    assertTrue(said.startsWith("d: ") && said.contains(why), said);
    assertFalse(said.contains("\n"));
  }

  private static ByteBuffer good() {
    return qcow2(3, new byte[CLUSTER], new byte[CLUSTER]);
  }

  @Test
  void whatIsNotSupportedIsSaid() {
    refused(good().put(900, "base.img".getBytes()).putLong(8, 900).putInt(16, 8), "backing file 'base.img'");
    refused(good().putInt(32, 1), "encrypted");
    refused(good().putLong(72, 4), "another file");
    refused(good().putLong(72, 16), "extended L2");
    refused(good().putLong(72, 2), "corrupt");
    refused(good().putLong(72, 8).putInt(100, 112).put(104, (byte) 1), "compression type 1");
    refused(good().putLong(72, 1L << 40), "0x10000000000");
    refused(good().putInt(4, 7), "version 7");
    refused(good().putInt(20, 30), "2^30");
    String said = assertThrows(ImageException.class, () -> DiskImage.of("d", new byte[512], DiskImage.Format.QCOW2)).getMessage();
    assertEquals("d: not a qcow2 image", said);
  }

  @Test
  void damageIsSaid() {
    refused(good().putInt(36, 0), "L1 entries");
    refused(good().putLong(40, 1L << 40), "L1 table");
    refused(good().putLong(CLUSTER, 1L << 50), "L2 table");
    refused(good().putLong(2 * CLUSTER, 1L << 50), "outside the file");
    refused(good().put(5 * CLUSTER + 77, random(3, 100)), "damaged");
  }

  @Test
  void flippedBytesGiveDataOrAMessage() {
    byte[] image = good().array();
    Random random = new Random(4);
    for (int i = 0; i < 2000; i++) {
      byte[] bad = image.clone();
      for (int k = 0; k < 4; k++) {
        int region = random.nextInt(3) * CLUSTER;
        bad[region + random.nextInt(112)] = (byte) random.nextInt();
      }
      try {
        read(DiskImage.of("d", bad, DiskImage.Format.QCOW2), 0, 4 * CLUSTER);
      } catch (ImageException e) {
        assertTrue(e.getMessage().startsWith("d: "), e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"compat=0.10", "compat=1.1", "cluster_size=4096", "cluster_size=2097152", "lazy_refcounts=on"})
  void imagesMadeByQemu(String option, @TempDir Path folder) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(random(5, 300_000));
    bytes.write(new byte[5_000_000]);
    bytes.write("x".repeat(70_000).getBytes());
    bytes.write(new byte[512 - bytes.size() % 512]);
    Path raw = Files.write(folder.resolve("raw"), bytes.toByteArray());
    for (String compressed : new String[] {"-p", "-c"}) {
      Path made = folder.resolve("made" + compressed);
      QemuImg.run(folder, "convert", compressed, "-f", "raw", "-O", "qcow2", "-o", option, raw.toString(), made.toString());
      DiskImage image = DiskImage.open(made, DiskImage.Format.AUTO, false);
      assertEquals(bytes.size(), image.size());
      assertArrayEquals(bytes.toByteArray(), read(image, 0, bytes.size()));
    }
  }

  // ---- what the guest writes

  private static long hash(Medium m) {
    return Hash.of(StateBinary.write(StateForm.apart(m.state())));
  }

  @Test
  void writesStayInMemory(@TempDir Path folder) throws IOException {
    byte[] before = random(6, 10_000);
    Path file = Files.write(folder.resolve("disk"), before);
    Medium m = new Medium("m", DiskImage.open(file, DiskImage.Format.RAW, false), false);
    assertEquals(20, m.sectors(), "a last partial sector counts");
    byte[] news = random(7, 5000);
    m.write(3000, news, 0, 5000);
    byte[] expected = Arrays.copyOf(before, 12_000);
    System.arraycopy(news, 0, expected, 3000, 5000);
    byte[] now = new byte[12_000];
    m.read(0, now, 0, 12_000);
    assertArrayEquals(expected, now);
    assertArrayEquals(before, Files.readAllBytes(file));
    assertEquals(8192, m.writtenBytes());
  }

  @Test
  void writesReachTheFileWhenAsked(@TempDir Path folder) throws IOException {
    byte[] before = random(6, 10_000);
    Path file = Files.write(folder.resolve("disk"), before);
    Medium m = new Medium("m", DiskImage.open(file, DiskImage.Format.RAW, true), false);
    m.write(9_900, random(8, 512), 0, 512);
    byte[] expected = before.clone();
    System.arraycopy(random(8, 512), 0, expected, 9_900, 100);
    assertArrayEquals(expected, Files.readAllBytes(file), "the file's length stays");
  }

  @Test
  void filesThatCannotBeWrittenAreSaid(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("disk"), good().array());
    assertTrue(assertThrows(ImageException.class, () -> DiskImage.open(file, DiskImage.Format.AUTO, true)).getMessage()
        .contains("no table of reference counts"));
    assertThrows(ImageException.class, () -> DiskImage.open(folder.resolve("none"), DiskImage.Format.AUTO, false));
  }

  @Test
  void stateIsWhatWasWritten() {
    DiskImage image = DiskImage.of("d", random(1, 100_000), DiskImage.Format.RAW);
    Medium a = new Medium("m", image, false);
    Medium b = new Medium("m", image, false);
    a.write(50_000, random(2, 512), 0, 512);
    a.write(0, random(3, 512), 0, 512);
    b.write(0, random(3, 512), 0, 512);
    b.write(50_000, random(2, 512), 0, 512);
    assertEquals(hash(a), hash(b), "whatever the order");
    Medium.State saved = a.state();
    a.write(60_000, random(4, 512), 0, 512);
    assertFalse(hash(a) == hash(b));
    a.state(saved);
    assertEquals(hash(a), hash(b));
    Medium other = new Medium("m", DiskImage.of("d", new byte[512], DiskImage.Format.RAW), false);
    assertThrows(StateException.class, () -> other.state(saved));
  }

  /** The digest, kept up to date chunk by chunk, says what the state says, with every chunk in the heap and with most of them in a file. */
  @Test
  void theDigestFollowsTheStateInHeapAndFile() {
    DiskImage image = DiskImage.of("d", random(1, 400_000), DiskImage.Format.RAW);
    Medium a = new Medium("m", image, false);
    Medium b = new Medium("m", image, false, new Overlay(3));
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      byte[] news = random(i, 1 + random.nextInt(9000));
      int at = random.nextInt(390_000);
      a.write(at, news, 0, news.length);
      b.write(at, news, 0, news.length);
      if (i % 7 == 0) {
        assertEquals(a.digest(), b.digest(), "one that was taken on the way changes nothing");
      }
    }
    assertEquals(hash(a), hash(b));
    assertEquals(b.writtenBytes() - 3 * 4096, b.spilledBytes());
    Medium c = new Medium("m", image, false, new Overlay(10));
    c.state(b.state());
    assertEquals(a.digest(), c.digest());
    byte[] all = new byte[400_000];
    byte[] same = new byte[400_000];
    a.read(0, all, 0, all.length);
    c.read(0, same, 0, same.length);
    assertArrayEquals(all, same);
    c.write(200_000, new byte[] {(byte) (all[200_000] + 1)}, 0, 1);
    assertFalse(a.digest() == c.digest());
    c.write(200_000, all, 200_000, 1);
    assertEquals(a.digest(), c.digest());
    long before = c.digest();
    c.state(new Medium("m", image, false).state());
    assertFalse(before == c.digest());
    assertEquals(new Medium("m", image, false).digest(), c.digest());
  }

  @Test
  void chunksOutOfOrderAreRefused() {
    DiskImage image = DiskImage.of("d", new byte[100_000], DiskImage.Format.RAW);
    Medium m = new Medium("m", image, false);
    Medium.Chunk one = new Medium.Chunk(1, new byte[4096]);
    assertThrows(StateException.class, () -> m.state(new Medium.State(100_000, java.util.List.of(one, one))));
    assertThrows(StateException.class, () -> m.state(new Medium.State(100_000, java.util.List.of(new Medium.Chunk(25, new byte[4096])))));
  }
}
