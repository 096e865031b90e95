package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.QemuImg;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host process that is killed while its guest writes to a disk. */
class CrashTest {
  /** Sectors the guest writes with each command, and commands between two signs of life. */
  private static final int SECTORS = 64;
  private static final int COMMANDS = 16;
  /** Fills sectors from 0 up with their numbers for ever; a byte to port E9h every sixteen commands. */
  private static final String WRITER = """
      bits 32
      org 0x100000
       mov dx, 0x3f6
       mov al, 2
       out dx, al
       xor ebx, ebx
      next: mov dx, 0x1f2
       mov al, 64
       out dx, al
       inc dx
       mov eax, ebx
       out dx, al
       shr eax, 8
       inc dx
       out dx, al
       shr eax, 8
       inc dx
       out dx, al
       inc dx
       mov al, 0xe0
       out dx, al
       inc dx
       mov al, 0x30
       out dx, al
       mov ebp, 64
      sector: mov dx, 0x1f7
      .wait: in al, dx
       test al, 0x80
       jnz .wait
       mov dx, 0x1f0
       mov ecx, 128
       mov eax, ebx
      .word: out dx, ax
       out dx, ax
       loop .word
       inc ebx
       dec ebp
       jnz sector
       mov dx, 0x1f7
      .done: in al, dx
       test al, 0x80
       jnz .done
       test ebx, 64 * 16 - 1
       jnz next
       mov al, '.'
       out 0xe9, al
       jmp next
      """;
  private static final int SIZE = 64 << 20;

  @TempDir
  private Path folder;

  /** The process that is killed: a machine with the writer and one disk. */
  static final class Victim {
    private Victim() {}

    /** @param arguments the image; {@code write} if it is to be written */
    public static void main(String[] arguments) {
      Drive disk = Drive.of(Drive.Attachment.IDE, Path.of(arguments[0])).withWrite(arguments[1].equals("write"));
      Machine m = new Machine(MachineConfig.standard().withMemory(4 << 20).withDrive(disk)
          .withImage(BootImage.flat("writer", Guests.assemble(WRITER), 0x100000, 32)));
      m.debugConsole(b -> {
        System.out.write(b);
        System.out.flush();
      });
      m.run(Long.MAX_VALUE);
    }
  }

  /** Kills the process after so many signs of life; what it had written by then at least, in sectors. */
  private static int crash(Path image, String write, int signs) throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process victim = new ProcessBuilder(java, "-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
        Victim.class.getName(), image.toString(), write).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream out = victim.getInputStream()) {
      for (int i = 0; i < signs; i++) {
        assertEquals('.', out.read(), "the guest writes");
      }
    } finally {
      victim.destroyForcibly();
    }
    assertTrue(victim.waitFor(60, TimeUnit.SECONDS));
    assertEquals(128 + 9, victim.exitValue(), "killed");
    return signs * COMMANDS * SECTORS;
  }

  private static byte[] random(int n) {
    byte[] b = new byte[n];
    new Random(11).nextBytes(b);
    return b;
  }

  @Test
  void aBaseImageIsUntouched() throws IOException, InterruptedException {
    byte[] base = random(SIZE);
    Path image = Files.write(folder.resolve("raw"), base);
    crash(image, "keep", 8);
    assertArrayEquals(base, Files.readAllBytes(image));
  }

  @Test
  void aQcow2BaseImageIsUntouched() throws IOException, InterruptedException {
    Path image = folder.resolve("qcow2");
    QemuImg.run(folder, "convert", "-O", "qcow2", Files.write(folder.resolve("raw"), random(SIZE)).toString(), image.toString());
    byte[] base = Files.readAllBytes(image);
    crash(image, "keep", 4);
    assertArrayEquals(base, Files.readAllBytes(image));
  }

  /** Clusters may be lost in a crash, data may not. */
  @Test
  void aQcow2ImageThatIsWrittenHoldsWhatWasWritten() throws IOException, InterruptedException {
    Path image = folder.resolve("qcow2");
    QemuImg.run(folder, "create", "-f", "qcow2", "-o", "cluster_size=4096", image.toString(), Integer.toString(SIZE));
    int sectors = crash(image, "write", 4);
    int status = QemuImg.status(folder, "check", image.toString());
    assertTrue(status == 0 || status == 3, "clean, or clusters that nobody uses: " + status);
    checkWritten(DiskImage.open(image, DiskImage.Format.QCOW2, false), sectors);
    QemuImg.run(folder, "check", "-r", "leaks", image.toString());
    checkWritten(DiskImage.open(image, DiskImage.Format.QCOW2, false), sectors);
  }

  @Test
  void aRawImageThatIsWrittenHoldsWhatWasWritten() throws IOException, InterruptedException {
    Path image = Files.write(folder.resolve("raw"), new byte[SIZE]);
    checkWritten(DiskImage.open(image, DiskImage.Format.RAW, false), crash(image, "write", 2));
    assertFalse(Arrays.equals(new byte[SIZE], Files.readAllBytes(image)));
  }

  private static void checkWritten(DiskImage image, int sectors) {
    byte[] sector = new byte[512];
    for (int n = 0; n < sectors; n++) {
      image.read(n * 512L, sector, 0, 512);
      for (int i = 0; i < 512; i += 2) {
        assertEquals(n & 0xffff, sector[i] & 0xff | (sector[i + 1] & 0xff) << 8, "sector " + n);
      }
    }
  }
}
