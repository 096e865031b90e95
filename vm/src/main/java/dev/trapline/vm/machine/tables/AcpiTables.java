package dev.trapline.vm.machine.tables;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The ACPI tables of a board (ACPI 6.4, chapter 5) as they stand at an address: DSDT, FADT, MADT and HPET where there are such
 * devices, RSDT and XSDT. The FACS stands by itself, as operating systems write to it.
 *
 * @param bytes the tables one after another
 * @param pointers places in {@code bytes} that hold addresses: of bytes of these tables, or of the FACS
 * @param tables where each table begins and how long it is
 * @param rsdt offset of the RSDT
 * @param xsdt offset of the XSDT
 */
public record AcpiTables(byte[] bytes, List<Pointer> pointers, List<Table> tables, int rsdt, int xsdt) {
  /** An address of so many bytes. */
  public record Pointer(int offset, int size) {}

  /** A table; its checksum is the tenth byte. */
  public record Table(String signature, int offset, int length) {}

  /** Offset of the checksum in a table's header. */
  public static final int CHECKSUM = 9;
  /** Bytes of a root pointer, and what of it the first checksum covers. */
  public static final int RSDP_SIZE = 36;
  public static final int RSDP_FIRST = 20;
  /** Offsets in the root pointer. */
  public static final int RSDP_CHECKSUM = 8;
  public static final int RSDP_RSDT = 16;
  public static final int RSDP_XSDT = 24;
  public static final int RSDP_EXTENDED_CHECKSUM = 32;
  /** Bytes of the FACS, and its alignment. */
  public static final int FACS_SIZE = 64;

  private static final int HEADER = 36;
  private static final int ALIGNMENT = 16;

  /**
   * Builds the tables.
   *
   * @param base address of the first byte
   * @param facs address of the FACS
   */
  public static AcpiTables build(Board board, long base, long facs) {
    return new Builder(board, base, facs).build();
  }

  /** The firmware ACPI control structure. */
  public static byte[] facs() {
    return new Bytes().text("FACS").u32(FACS_SIZE).zeros(24).u8(1).zeros(31).toArray();
  }

  /** The root system description pointer. */
  public static byte[] rsdp(long rsdt, long xsdt) {
    byte[] b = new Bytes().text("RSD PTR ").u8(0).text(Board.OEM).u8(2).u32(rsdt).u32(RSDP_SIZE).u64(xsdt).u8(0).zeros(3).toArray();
    Bytes.checksum(b, 0, RSDP_FIRST, RSDP_CHECKSUM);
    Bytes.checksum(b, 0, RSDP_SIZE, RSDP_EXTENDED_CHECKSUM);
    return b;
  }

  private static final class Builder {
    private final Board board;
    private final long base;
    private final long facs;
    private final Bytes out = new Bytes();
    private final List<Pointer> pointers = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();

    Builder(Board board, long base, long facs) {
      this.board = board;
      this.base = base;
      this.facs = facs;
    }

    AcpiTables build() {
      int dsdt = table("DSDT", 2, new Dsdt(board).body());
      var roots = new ArrayList<Integer>();
      int fadt = table("FACP", 3, fadt(base + dsdt));
      point(fadt + 36, 4);
      point(fadt + 40, 4);
      point(fadt + 140, 8);
      roots.add(fadt);
      if (board.apics()) {
        roots.add(table("APIC", 3, madt()));
      }
      if (board.hpet() != 0) {
        roots.add(table("HPET", 1, hpet()));
      }
      int rsdt = root("RSDT", roots, 4);
      int xsdt = root("XSDT", roots, 8);
      return new AcpiTables(checksummed(), List.copyOf(pointers), List.copyOf(tables), rsdt, xsdt);
    }

    private void point(int offset, int size) {
      pointers.add(new Pointer(offset, size));
    }

