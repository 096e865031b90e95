package dev.trapline.vm.machine.save;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.VirtioConfig;
import dev.trapline.vm.state.StateException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine goes through a file and on as before, and a file that is not as it was written is refused in one line. */
class SnapshotFileTest {
  private static final int FUZZ = Boolean.getBoolean("trapline.full") ? 1000 : 90;
  private static final byte[] NAMES = {1, 2, 3};

  @TempDir
  private Path folder;

  /** Everything a PC can have. */
  private MachineConfig large() throws IOException {
    Path disk = folder.resolve("disk.img");
    if (!Files.exists(disk)) {
      byte[] bytes = new byte[1 << 20];
      new Random(5).nextBytes(bytes);
      Files.write(disk, bytes);
    }
    return Echo.config().withPlatform(MachineConfig.Platform.PC).withProcessors(2).withDrive(Drive.of(Drive.Attachment.IDE, disk))
        .withDrive(Drive.of(Drive.Attachment.CDROM, "cd", new byte[4096])).withDrive(Drive.of(Drive.Attachment.FLOPPY, "a", new byte[737280]))
        .withDrive(Drive.of(Drive.Attachment.VIRTIO, disk)).withVideoBios(new byte[] {0x55, (byte) 0xaa, 1})
        .withVirtio(VirtioConfig.NONE.withConsoles(1).withEntropy(7).withCard(0x525400123456L, VirtioConfig.Wire.NET));
  }

  private Path saved(Machine m, String name) {
    Path file = folder.resolve(name);
    long bytes = SnapshotFile.write(file, m, NAMES, Progress.NONE);
    try {
      assertEquals(Files.size(file), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return file;
  }

  private static StateException refused(Path file) {
    StateException e = assertThrows(StateException.class, () -> SnapshotFile.read(file, Progress.NONE).machine());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e;
  }

  @Test
  void aMachineGoesOnFromAFileAsItWouldHave() throws IOException {
    for (MachineConfig config : List.of(Echo.config(), large())) {
      Machine m = new Machine(config);
      for (int i = 0; i < 5; i++) {
        m.run(30_000);
        m.type('a' + i);
        m.run(7 * i);
        SnapshotFile.Saved saved = SnapshotFile.read(saved(m, "m.snap"), Progress.NONE);
        assertArrayEquals(NAMES, saved.names());
        Machine copy = saved.machine();
        assertEquals(m.stateHash(), copy.stateHash());
        assertEquals(m.idle(), copy.idle());
        assertEquals(m.inputs().journal(), copy.inputs().journal());
        for (Machine x : List.of(m, copy)) {
          x.run(12_345);
          x.type('z');
          x.run(12_345);
        }
        assertEquals(List.of(), m.snapshot().diff(copy.snapshot()));
        assertEquals(m.inputs().journal(), copy.inputs().journal());
      }
    }
  }

  /** The image is in the file: a loaded machine can be built anew. */
  @Test
  void theConfigurationComesBackWhole() throws IOException {
    MachineConfig config = large().withStart(java.time.LocalDateTime.of(1999, 12, 31, 23, 59));
    MachineConfig back = SnapshotFile.read(saved(new Machine(config), "c.snap"), Progress.NONE).config();
    assertEquals(ConfigForm.apart(config), ConfigForm.apart(back));
    assertEquals(new Machine(config).stateHash(), new Machine(back).stateHash());
  }

  @Test
  void whatIsStillToComeOfAJournalIsSavedToo() {
    Machine recorded = Echo.machine();
    recorded.run(20_000);
    recorded.type('a');
    recorded.run(20_000);
    recorded.type('b');
    recorded.run(20_000);
    Machine m = Echo.machine();
    m.inputs().journal(recorded.inputs().journal().rewound());
    m.run(30_000);
    Machine copy = SnapshotFile.read(saved(m, "j.snap"), Progress.NONE).machine();
    assertTrue(copy.inputs().awaits());
    copy.run(30_000);
    assertEquals(recorded.stateHash(), copy.stateHash());
  }

  @Test
  void aDamagedFileIsRefusedInOneLine() throws IOException {
    Machine m = new Machine(large());
    m.run(50_000);
    Path file = saved(m, "bad.snap");
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < FUZZ; i++) {
      byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      if (i % 3 != 0) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bad);
      String message = refused(file).getMessage();
      assertTrue(message.matches("snapshot .*bad.snap: (damaged at byte \\d+ \\(.+|cut short: .+|no snapshot of Trapline .+)"), message);
    }
  }

