package dev.trapline.vm.machine.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checksums, lengths and pointers of the tables, and AML against encodings that ACPICA's iasl 20200925 gave for the same source. */
class TablesTest {
  private static final long BASE = 0xe1000;
  private static final long FACS = 0xe0000;

  private static Board board(boolean full) {
    return new Board(full ? 8 : 1, 0x60fb1, 0x78bfbff, full, full ? 0x8086a201 : 0, full ? List.of(1, 2, 3, 4) : List.of(1), 0x600,
        0xe0000000L, full ? List.of(8, 12, 17) : List.of(), 0xc0000000L, full ? 1L << 30 : 0);
  }

  private static int sum(byte[] b, int start, int length) {
    int s = 0;
    for (int i = start; i < start + length; i++) {
      s += b[i];
    }
    return s & 0xff;
  }

  private static ByteBuffer little(byte[] b) {
    return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(byte[] b, int at, int n) {
    return new String(b, at, n, StandardCharsets.US_ASCII);
  }

  @Test
  void everyTableIsWholeAndAddsUp() {
    for (boolean full : new boolean[] {false, true}) {
      AcpiTables t = AcpiTables.build(board(full), BASE, FACS);
      for (AcpiTables.Table table : t.tables()) {
        assertEquals(table.signature(), text(t.bytes(), table.offset(), 4));
        assertEquals(table.length(), little(t.bytes()).getInt(table.offset() + 4));
        assertEquals(0, sum(t.bytes(), table.offset(), table.length()), table.signature());
      }
      assertEquals(full ? List.of("DSDT", "FACP", "APIC", "HPET", "RSDT", "XSDT") : List.of("DSDT", "FACP", "RSDT", "XSDT"),
          t.tables().stream().map(AcpiTables.Table::signature).toList());
      assertTrue(t.bytes().length < 0xf000, "they fit below the ROM");
    }
  }

  @Test
  void pointersPointAtTables() {
    AcpiTables t = AcpiTables.build(board(true), BASE, FACS);
    List<Long> starts = new ArrayList<>(t.tables().stream().map(x -> BASE + x.offset()).toList());
    starts.add(FACS);
    t.pointers().forEach(p -> assertTrue(starts.contains(t.value(p)), p.toString()));
    ByteBuffer b = little(t.bytes());
    int entries = (b.getInt(t.xsdt() + 4) - 36) / 8;
    assertEquals(3, entries);
    for (int i = 0; i < entries; i++) {
      assertEquals(b.getInt(t.rsdt() + 36 + 4 * i), b.getLong(t.xsdt() + 36 + 8 * i));
    }
  }

  @Test
  void theRootPointerHasBothChecksums() {
    byte[] r = AcpiTables.rsdp(0xe1100, 0xe1200);
    assertEquals("RSD PTR ", text(r, 0, 8));
    assertEquals(AcpiTables.RSDP_SIZE, r.length);
    assertEquals(0, sum(r, 0, 20));
    assertEquals(0, sum(r, 0, 36));
    byte[] facs = AcpiTables.facs();
    assertEquals(64, facs.length);
    assertEquals(1, facs[32], "version");
  }

  /** Offsets of ACPI 6.4 table 5.9. */
  @Test
  void theFixedTableSaysWhereTheRegistersAre() {
    AcpiTables t = AcpiTables.build(board(false), BASE, FACS);
    AcpiTables.Table fadt = t.tables().get(1);
    ByteBuffer b = little(t.bytes()).slice(fadt.offset(), fadt.length()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(244, fadt.length());
    assertEquals(9, b.getShort(46), "SCI");
    assertEquals(0xb2, b.getInt(48));
    assertEquals(0x600, b.getInt(56));
    assertEquals(0x604, b.getInt(64));
    assertEquals(0x608, b.getInt(76));
    assertEquals(0x60c, b.getInt(80));
    assertEquals(0x32, b.get(108), "century");
    assertEquals(0xcf9, b.getLong(120));
    assertEquals(6, b.get(128));
    assertEquals(0x600, b.getLong(152));
  }

  @Test
  void interruptControllersAreAllListed() {
    AcpiTables t = AcpiTables.build(board(true), BASE, FACS);
    AcpiTables.Table madt = t.tables().get(2);
    ByteBuffer b = little(t.bytes());
    var types = new ArrayList<Integer>();
    for (int at = madt.offset() + 44; at < madt.offset() + madt.length(); at += b.get(at + 1)) {
      types.add((int) b.get(at));
    }
    assertEquals(List.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 4), types);
  }

  // ---- AML

  private static void aml(String hex, byte[] term) {
    assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(term));
  }

