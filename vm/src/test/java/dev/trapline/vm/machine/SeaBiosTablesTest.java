package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Debian's SeaBIOS on the board: it shadows itself, finds fw_cfg and places our ACPI tables by our script. */
class SeaBiosTablesTest {
  private static final int STEP = 2_000_000;
  private static final int MOST = 100;

  private static byte[] bios() throws IOException {
    Path cache = Path.of(System.getProperty("user.home"), ".cache/trapline/guests");
    for (Path p : Stream.of(Path.of("/usr/share/seabios/bios-256k.bin"), cache.resolve("seabios/bios-256k.bin")).toList()) {
      if (Files.exists(p)) {
        return Files.readAllBytes(p);
      }
    }
    Assumptions.abort("missing: /usr/share/seabios/bios-256k.bin (Debian package seabios)");
    return null;
  }

  private static ByteBuffer memory(Machine m, long at, int n) {
    byte[] b = new byte[n];
    m.memory().peek(at, b, 0, n);
    return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String signature(Machine m, long at, int n) {
    return new String(memory(m, at, n).array(), StandardCharsets.ISO_8859_1);
  }

  /** The root pointer in the BIOS area, or -1: its signature and both checksums count. */
  private static long rootPointer(Machine m) {
    for (long at = 0xf0000; at < 0x100000; at += 16) {
      if (signature(m, at, 8).equals("RSD PTR ") && sum(m, at, 20) == 0 && sum(m, at, 36) == 0) {
        return at;
      }
    }
    return -1;
  }

  private static int sum(Machine m, long at, int n) {
    int s = 0;
    for (byte b : memory(m, at, n).array()) {
      s += b;
    }
    return s & 0xff;
  }

  private static Machine machine() throws IOException {
    BootImage image = BootImage.firmware("bios-256k.bin", bios());
    return new Machine(MachineConfig.standard().withMemory(32 << 20).withPlatform(MachineConfig.Platform.PC).withImage(image));
  }

  /** Taken while SeaBIOS runs from shadow RAM, whose ROM is hidden behind it. */
  @Test
  void aSnapshotContinuesAsTheOriginalDoes() throws IOException {
    Machine m = machine();
    m.run(STEP);
    Machine other = machine();
    other.restore(m.snapshot());
    assertEquals(m.stateHash(), other.stateHash());
    m.run(STEP);
    other.run(STEP);
    assertEquals(m.stateHash(), other.stateHash());
  }

  @Test
  void itFindsAndPlacesTheTables() throws IOException {
    Machine m = machine();
    long root = -1;
    for (int i = 0; i < MOST && root < 0; i++) {
      assertEquals(new Outcome.Limit(), m.run(STEP));
      root = rootPointer(m);
    }
    assertTrue(root > 0, "a root pointer appears");
    ByteBuffer rsdp = memory(m, root, 36);
    ByteBuffer xsdt = memory(m, rsdp.getLong(24), 256);
    List<String> found = new ArrayList<>();
    for (int at = 36; at < xsdt.getInt(4); at += 8) {
      long table = xsdt.getLong(at);
      assertEquals(0, sum(m, table, memory(m, table, 8).getInt(4)));
      found.add(signature(m, table, 4));
      if (found.getLast().equals("FACP")) {
        ByteBuffer fadt = memory(m, table, 244);
        assertEquals("FACS", signature(m, fadt.getInt(36), 4));
        assertEquals("DSDT", signature(m, fadt.getLong(140), 4));
      }
    }
    assertEquals(List.of("FACP", "APIC", "HPET"), found);
  }
}
