package dev.trapline.vm.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of an ELF file that a loader needs (System V ABI, chapter 4 and 5), each checked before it is believed.
 *
 * @param wide ELF64
 * @param entry entry point, a virtual address
 * @param segments PT_LOAD segments with bytes in memory
 */
record ElfFile(boolean wide, long entry, List<Segment> segments) {
  private static final int MAGIC = 0x464c457f;
  private static final int EXECUTABLE = 2;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int HEADER_32 = 52;
  private static final int HEADER_64 = 64;

  /** A PT_LOAD segment: file bytes to a physical address, zeros up to {@code memorySize}. */
  record Segment(int offset, int fileSize, long virtual, long physical, long memorySize) {
    long end() {
      return physical + memorySize;
    }
  }

  static boolean hasMagic(byte[] file) {
    return file.length >= 4 && ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == MAGIC;
  }

  /** @throws BootException if the file is not a little-endian x86 executable or is cut short */
  static ElfFile parse(String name, byte[] file) {
    if (!hasMagic(file)) {
      throw BootException.of("%s: not an ELF file (it does not begin with 7F 45 4C 46)", name);
    }
    if (file.length < HEADER_32) {
      throw BootException.of("%s: ELF header cut short: %d bytes, at least %d expected", name, file.length, HEADER_32);
    }
    int fileClass = file[4];
    if (fileClass != 1 && fileClass != 2) {
      throw BootException.of("%s: ELF class %d at offset 4: 1 (32-bit) or 2 (64-bit) expected", name, fileClass & 0xff);
    }
    if (file[5] != 1) {
      throw BootException.of("%s: ELF data encoding %d at offset 5: 1 (little-endian) expected", name, file[5] & 0xff);
    }
    boolean wide = fileClass == 2;
    if (wide && file.length < HEADER_64) {
      throw BootException.of("%s: ELF64 header cut short: %d bytes, %d expected", name, file.length, HEADER_64);
    }
    return new Parser(name, ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN), wide).parse();
  }

  /** Entry point as a physical address: through the segment that holds it. */
  long physicalEntry(String name) {
    for (Segment s : segments) {
      if (Long.compareUnsigned(entry, s.virtual) >= 0 && entry - s.virtual < s.memorySize) {
        return s.physical + entry - s.virtual;
      }
    }
    throw BootException.of("%s: the entry point %#x lies in no loadable segment", name, entry);
  }

  private record Parser(String name, ByteBuffer file, boolean wide) {
    ElfFile parse() {
      int type = u16(16);
      int machine = u16(18);
      if (type != EXECUTABLE) {
        throw BootException.of("%s: ELF type %d at offset 16: 2 (executable) expected", name, type);
      }
      if (machine != EM_386 && machine != EM_X86_64) {
        throw BootException.of("%s: ELF machine %d at offset 18: 3 (i386) or 62 (x86-64) expected", name, machine);
      }
      List<Segment> segments = segments();
      if (segments.isEmpty()) {
        throw BootException.of("%s: the ELF file has no loadable segment (PT_LOAD)", name);
      }
      return new ElfFile(wide, word(24, 24), segments);
    }

    private List<Segment> segments() {
      long table = word(28, 32);
      int size = u16(wide ? 54 : 42);
      int count = u16(wide ? 56 : 44);
      int least = wide ? 56 : 32;
      if (count > 0 && size < least) {
        throw BootException.of("%s: program headers of %d bytes: at least %d expected", name, size, least);
      }
      if (table < 0 || table > file.limit() || table + (long) count * size > file.limit()) {
        throw BootException.of("%s: %d program headers at %#x end beyond the file's %d bytes: is it cut short?", name, count, table,
            file.limit());
      }
      List<Segment> out = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int at = (int) table + i * size;
        if (file.getInt(at) == PT_LOAD) {
          Segment s = segment(i, at);
          if (s.memorySize > 0) {
            out.add(s);
          }
        }
      }
      return List.copyOf(out);
    }

    private Segment segment(int i, int at) {
      long offset = word(at + 4, at + 8);
      long virtual = word(at + 8, at + 16);
      long physical = word(at + 12, at + 24);
      long fileSize = word(at + 16, at + 32);
      long memorySize = word(at + 20, at + 40);
      if (offset < 0 || fileSize < 0 || offset > file.limit() || fileSize > file.limit() - offset) {
        throw BootException.of("%s: segment %d wants bytes %#x to %#x of a file of %#x bytes: is it cut short?", name, i, offset,
            offset + fileSize, file.limit());
      }
      if (Long.compareUnsigned(memorySize, fileSize) < 0) {
        throw BootException.of("%s: segment %d has %#x bytes in the file but only %#x in memory", name, i, fileSize, memorySize);
      }
      if (memorySize < 0 || physical < 0 || physical + memorySize < 0) {
        throw BootException.of("%s: segment %d at %#x with %#x bytes leaves the address space", name, i, physical, memorySize);
      }
      return new Segment((int) offset, (int) fileSize, virtual, physical, memorySize);
    }

    private int u16(int at) {
      return file.getShort(at) & 0xffff;
    }

    private long word(int at32, int at64) {
      return wide ? file.getLong(at64) : file.getInt(at32) & 0xffffffffL;
    }
  }
}
