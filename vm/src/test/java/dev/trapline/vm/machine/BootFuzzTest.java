package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Truncated and corrupted images either start or are refused with one clear line; nothing else ever comes out. */
class BootFuzzTest {
  private static final int CASES = Boolean.getBoolean("trapline.full") ? 10_000 : 1_000;
  private static final int HEADER = 256;

  private final Machine machine = new Machine(MachineConfig.standard().withMemory(32L << 20));
  private final MemoryMap map = new MemoryMap(32L << 20);

  private static byte[] corrupt(byte[] original, Random random) {
    byte[] file = original.clone();
    if (random.nextInt(4) == 0) {
      file = Arrays.copyOf(file, random.nextInt(2) == 0 ? random.nextInt(HEADER) : random.nextInt(file.length));
    }
    int changes = random.nextInt(6);
    for (int i = 0; i < changes && file.length > 0; i++) {
      int at = random.nextInt(3) == 0 ? random.nextInt(file.length) : random.nextInt(Math.min(HEADER, file.length));
      file[at] = (byte) switch (random.nextInt(3)) {
        case 0 -> 0xff;
        case 1 -> file[at] ^ 1 << random.nextInt(8);
        default -> random.nextInt(256);
      };
    }
    return file;
  }

  /** Whether it started. */
  private boolean attempt(byte[] file, BootImage.Kind kind) {
    BootImage image = new BootImage("k", file, kind, BootImage.DEFAULT_ADDRESS, 32, "x");
    try {
      if (image.resolvedKind() == BootImage.Kind.BOOT_SECTOR) {
        BootSector.check("k", file);
      } else {
        new Loader(image, machine.memory(), map, machine.cpu()).load(image);
      }
      return true;
    } catch (BootException e) {
      String m = e.getMessage();
      assertTrue(m.startsWith("k: ") && m.length() < 200, m);
      assertFalse(m.contains("\n") || m.contains("null"), m);
      return false;
    }
  }

  @Test
  void corruptedImagesNeverDoAnythingElse() {
    Random random = new Random(20260101);
    byte[][] originals = {Guests.resource("guestbench.elf"), Guests.elf(true, 0x100000, new byte[100]),
      Guests.elf(false, 0x100000, new byte[100]), Arrays.copyOf(Guests.resource("guestbench.img"), 4096),
      Guests.assemble("dd 0x1badb002, 0x10003, -(0x1badb002 + 0x10003), 0x100000, 0x100000, 0x100020, 0, 0x100000")};
    BootImage.Kind[] kinds = {BootImage.Kind.AUTO, BootImage.Kind.MULTIBOOT, BootImage.Kind.ELF, BootImage.Kind.BOOT_SECTOR};
    int started = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] file = corrupt(originals[random.nextInt(originals.length)], random);
      started += attempt(file, kinds[random.nextInt(kinds.length)]) ? 1 : 0;
    }
    assertTrue(started > CASES / 20 && started < CASES, started + " of " + CASES + " started");
  }

  @Test
  void everyTruncationOfAKernelIsRefused() {
    byte[] elf = Guests.elf(true, 0x100000, new byte[100]);
    for (int n = 0; n < elf.length; n++) {
      assertFalse(attempt(Arrays.copyOf(elf, n), BootImage.Kind.ELF), "cut to " + n);
    }
    assertEquals(true, attempt(elf, BootImage.Kind.ELF));
  }
}
