package dev.trapline.vm.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The i440FX, PIIX3 and PIIX4 functions against their datasheets. */
class ChipsetTest {
  private static final long PER_SECOND = 100_000_000;
  private static final int PM = 0x600;
  private final PortMap ports = new PortMap();
  private final PhysicalMemory memory = new PhysicalMemory(1L << 32);
  private final boolean[] isa = new boolean[16];
  private final boolean[] direct = new boolean[4];
  private boolean sci;
  private int resets;
  private int powerOffs;
  private long now;
  private final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  private final IsaBridge bridge = new IsaBridge(n -> high -> isa[n] = high, n -> high -> direct[n] = high, () -> resets++);
  private final PowerManagement power = new PowerManagement(scheduler, PER_SECOND, high -> sci = high, () -> powerOffs++);
  private final PciBus bus = new PciBus(ports, memory, bridge::pirq);

  @BeforeEach
  void build() {
    byte[] rom = new byte[0x10000];
    Arrays.fill(rom, (byte) 0x5a);
    memory.addRom("rom", 0xf0000, rom);
    memory.addShadow(0xc0000, 0x40000);
    bus.resetControl(bridge);
    power.connect(ports);
    bus.add(0, 0, new HostBridge(memory::shadow));
    bus.add(1, 0, bridge);
    bus.add(1, 3, power);
    write(1, 3, 0x40, 4, PM | 1);
    write(1, 3, 0x80, 1, 1);
  }

  private void write(int device, int function, int register, int bytes, int value) {
    ports.out(0xcf8, 4, 0x80000000 | device << 11 | function << 8 | register & ~3);
    ports.out(0xcfc + (register & 3), bytes, value);
  }

  private int read(int device, int function, int register, int bytes) {
    ports.out(0xcf8, 4, 0x80000000 | device << 11 | function << 8 | register & ~3);
    return ports.in(0xcfc + (register & 3), bytes);
  }

  private void to(long count) {
    while (scheduler.nextEvent() <= count) {
      now = Math.max(now, scheduler.nextEvent());
      scheduler.runDue(now);
    }
    now = count;
  }

  // ---- host bridge

  @Test
  void theyTellWhoTheyAre() {
    assertEquals(0x12378086, read(0, 0, 0, 4));
    assertEquals(0x70008086, read(1, 0, 0, 4));
    assertEquals(0x80, read(1, 0, 0x0e, 1), "more functions here");
    assertEquals(0x71138086, read(1, 3, 0, 4));
  }

  @Test
  void attributesShadowTheBios() {
    assertEquals(0x5a, memory.read(0xf1234, 1));
    memory.write(0xf1234, 1, 1);
    assertEquals(0x5a, memory.read(0xf1234, 1), "neither: ROM");
    write(0, 0, 0x59, 1, 0x20);
    memory.write(0xf1234, 1, 0x77);
    assertEquals(0x5a, memory.read(0xf1234, 1), "stores only: written behind the ROM");
    write(0, 0, 0x59, 1, 0x30);
    assertEquals(0x77, memory.read(0xf1234, 1), "both");
    memory.write(0xf1234, 1, 0x78);
    write(0, 0, 0x59, 1, 0x10);
    assertEquals(0x78, memory.read(0xf1234, 1), "reads only");
    memory.write(0xf1234, 1, 0);
    assertEquals(0x78, memory.read(0xf1234, 1));
    write(0, 0, 0x59, 1, 0);
    assertEquals(0x5a, memory.read(0xf1234, 1));
  }

  @Test
  void eachNibbleHasItsSixteenKilobytes() {
    for (int n = 0; n < 12; n++) {
      long at = 0xc0000 + 0x4000L * n;
      assertEquals(0xff, memory.read(at, 1));
      write(0, 0, 0x5a + n / 2, 1, 3 << 4 * (n & 1));
      memory.write(at, 1, n);
      memory.write(at + 0x3fff, 1, n);
      assertEquals(n, memory.read(at, 1));
      assertEquals(0xff, memory.read(at + 0x4000 < 0xf0000 ? at + 0x4000 : 0xbffff, 1));
      write(0, 0, 0x5a + n / 2, 1, 0);
    }
  }