  @Test
  void termsAreEncodedAsTheCompilerDoes() {
    aml("085f4849440c41d00a03", Aml.name("_HID", Aml.eisaId("PNP0A03")));
    aml("085f53355f12060400000000", Aml.name("_S5", Aml.list(Aml.integer(0), Aml.integer(0), Aml.integer(0), Aml.integer(0))));
    aml("5b805034304302 0a60 0a04", Aml.region("P40C", Aml.PCI_CONFIG, 0x60, 4));
    aml("5b811a 2f03 50434930 4953415f 50343043 01 50525130 08 50525131 08", Aml.byteFields("PCI0.ISA.P40C", "PRQ0", "PRQ1"));
    aml("140c5f504943 01 70 68 5049434d", Aml.method("_PIC", 1, Aml.store(Aml.ARG0, Aml.path("PICM"))));
    aml("5b830b43505530 00 00000000 00", Aml.processor("CPU0", 0));
  }

  @Test
  void resourcesAreEncodedAsTheCompilerDoes() {
    aml("880d00020c0000000000ff0000000001", Aml.busNumbers(0, 0xff));
    aml("4701f80cf80c0108", Aml.ports(0xcf8, 8));
    aml("880d00010c0300000000f70c0000f80c", Aml.portWindow(0, 0xcf7));
    aml("87170000 0c01 00000000 000000e0 ffffbffe 00000000 0000c01e", Aml.memoryWindow(0xe0000000L, 0xfebfffffL));
    aml("890e000903 05000000 0a000000 0b000000", Aml.interrupts(5, 10, 11));
    aml("1110 0a0d 4701700070000108 220001 7900", Aml.resources(Aml.ports(0x70, 8), Aml.irq(8)));
  }

  @Test
  void packageLengthsGrow() {
    assertArrayEquals(new byte[] {0x11, 0x3f}, Arrays.copyOf(Aml.buffer(new byte[0x3c]), 2));
    assertArrayEquals(new byte[] {0x11, 0x41, 4}, Arrays.copyOf(Aml.buffer(new byte[0x3d]), 3));
    assertArrayEquals(new byte[] {0x11, (byte) 0x86, 0, 1}, Arrays.copyOf(Aml.buffer(new byte[0x1000]), 4));
  }

  // ---- others

  @Test
  void theMultiprocessorTableAddsUp() {
    byte[] p = MpTable.pointer(0xf60a0);
    assertEquals(16, p.length);
    assertEquals(0, sum(p, 0, 16));
    byte[] t = MpTable.table(board(true));
    ByteBuffer b = little(t);
    assertEquals("PCMP", text(t, 0, 4));
    assertEquals(t.length, b.getShort(4));
    assertEquals(0, sum(t, 0, t.length));
    int at = 44;
    int n = 0;
    while (at < t.length) {
      at += t[at] == 0 ? 20 : 8;
      n++;
    }
    assertEquals(t.length, at);
    assertEquals(b.getShort(34), n);
    assertTrue(t.length < 0xf7000 - 0xf60a0, "it fits before SMBIOS");
  }

  @Test
  void systemManagementStructuresAreWalkable() {
    Smbios s = Smbios.of(board(true));
    byte[] e = s.entry(0xf7000);
    assertEquals(31, e.length);
    assertEquals(0, sum(e, 0, 31));
    assertEquals(0, sum(e, 16, 15));
    byte[] t = s.structures();
    var types = new ArrayList<Integer>();
    for (int at = 0; at < t.length; ) {
      types.add(t[at] & 0xff);
      at += t[at + 1];
      while (t[at] != 0 || t[at + 1] != 0) {
        at++;
      }
      at += 2;
    }
    assertEquals(s.count(), types.size());
    assertEquals(List.of(0, 1, 3, 4, 4, 4, 4, 4, 4, 4, 4, 16, 17, 19, 19, 32, 127), types);
    assertTrue(t.length <= 0x1000);
  }
}
