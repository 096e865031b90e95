package dev.trapline.vm.machine.tables;

/** The tables of Intel's MultiProcessor Specification 1.4 (chapter 4): for systems that know APICs but not ACPI. */
public final class MpTable {
  private static final int HEADER = 44;
  private static final int CHECKSUM = 7;
  private static final int POINTER_SIZE = 16;
  private static final int POINTER_CHECKSUM = 10;
  private static final int LOCAL_APIC_VERSION = 0x14;
  private static final int IO_APIC_VERSION = 0x11;
  private static final int ALL = 0xff;
  private static final int INT = 0;
  private static final int NMI = 1;
  private static final int EXT_INT = 3;
  private static final int PCI_BUS = 0;
  private static final int ISA_BUS = 1;
  /** Level, active high. */
  private static final int LEVEL_HIGH = 0xd;

  private final Bytes entries = new Bytes();
  private int count;

  private MpTable() {}

  /** The floating pointer to a configuration table. */
  public static byte[] pointer(long table) {
    byte[] b = new Bytes().text("_MP_").u32(table).u8(1, 4, 0, 0, 0).zeros(3).toArray();
    Bytes.checksum(b, 0, POINTER_SIZE, POINTER_CHECKSUM);
    return b;
  }

  /** The configuration table of a board with APICs. */
  public static byte[] table(Board board) {
    MpTable t = new MpTable();
    t.processors(board);
    t.buses();
    t.interrupts(board);
    return t.build();
  }

  private Bytes entry(int type) {
    count++;
    return entries.u8(type);
  }

  private void processors(Board board) {
    for (int n = 0; n < board.processors(); n++) {
      entry(0).u8(n, LOCAL_APIC_VERSION, n == 0 ? 3 : 1).u32(board.signature()).u32(board.features()).zeros(8);
    }
  }

  private void buses() {
    entry(1).u8(PCI_BUS).text("PCI", 6, ' ');
    entry(1).u8(ISA_BUS).text("ISA", 6, ' ');
    entry(2).u8(0, IO_APIC_VERSION, 1).u32(Board.IO_APIC);
  }

  private void interrupts(Board board) {
    for (int irq = 0; irq < 16; irq++) {
      if (irq != 2) {
        int flags = irq == Board.SCI ? LEVEL_HIGH : 0;
        entry(3).u8(INT).u16(flags).u8(ISA_BUS, irq, 0, irq == 0 ? 2 : irq);
      }
    }
    for (int pin : board.pins()) {
      entry(3).u8(INT).u16(LEVEL_HIGH).u8(PCI_BUS, pin, 0, Board.PCI_INPUTS + Board.pirq(pin >> 2, pin & 3));
    }
    entry(4).u8(EXT_INT).u16(0).u8(ISA_BUS, 0, 0, 0);
    entry(4).u8(NMI).u16(0).u8(ISA_BUS, 0, ALL, 1);
  }

  private byte[] build() {
    int length = HEADER + entries.size();
    byte[] b = new Bytes().text("PCMP").u16(length).u8(4, 0).text(Board.OEM, 8, ' ').text(Board.NAME, 12, ' ').u32(0).u16(0).u16(count)
        .u32(Board.LOCAL_APIC).u32(0).add(entries.toArray()).toArray();
    Bytes.checksum(b, 0, length, CHECKSUM);
    return b;
  }
}