  @Test
  void shadowRamIsSavedWhateverIsVisible() {
    write(0, 0, 0x59, 1, 0x30);
    memory.write(0xf0000, 1, 1);
    var visible = memory.contents();
    long hash = memory.hash();
    write(0, 0, 0x59, 1, 0);
    assertEquals(hash, memory.hash());
    memory.contents(java.util.Map.of());
    assertEquals(0, memory.read(0xf0000, 1));
    memory.contents(visible);
    assertEquals(0x5a, memory.read(0xf0000, 1));
    write(0, 0, 0x59, 1, 0x30);
    assertEquals(1, memory.read(0xf0000, 1));
    bus.reset();
    assertEquals(0x5a, memory.read(0xf0000, 1), "power-on shows the ROM");
  }

  // ---- ISA bridge

  @Test
  void interruptLinesAreRoutedAndShared() {
    IrqLine first = bridge.pirq(2);
    IrqLine second = bridge.pirq(2);
    first.set(true);
    assertTrue(direct[2]);
    assertFalse(isa[11], "not routed after power-on");
    write(1, 0, 0x62, 1, 11);
    assertTrue(isa[11]);
    second.set(true);
    first.set(false);
    assertTrue(isa[11], "the other card still drives it");
    write(1, 0, 0x62, 1, 10);
    assertTrue(isa[10] && !isa[11]);
    second.set(false);
    assertFalse(isa[10]);
    write(1, 0, 0x62, 1, 8);
    second.set(true);
    assertFalse(isa[8], "8 is reserved");
  }

  @Test
  void theResetControlRegisterResetsOnARisingBit() {
    ports.out(0xcf9, 1, 2);
    assertEquals(0, resets);
    ports.out(0xcf9, 1, 6);
    assertEquals(1, resets);
    assertEquals(2, ports.in(0xcf9, 1));
    ports.out(0xcf8, 4, 0x80000600);
    assertEquals(1, resets, "the address latch is something else");
  }

  // ---- power management

  @Test
  void portsMoveWithTheirBaseAndSwitch() {
    assertEquals(PM | 1, read(1, 3, 0x40, 4));
    assertEquals(0, ports.in(PM, 2));
    write(1, 3, 0x80, 1, 0);
    assertEquals(0xffff, ports.in(PM, 2));
    write(1, 3, 0x40, 4, 0xffffb001);
    write(1, 3, 0x80, 1, 1);
    assertEquals(0xb001, read(1, 3, 0x40, 4));
    assertEquals(0, ports.in(0xb000, 2));
  }

  @Test
  void theTimerCountsItsFrequencyAndTellsOfCarries() {
    to(PER_SECOND);
    assertEquals(3_579_545, ports.in(PM + 8, 4));
    ports.out(0xb2, 1, PowerManagement.ACPI_ENABLE);
    ports.out(PM + 2, 2, 1);
    to(PER_SECOND * 2);
    assertFalse(sci);
    to((long) Math.ceil((1 << 23) * (double) PER_SECOND / 3_579_545));
    assertTrue(sci, "bit 23 changed");
    assertEquals(1, ports.in(PM, 2));
    ports.out(PM, 2, 1);
    assertFalse(sci);
    to((long) Math.ceil((1 << 24) * (double) PER_SECOND / 3_579_545));
    assertTrue(sci, "and back");
    assertEquals(0, ports.in(PM + 8, 4), "24 bits");
  }

  @Test
  void thePowerButtonInterruptsWhoTookOver() {
    power.powerButton();
    assertEquals(0x100, ports.in(PM, 2));
    ports.out(PM + 2, 2, 0x100);
    assertFalse(sci, "not taken over yet");
    ports.out(0xb2, 1, PowerManagement.ACPI_ENABLE);
    assertEquals(1, ports.in(PM + 4, 2));
    assertTrue(sci);
    PowerManagement.State saved = power.state();
    ports.out(PM, 2, 0x100);
    assertFalse(sci);
    power.state(saved);
    assertTrue(sci);
    ports.out(0xb2, 1, PowerManagement.ACPI_DISABLE);
    assertFalse(sci);
  }

  @Test
  void softOffNeedsTypeAndEnable() {
    ports.out(PM + 4, 2, 1);
    assertEquals(0, powerOffs);
    ports.out(PM + 4, 2, 0x2401);
    assertEquals(0, powerOffs, "another type");
    ports.out(PM + 4, 2, 0x2001);
    assertEquals(1, powerOffs);
    assertEquals(1, ports.in(PM + 4, 2), "the enable bit reads as 0");
  }

  @Test
  void generalPurposeEventsShareTheInterrupt() {
    ports.out(PM + 0xe, 2, 0xffff);
    assertEquals(0x0f01, ports.in(PM + 0xe, 2));
    assertEquals(0, ports.in(PM + 0xc, 2));
  }
}
