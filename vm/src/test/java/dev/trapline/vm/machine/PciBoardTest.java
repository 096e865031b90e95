package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The chipset in a whole machine: what guests do to it ends runs, and what firmware would have done has been done. */
class PciBoardTest {
  private static Machine machine(String code) {
    BootImage image = BootImage.flat("code", HexFormat.of().parseHex(code.replace(" ", "")), 0x100000, 32);
    return new Machine(MachineConfig.standard().withMemory(8 << 20).withPlatform(MachineConfig.Platform.PC).withImage(image));
  }

  private static int config(Machine m, int devfn, int register, int bytes) {
    m.ports().out(0xcf8, 4, 0x80000000 | devfn << 8 | register & ~3);
    return m.ports().in(0xcfc + (register & 3), bytes);
  }

  @Test
  void softOffEndsTheRun() {
    Machine m = machine("66ba0406 66b80120 66ef f4");
    assertEquals(new Outcome.PowerOff(), m.run(100));
  }

  @Test
  void theResetControlRegisterEndsTheRun() {
    Machine m = machine("66baf90c b006 ee f4");
    assertEquals(new Outcome.ResetRequested(), m.run(100));
    m.reset();
    assertEquals(new Outcome.ResetRequested(), m.run(100), "the same again");
  }

  /** A reset is not a power cycle: memory that the image does not overwrite stays, processor and devices do not. */
  @Test
  void aRestartKeepsMemory() {
    Machine m = machine("ff050000 2000 66baf90c b006 ee f4");
    assertEquals(new Outcome.ResetRequested(), m.run(100));
    m.restart();
    assertEquals(new Outcome.ResetRequested(), m.run(100));
    assertEquals(2, m.memory().read(0x200000, 4));
    assertEquals(8, m.cpu().count, "time goes on");
    m.reset();
    assertEquals(0, m.memory().read(0x200000, 4), "power off and on");
  }

  /** Fixed and variable ranges (SDM 3A 12.11.2), on all processors. */
  @Test
  void memoryTypesAreAsFirmwareLeavesThem() {
    BootImage image = BootImage.flat("code", new byte[] {(byte) 0xeb, (byte) 0xfe}, 0x100000, 32);
    var m = new Machine(MachineConfig.standard().withProcessors(2).withImage(image));
    for (var c : m.cpus()) {
      assertEquals(0xc06, c.msrs.read(c, 0x2ff), "write-back unless something else is said");
      assertEquals(0x0606060606060606L, c.msrs.read(c, 0x250), "RAM");
      assertEquals(0, c.msrs.read(c, 0x259), "video memory");
      assertEquals(0x0505050505050505L, c.msrs.read(c, 0x26f), "ROM");
      assertEquals(0xc0000000L, c.msrs.read(c, 0x200), "devices");
      assertEquals(0xffc0000800L, c.msrs.read(c, 0x201));
    }
  }

  @Test
  void thePowerButtonIsSeen() {
    Machine m = machine("ebfe");
    assertEquals(0, m.ports().in(0x600, 2));
    m.powerButton();
    assertEquals(0x100, m.ports().in(0x600, 2));
    m.reset();
    assertEquals(0, m.ports().in(0x600, 2));
  }

  @Test
  void interruptsAreRoutedAndAddressesHandedOut() {
    Machine m = machine("ebfe");
    assertEquals(0x0b0b0a0a, config(m, 1 << 3, 0x60, 4));
    assertEquals(0x601, config(m, 1 << 3 | 3, 0x40, 4));
    assertTrue(m.memory().isRam(0xe0000), "RAM for tables");
    assertEquals("FACS", text(m, 0xe0000, 4));
    assertEquals("RSD PTR ", text(m, FirmwareTables.RSDP, 8));
    assertEquals("_SM_", text(m, 0xf6040, 4));
    assertEquals("_MP_", text(m, 0xf6080, 4));
  }

  @Test
  void tablesSurviveResetAndSnapshots() {
    Machine m = machine("c60500000e0001 ebfe");
    m.run(100);
    assertEquals(1, m.memory().read(0xe0000, 1));
    Snapshot saved = m.snapshot();
    Machine other = machine("c60500000e0001 ebfe");
    other.run(10);
    other.memory().write(0xe0000, 1, 7);
    other.restore(saved);
    assertEquals(m.stateHash(), other.stateHash());
    assertEquals(1, other.memory().read(0xe0000, 1));
    m.reset();
    assertEquals("FACS", text(m, 0xe0000, 4));
  }

  private static String text(Machine m, long at, int n) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < n; i++) {
      s.append((char) m.memory().read(at + i, 1));
    }
    return s.toString();
  }
}