    private int table(String signature, int revision, byte[] body) {
      out.align(ALIGNMENT);
      int at = out.size();
      out.text(signature).u32(HEADER + body.length).u8(revision, 0).text(Board.OEM).text(Board.NAME).u32(1).text("TRAP").u32(1).add(body);
      tables.add(new Table(signature, at, HEADER + body.length));
      return at;
    }

    private int root(String signature, List<Integer> offsets, int size) {
      Bytes body = new Bytes();
      for (int o : offsets) {
        if (size == 4) {
          body.u32(base + o);
        } else {
          body.u64(base + o);
        }
      }
      int at = table(signature, 1, body.toArray());
      for (int i = 0; i < offsets.size(); i++) {
        point(at + HEADER + i * size, size);
      }
      return at;
    }

    private byte[] checksummed() {
      byte[] all = out.toArray();
      tables.forEach(t -> Bytes.checksum(all, t.offset, t.length, t.offset + CHECKSUM));
      return all;
    }

    // ---- bodies

    /** Flags: WBINVD works, C1 works, no sleep button, real-time clock wake not in the fixed registers, reset register. */
    private static final int FADT_FLAGS = 1 | 4 | 0x20 | 0x40 | 0x400;
    /** Devices of an old PC, and an 8042. */
    private static final int BOOT_ARCHITECTURE = 3;
    private static final int RESET_PORT = 0xcf9;
    private static final int RESET_VALUE = 6;

    private byte[] fadt(long dsdt) {
      int pm = board.pmBase();
      Bytes b = new Bytes().u32(facs).u32(dsdt).u8(0, 1).u16(Board.SCI).u32(0xb2).u8(0xf1, 0xf0, 0, 0);
      b.u32(pm).u32(0).u32(pm + 4).u32(0).u32(0).u32(pm + 8).u32(pm + 0xc).u32(0);
      b.u8(4, 2, 0, 4, 4, 0, 0, 0).u16(0xfff).u16(0xfff).u16(0).u16(0).u8(0, 0, 0, 0, 0x32).u16(BOOT_ARCHITECTURE).u8(0).u32(FADT_FLAGS);
      b.add(port(RESET_PORT, 8)).u8(RESET_VALUE).u16(0).u8(0).u64(0).u64(dsdt);
      b.add(port(pm, 32), port(0, 0), port(pm + 4, 16), port(0, 0), port(0, 0), port(pm + 8, 32), port(pm + 0xc, 32), port(0, 0));
      return b.toArray();
    }

    /** A generic address in I/O space, or all zeros. */
    private static byte[] port(int address, int bits) {
      int access = bits == 8 ? 1 : bits == 16 ? 2 : 3;
      return bits == 0 ? new byte[12] : new Bytes().u8(1, bits, 0, access).u64(address).toArray();
    }

    /** Level, active high. */
    private static final int LEVEL_HIGH = 0xd;

    private byte[] madt() {
      Bytes b = new Bytes().u32(Board.LOCAL_APIC).u32(1);
      for (int n = 0; n < board.processors(); n++) {
        b.u8(0, 8, n, n).u32(1);
      }
      b.u8(1, 12, 0, 0).u32(Board.IO_APIC).u32(0);
      b.u8(2, 10, 0, 0).u32(2).u16(0);
      for (int irq : new int[] {5, Board.SCI, 10, 11}) {
        b.u8(2, 10, 0, irq).u32(irq).u16(LEVEL_HIGH);
      }
      return b.u8(4, 6, 0xff).u16(0).u8(1).toArray();
    }

    private byte[] hpet() {
      return new Bytes().u32(board.hpet()).u8(0, 64, 0, 0).u64(Board.HPET).u8(0).u16(0).u8(0).toArray();
    }
  }

  /** A 32- or 64-bit value in the tables. */
  public long value(Pointer p) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return p.size == 4 ? b.getInt(p.offset) & 0xffffffffL : b.getLong(p.offset);
  }
}
