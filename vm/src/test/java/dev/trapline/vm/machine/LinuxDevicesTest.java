package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.disk.QemuImg;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kernels with disks on both IDE channels and on virtio, raw and qcow2, written and not, a CD, and the other virtio devices. The
 * host's e2fsprogs and qemu-img say whether what the guest wrote is a file system, and what is in its file.
 */
class LinuxDevicesTest {
  private static final String COMMAND_LINE = "console=ttyS0 cryptomgr.notests tl.devices=";

  private static final long SEED = 5;

  @TempDir
  private Path folder;

  /**
   * A disk and what it is for.
   *
   * @param device its name in the guest
   * @param formatted whether the host makes the file system: ext4 with a journal, where the guest's mke2fs only knows ext2
   */
  private record Plan(String device, Drive.Attachment how, String format, boolean write, boolean formatted) {}

  private static final List<Plan> PLANS = List.of(
      new Plan("sda", Drive.Attachment.IDE, "raw", true, false), new Plan("sdb", Drive.Attachment.IDE, "qcow2", false, false),
      new Plan("sdc", Drive.Attachment.IDE, "qcow2", true, true), new Plan("vda", Drive.Attachment.VIRTIO, "qcow2", true, false),
      new Plan("vdb", Drive.Attachment.VIRTIO, "raw", false, true));

  @Test
  void everyDeviceWorksAndTheHostFindsTheFiles() throws IOException {
    check("debian-cloud-amd64", 1, 16);
  }

  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void aHundredMegabytesOnEveryDisk() throws IOException {
    check("debian-cloud-amd64", 100, 160);
  }

  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void the32BitKernelToo() throws IOException {
    check("debian-686", 2, 16);
  }

  private void check(String kernel, int megabytes, int size) throws IOException {
    byte[] cd = FetchedGuests.file("grub-rescue/cdrom.iso");
    MachineConfig config = MachineConfig.standard().withMemory(256L << 20)
        .withImage(BootImage.auto(kernel, FetchedGuests.file(kernel + "/linux"), COMMAND_LINE + megabytes)
            .withInitrd(FetchedGuests.file(kernel + "/initrd.gz")))
        .withDrive(Drive.of(Drive.Attachment.CDROM, "cd", cd))
        .withVirtio(VirtioConfig.NONE.withConsoles(1).withEntropy(SEED).withCard(0x525400000001L, VirtioConfig.Wire.NET));
    var before = new ArrayList<byte[]>();
    for (Plan plan : PLANS) {
      before.add(make(plan, size));
      config = config.withDrive(Drive.of(plan.how, image(plan)).withWrite(plan.write));
    }
    var machine = new Machine(config);
    var console = new StringBuilder();
    machine.consoles().stream().filter(c -> c.name().equals("virtio-console0")).findFirst().orElseThrow()
        .output(b -> console.append((char) b));
    List<String> said = run(machine);
    List<String> written = said.stream().filter(l -> l.startsWith("TL disk ")).toList();
    assertEquals(PLANS.size(), written.size(), said.toString());
    for (int i = 0; i < PLANS.size(); i++) {
      check(PLANS.get(i), written.get(i), before.get(i), machine);
    }
    assertTrue(said.stream().anyMatch(l -> l.startsWith("TL disc sr0 ") && l.contains(" " + md5(cd) + " ")), said.toString());
    assertEquals(4, said.stream().filter("TL mode XFER_MW_DMA_2"::equals).count(), "three disks and the CD by bus master: " + said);
    assertEquals("TL hvc", console.toString().strip());
    assertTrue(said.contains("TL net eth0 10.0.2.15 2 packets transmitted, 2 packets received, 0% packet loss"), said.toString());
    String random = said.stream().filter(l -> l.startsWith("TL random ")).findFirst().orElseThrow().substring(10);
    assertEquals(64, random.length());
    assertTrue(stream().contains(random), "bytes of the seeded generator, as the JDK has it");
  }

  /** The first bytes the generator gives, in hexadecimal. */
  private static String stream() {
    var generator = new SplittableRandom(SEED);
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putLong(generator.nextLong());
    }
    return HexFormat.of().formatHex(bytes.array());
  }

  private Path image(Plan plan) {
    return folder.resolve(plan.device);
  }

  /** Makes a disk; gives its file's sum. */
  private byte[] make(Plan plan, int size) throws IOException {
    Path raw = folder.resolve("raw");
    Files.write(raw, new byte[size << 20]);
    if (plan.formatted) {
      assertEquals(0, host("mke2fs", "-q", "-F", "-t", "ext4", raw.toString()));
    }
    QemuImg.run(folder, "convert", "-f", "raw", "-O", plan.format, raw.toString(), image(plan).toString());
    return Files.readAllBytes(image(plan));
  }

  private static List<String> run(Machine machine) {
    var text = new StringBuilder();
    machine.console(b -> text.append((char) b));
    assertInstanceOf(Outcome.PowerOff.class, machine.run(60_000_000_000L), text::toString);
    List<String> lines = text.toString().lines().map(String::strip).toList();
    assertEquals("", lines.stream().filter(LinuxGuestTest.TROUBLE.asPredicate()).collect(Collectors.joining("\n")));
    assertTrue(lines.contains("TL-DONE"), text::toString);
    return lines;
  }

  private void check(Plan plan, String line, byte[] before, Machine machine) throws IOException {
    String[] words = line.split(" +");
    assertEquals(plan.device, words[2]);
    assertEquals(words[3], words[4], "before and after the disk was mounted again: " + line);
    if (!plan.write) {
      assertArrayEquals(before, Files.readAllBytes(image(plan)), "the image of " + plan.device);
    }
    Path raw = folder.resolve("after");
    if (!plan.write) {
      Medium medium = machine.media().stream().filter(m -> m.image().name().equals(image(plan).toString())).findFirst().orElseThrow();
      copy(medium, raw);
    } else {
      QemuImg.run(folder, "convert", "-f", plan.format, "-O", "raw", image(plan).toString(), raw.toString());
    }
    if (plan.write && plan.format.equals("qcow2")) {
      QemuImg.run(folder, "check", image(plan).toString());
    }
    assertEquals(0, host("e2fsck", "-fn", raw.toString()), () -> plan + "\n" + said());
    assertEquals(0, host("debugfs", "-R", "dump /data " + folder.resolve("data"), raw.toString()));
    assertEquals(words[3], md5(Files.readAllBytes(folder.resolve("data"))), "what the host finds in /data of " + plan.device);
  }

  private static void copy(Medium medium, Path to) throws IOException {
    byte[] part = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(to)) {
      for (long at = 0; at < medium.size(); at += part.length) {
        medium.read(at, part, 0, part.length);
        out.write(part, 0, (int) Math.min(part.length, medium.size() - at));
      }
    }
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs one of e2fsprogs; gives its exit status. */
  private int host(String program, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of("/usr/sbin", program).toString());
    command.addAll(List.of(arguments));
    try {
      Process p = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile()).start();
      assertTrue(p.waitFor(120, TimeUnit.SECONDS), command::toString);
      return p.exitValue();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("said"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
