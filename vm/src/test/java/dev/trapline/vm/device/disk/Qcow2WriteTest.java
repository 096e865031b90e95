package dev.trapline.vm.device.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Writing into qcow2 files that qemu-img made; it then has to find them clean and to hold what was written. */
class Qcow2WriteTest {
  @TempDir
  private Path folder;

  private static byte[] random(long seed, int n) {
    byte[] b = new byte[n];
    new Random(seed).nextBytes(b);
    return b;
  }

  /** An image of random bytes, zeros and text, as qemu-img makes it. */
  private Path image(byte[] contents, String options, boolean compressed) {
    Path made = folder.resolve("made");
    QemuImg.run(folder, "convert", compressed ? "-c" : "-p", "-f", "raw", "-O", "qcow2", "-o", options, raw(contents).toString(), made.toString());
    return made;
  }

  private Path raw(byte[] contents) {
    try {
      return Files.write(folder.resolve("raw"), contents);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] contents(int n) {
    byte[] all = new byte[n];
    System.arraycopy(random(1, n / 3), 0, all, 0, n / 3);
    Arrays.fill(all, n / 3, n / 2, (byte) 'x');
    return all;
  }

  private static void write(DiskImage image, byte[] model, Random random, int times, int longest) {
    for (int i = 0; i < times; i++) {
      int n = 1 + random.nextInt(longest);
      int at = random.nextInt(model.length);
      byte[] news = random(random.nextLong(), n);
      image.write(at, news, 0, n);
      System.arraycopy(news, 0, model, at, Math.min(n, model.length - at));
    }
  }

  private static byte[] read(DiskImage image) {
    byte[] b = new byte[(int) image.size()];
    image.read(0, b, 0, b.length);
    return b;
  }

  private byte[] converted(Path image) throws IOException {
    Path out = folder.resolve("out");
    QemuImg.run(folder, "convert", "-O", "raw", image.toString(), out.toString());
    return Files.readAllBytes(out);
  }

  /** Small clusters make the table of reference counts grow: one cluster of it counts 8 MiB of 512-byte ones. */
  @ParameterizedTest(name = "{0} compressed={1}")
  @CsvSource({"compat=0.10, false", "compat=0.10, true", "compat=1.1, false", "compat=1.1, true", "cluster_size=512, false",
      "cluster_size=512, true", "cluster_size=2M, false", "lazy_refcounts=on, true"})
  void whatIsWrittenIsThereAndTheFileIsClean(String option, boolean compressed) throws IOException {
    byte[] model = contents(12_000_256);
    Path made = image(model, option, compressed);
    DiskImage image = DiskImage.open(made, DiskImage.Format.AUTO, true);
    assertTrue(image.writable());
    write(image, model, new Random(7), 300, 100_000);
    assertArrayEquals(model, read(image));
    assertArrayEquals(model, read(DiskImage.open(made, DiskImage.Format.AUTO, false)));
    QemuImg.run(folder, "check", made.toString());
    assertArrayEquals(model, converted(made));
  }

  @Test
  void anEmptyImageGrows() throws IOException {
    Path made = folder.resolve("empty");
    QemuImg.run(folder, "create", "-f", "qcow2", "-o", "cluster_size=1024", made.toString(), "20M");
    DiskImage image = DiskImage.open(made, DiskImage.Format.QCOW2, true);
    byte[] model = new byte[20 << 20];
    write(image, model, new Random(8), 400, 60_000);
    QemuImg.run(folder, "check", made.toString());
    assertArrayEquals(model, converted(made));
  }

  @Test
  void snapshotsInTheFileStayAsTheyAre() throws IOException {
    byte[] before = contents(3_000_832);
    Path made = image(before, "compat=1.1,cluster_size=4096", true);
    QemuImg.run(folder, "snapshot", "-c", "first", made.toString());
    DiskImage image = DiskImage.open(made, DiskImage.Format.AUTO, true);
    byte[] model = before.clone();
    write(image, model, new Random(9), 200, 20_000);
    QemuImg.run(folder, "check", made.toString());
    assertArrayEquals(model, converted(made));
    QemuImg.run(folder, "snapshot", "-a", "first", made.toString());
    assertArrayEquals(before, converted(made));
    QemuImg.run(folder, "check", made.toString());
  }

  /** What a process killed between two steps leaves: clusters counted that nobody uses, never a wrong one. */
  @Test
  void aFileCutOffInTheMiddleOfAWriteHoldsWhatWasWrittenBefore() throws IOException {
    byte[] model = contents(2_000_384);
    Path made = image(model, "cluster_size=4096", false);
    DiskImage image = DiskImage.open(made, DiskImage.Format.AUTO, true);
    write(image, model, new Random(10), 50, 9000);
    List<String> said = QemuImg.run(folder, "check", made.toString());
    assertTrue(said.stream().anyMatch(l -> l.contains("No errors")), said.toString());
    byte[] leaked = Files.readAllBytes(made);
    Qcow2Header header = Qcow2Header.read(DiskImage.of("d", leaked, DiskImage.Format.RAW));
    var clusters = new Qcow2Clusters((RawImage.OfFile) DiskImage.open(made, DiskImage.Format.RAW, true), header);
    clusters.store(clusters.allocate(), new byte[4096], 0, 4096);
    assertArrayEquals(model, converted(made));
    assertEquals(3, QemuImg.status(folder, "check", made.toString()), "leaks, no errors");
  }

  @Test
  void countsThatCannotBeKeptAreRefused() {
    Path narrow = image(contents(100_352), "refcount_bits=1", false);
    assertTrue(refusal(narrow).contains("reference counts of 1 bits"), refusal(narrow));
    Path dirty = image(contents(100_352), "lazy_refcounts=on", false);
    try (var file = new java.io.RandomAccessFile(dirty.toFile(), "rw")) {
      file.seek(79);
      file.write(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertTrue(refusal(dirty).contains("qemu-img check -r all"), refusal(dirty));
  }

  private static String refusal(Path file) {
    return assertThrows(ImageException.class, () -> DiskImage.open(file, DiskImage.Format.AUTO, true)).getMessage();
  }
}
