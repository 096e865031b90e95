package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.DiskSlice;
import dev.trapline.vm.device.disk.ImageException;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.machine.BootException;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One disk in parts, each the whole disk of a guest. */
class DiskSlicesTest {
  private static final int KIB = 1024;

  @TempDir
  private Path folder;
  private Path file;

  @BeforeEach
  void image() throws IOException {
    byte[] bytes = new byte[64 * KIB];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i >> 9);
    }
    file = Files.write(folder.resolve("disk"), bytes);
  }

  private MachineConfig with(long from, long length) {
    return NetworkTest.idle(VirtioConfig.NONE)
        .withDrive(Drive.of(Drive.Attachment.VIRTIO, file).withWrite(true).withSlice(from * KIB, length * KIB));
  }

  private static Monitor monitor() {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(96L << 20).withPlatform(MachineConfig.Platform.PC)));
  }

  @Test
  void aSliceIsADiskFromItsFirstByteToItsLast() throws IOException {
    DiskImage whole = DiskImage.open(file, DiskImage.Format.RAW, true);
    var slice = new DiskSlice(whole, 16 * KIB, 8 * KIB);
    var disk = new Medium("slice", slice, false);
    assertEquals(16, disk.sectors());
    byte[] got = new byte[9 * KIB];
    Arrays.fill(got, (byte) 1);
    slice.read(0, got, 0, got.length);
    assertEquals(32, got[0]);
    assertEquals(47, got[8 * KIB - 1]);
    assertEquals(0, got[8 * KIB], "nothing lies past its end");
    slice.read(-512, got, 0, 512);
    slice.read(Long.MAX_VALUE, got, 0, 512);
    assertArrayEquals(new byte[512], Arrays.copyOf(got, 512));
    byte[] ones = new byte[64 * KIB];
    Arrays.fill(ones, (byte) 0xee);
    disk.write(4 * KIB, ones, 0, 60 * KIB);
    slice.write(-512, ones, 0, 512);
    byte[] after = Files.readAllBytes(file);
    assertEquals(39, after[20 * KIB - 1]);
    assertEquals((byte) 0xee, after[20 * KIB]);
    assertEquals((byte) 0xee, after[24 * KIB - 1]);
    assertEquals(48, after[24 * KIB], "and nothing can be written there");
    assertEquals(0, after[0]);
  }

  @Test
  void guestsHaveDisksThatAreParts() {
    Monitor monitor = monitor();
    Guest a = monitor.add(GuestSpec.hvm("a", with(0, 16), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", with(16, 48), "nested"));
    assertEquals(32, a.machine().media().getFirst().sectors());
    assertEquals(96, b.machine().media().getFirst().sectors());
    byte[] sector = new byte[512];
    b.machine().media().getFirst().read(0, sector, 0, 512);
    assertEquals(32, sector[0]);
  }

  @Test
  void partsThatOverlapAreRefusedAndSoIsAWholeDiskThatIsWritten() throws IOException {
    Monitor monitor = monitor();
    monitor.add(GuestSpec.hvm("a", with(0, 16), "nested"));
    String why = assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", with(15, 16), "nested"))).getMessage();
    assertEquals("guest b: bytes 15360 to 31743 of " + file.toRealPath() + " overlap bytes 0 to 16383, which belong to a", why);
    MachineConfig whole = NetworkTest.idle(VirtioConfig.NONE).withDrive(Drive.of(Drive.Attachment.IDE, file));
    assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", whole, "nested")));
    Monitor other = monitor();
    other.add(GuestSpec.hvm("a", whole, "nested"));
    assertEquals("b", other.add(GuestSpec.hvm("b", whole, "nested")).name(), "two that only read have the same disk");
    Drive written = Drive.of(Drive.Attachment.IDE, file).withWrite(true);
    assertThrows(MonitorException.class,
        () -> other.add(GuestSpec.hvm("c", NetworkTest.idle(VirtioConfig.NONE).withDrive(written), "nested")));
  }

  @Test
  void whatIsNoPartIsRefused() {
    DiskImage whole = DiskImage.open(file, DiskImage.Format.RAW, false);
    for (long[] wrong : new long[][] {{0, 65 * KIB}, {60 * KIB, 8 * KIB}, {-512, 1024}, {0, 0}, {100, 512}, {512, 100}, {Long.MAX_VALUE - 511, 1024}}) {
      assertThrows(ImageException.class, () -> new DiskSlice(whole, wrong[0], wrong[1]), Arrays.toString(wrong));
    }
    Monitor monitor = monitor();
    long free = monitor.frames().free();
    assertTrue(assertThrows(BootException.class, () -> monitor.add(GuestSpec.hvm("a", with(60, 8), "nested"))).getMessage()
        .contains("whole sectors within its 65536 bytes expected"));
    assertEquals(free, monitor.frames().free());
    assertEquals("a", monitor.add(GuestSpec.hvm("a", with(56, 8), "nested")).name(), "the first attempt left nothing behind");
  }
}
