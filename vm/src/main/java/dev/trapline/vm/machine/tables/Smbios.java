package dev.trapline.vm.machine.tables;

/**
 * System management BIOS 2.8 structures (DMTF DSP0134): firmware, system, enclosure, processors, memory.
 *
 * @param structures all structures
 * @param count how many
 * @param largest bytes of the largest
 */
public record Smbios(byte[] structures, int count, int largest) {
  private static final int ENTRY = 31;
  private static final int MIB = 20;
  /** A handle that refers to nothing. */
  private static final int NONE = 0xfffe;
  private static final int MEMORY_ARRAY = 0x1000;
  private static final int UNKNOWN = 2;

  /** The entry point to structures at an address. */
  public byte[] entry(long address) {
    byte[] b = new Bytes().text("_SM_").u8(0, ENTRY, 2, 8).u16(largest).u8(0).zeros(5).text("_DMI_").u8(0).u16(structures.length)
        .u32(address).u16(count).u8(0x28).toArray();
    Bytes.checksum(b, 16, 15, 21);
    Bytes.checksum(b, 0, ENTRY, 4);
    return b;
  }

  /** The structures of a board. */
  public static Smbios of(Board board) {
    return new Builder(board).build();
  }

  private static final class Builder {
    private final Board board;
    private final Bytes out = new Bytes();
    private int count;
    private int largest;

    Builder(Board board) {
      this.board = board;
    }

    /** A structure: type, length and handle in front of the fields, strings after them. */
    private void add(int type, int handle, Bytes fields, String... strings) {
      int before = out.size();
      out.u8(type, 4 + fields.size()).u16(handle).add(fields.toArray());
      for (String s : strings) {
        out.text(s).u8(0);
      }
      out.zeros(strings.length == 0 ? 2 : 1);
      count++;
      largest = Math.max(largest, out.size() - before);
    }

    Smbios build() {
      // BIOS characteristics: ACPI; a virtual machine.
      add(0, 0, new Bytes().u8(1, 2).u16(0xf000).u8(3, 0).u64(8).u8(1, 0x10, 0, 0, 0xff, 0xff), "Trapline", "1", "01/01/2026");
      add(1, 0x100, new Bytes().u8(1, 2, 3, 0).zeros(16).u8(6, 0, 0), "Trapline", "PC", "1");
      add(3, 0x300, new Bytes().u8(1, 1, 0, 0, 0, 3, 3, 3, 3).u32(0).u8(0, 0, 0, 0), "Trapline");
      for (int n = 0; n < board.processors(); n++) {
        processor(n);
      }
      memory();
      add(32, 0x2000, new Bytes().zeros(6).u8(0));
      add(127, 0x7f00, new Bytes());
      return new Smbios(out.toArray(), count, largest);
    }

    private void processor(int n) {
      Bytes b = new Bytes().u8(1, 3, 1, 2).u32(board.signature()).u32(board.features()).u8(3, 0).u16(0).u16(0).u16(0).u8(0x41, 1);
      b.u16(0xffff).u16(0xffff).u16(0xffff).u8(0, 0, 0, 1, 1, 1).u16(UNKNOWN).u16(1);
      add(4, 0x400 + n, b, "CPU " + n, "Trapline", "1");
    }

    private void memory() {
      long bytes = board.lowMemory() + board.highMemory();
      add(16, MEMORY_ARRAY, new Bytes().u8(1, 3, 3).u32(bytes >> 10).u16(NONE).u16(1).u64(0));
      Bytes device = new Bytes().u16(MEMORY_ARRAY).u16(NONE).u16(64).u16(64).u16((int) Math.min(bytes >> MIB, 0x7ffe)).u8(9, 0, 1, 0, 7);
      add(17, 0x1100, device.u16(2).u16(0).u8(0, 0, 0, 0).u8(0).u32(0).u16(0).u16(0).u16(0).u16(0), "DIMM 0");
      mapped(0x1300, 0, board.lowMemory());
      if (board.highMemory() > 0) {
        mapped(0x1301, 1L << 32, board.highMemory());
      }
    }

    private void mapped(int handle, long start, long length) {
      add(19, handle, new Bytes().u32(start >> 10).u32((start + length >> 10) - 1).u16(MEMORY_ARRAY).u8(1).u64(0).u64(0));
    }
  }
}