  @Test
  void aNewerFileIsRefusedByItsVersion() throws IOException {
    Path file = saved(Echo.machine(), "newer.snap");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer b = ByteBuffer.wrap(bytes).putInt(8, 2);
    b.putInt(12, BlockWriter.crc(bytes, 12));
    Files.write(file, bytes);
    assertEquals("snapshot " + file + ": of version 2; this Trapline reads versions up to 1", refused(file).getMessage());
  }

  @Test
  void moreBytesThanTheFileHasAreRefused() throws IOException {
    Path file = saved(Echo.machine(), "long.snap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 3));
    assertEquals("snapshot " + file + ": damaged: 3 bytes follow its end", refused(file).getMessage());
    Files.write(file, new byte[0]);
    assertEquals("snapshot " + file + ": no snapshot of Trapline (its first bytes are others)", refused(file).getMessage());
    assertTrue(refused(folder.resolve("none")).getMessage().endsWith("none: no such file"));
  }

  @Test
  void aDiskImageThatHasChangedIsRefused() throws IOException {
    Path file = saved(new Machine(large()), "d.snap");
    Path disk = folder.resolve("disk.img");
    byte[] bytes = Files.readAllBytes(disk);
    FileTime before = Files.getLastModifiedTime(disk);
    Files.setLastModifiedTime(disk, FileTime.fromMillis(before.toMillis() + 5000));
    SnapshotFile.read(file, Progress.NONE).machine();
    bytes[70_000] ^= 1;
    Files.write(disk, bytes);
    Files.setLastModifiedTime(disk, FileTime.fromMillis(before.toMillis() + 9000));
    assertTrue(refused(file).getMessage().endsWith("the disk image " + disk.toAbsolutePath() + " has changed since the snapshot was taken"));
    Files.delete(disk);
    assertTrue(refused(file).getMessage().contains("needs the disk image"), refused(file).getMessage());
  }

  @Test
  void aSaveThatFailsLeavesTheOldFile() throws IOException {
    Machine m = Echo.machine();
    Path file = saved(m, "keep.snap");
    byte[] before = Files.readAllBytes(file);
    Progress broken = (done, all) -> {
      throw new StateException("stopped");
    };
    assertThrows(StateException.class, () -> SnapshotFile.write(file, m, NAMES, broken));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (var all = Files.list(folder)) {
      assertEquals(List.of(file), all.toList());
    }
    StateException e = assertThrows(StateException.class, () -> SnapshotFile.write(folder.resolve("no/such/x"), m, NAMES, Progress.NONE));
    assertTrue(e.getMessage().contains("cannot be written"), e.getMessage());
  }

  /** A file like any other of this user: not only for his own eyes. */
  @Test
  void aFileHasTheUsualPermissions() throws IOException {
    Path usual = Files.write(folder.resolve("usual"), new byte[1]);
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(saved(Echo.machine(), "p.snap")));
  }

  @Test
  void savingChangesNothing() throws IOException {
    Machine a = new Machine(large());
    Machine b = new Machine(large());
    for (int i = 0; i < 4; i++) {
      a.run(10_000);
      b.run(10_000);
      saved(a, "x.snap");
      assertEquals(a.stateHash(), b.stateHash());
    }
    assertNotEquals(new Machine(large()).stateHash(), a.stateHash());
    assertTrue(a.run(1) instanceof Outcome.Limit);
  }

  @Test
  void partsOfImpossibleLengthAreNotAllocated() {
    byte[] head = ByteBuffer.allocate(16).put(BlockWriter.MARK).putInt(1).array();
    ByteBuffer.wrap(head).putInt(12, BlockWriter.crc(head, 12));
    byte[] all = Arrays.copyOf(head, 40);
    ByteBuffer.wrap(all, 16, 24).put(new byte[] {72, 69, 65, 68}).putInt(4).putInt(Integer.MAX_VALUE);
    StateException e = assertThrows(StateException.class, () -> new BlockReader(new ByteArrayInputStream(all), all.length, 1).next());
    assertEquals("damaged at byte 16 (impossible lengths of a part)", e.getMessage());
  }
}
