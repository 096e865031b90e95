package dev.trapline.vm.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The PVH start of Xen ({@code xen/include/public/arch-x86/hvm/start_info.h}): an ELF note tells a 32-bit physical entry point, EBX
 * points to a structure with command line, modules, ACPI root pointer and memory map.
 */
final class Pvh {
  private static final int MAGIC = 0x336ec578;
  private static final int INFO = 56;
  private static final int MODULE = 32;
  private static final int MAP_ENTRY = 24;
  private static final int PHYS32_ENTRY = 18;
  private static final String OWNER = "Xen\0";
  private static final int PT_NOTE = 4;

  private Pvh() {}

  /** The entry point that a file's note tells, or -1: damaged files have none. */
  static long entry(byte[] file) {
    if (!ElfFile.hasMagic(file) || file.length < 64 || file[5] != 1) {
      return -1;
    }
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = file[4] == 2;
    long table = wide ? b.getLong(32) : b.getInt(28) & 0xffffffffL;
    int size = b.getShort(wide ? 54 : 42) & 0xffff;
    int count = b.getShort(wide ? 56 : 44) & 0xffff;
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      if (at < 0 || at + (wide ? 56 : 32) > file.length) {
        return -1;
      }
      if (b.getInt((int) at) == PT_NOTE) {
        long offset = wide ? b.getLong((int) at + 8) : b.getInt((int) at + 4) & 0xffffffffL;
        long length = wide ? b.getLong((int) at + 32) : b.getInt((int) at + 16) & 0xffffffffL;
        long entry = inNotes(b, offset, length);
        if (entry >= 0) {
          return entry;
        }
      }
    }
    return -1;
  }

  private static long inNotes(ByteBuffer b, long offset, long length) {
    if (offset < 0 || length < 0 || offset > b.limit() || length > b.limit() - offset) {
      return -1;
    }
    int end = (int) (offset + length);
    for (long at = offset; at + 12 <= end; ) {
      long name = b.getInt((int) at) & 0xffffffffL;
      long content = b.getInt((int) at + 4) & 0xffffffffL;
      long contentAt = at + 12 + (name + 3 & ~3L);
      if (contentAt + content > end) {
        return -1;
      }
      boolean xen = name == OWNER.length() && b.getInt((int) at + 12) == 0x006e6558;
      if (xen && b.getInt((int) at + 8) == PHYS32_ENTRY && content >= 4) {
        return b.getInt((int) contentAt) & 0xffffffffL;
      }
      at = contentAt + (content + 3 & ~3L);
    }
    return -1;
  }

  /**
   * The start information followed by what it points to, as it stands at an address.
   *
   * @param rsdp address of the ACPI root pointer, 0 if there is none
   */
  static byte[] info(long address, MemoryMap map, long rsdp, String commandLine, List<BootModules.Placed> modules) {
    List<MemoryMap.Entry> entries = map.entries();
    int modulesAt = INFO;
    int mapAt = modulesAt + modules.size() * MODULE;
    int textAt = mapAt + entries.size() * MAP_ENTRY;
    int text = commandLine.length() + 1 + modules.stream().mapToInt(m -> m.text().length() + 1).sum();
    ByteBuffer b = ByteBuffer.allocate(textAt + text).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(MAGIC).putInt(1).putInt(0).putInt(modules.size()).putLong(address + modulesAt).putLong(address + textAt).putLong(rsdp);
    b.putLong(address + mapAt).putInt(entries.size()).putInt(0);
    int words = text(b, textAt, commandLine);
    for (BootModules.Placed m : modules) {
      b.putLong(m.start()).putLong(m.end() - m.start()).putLong(address + words).putLong(0);
      words = text(b, words, m.text());
    }
    entries.forEach(e -> b.putLong(e.start()).putLong(e.length()).putInt(e.type()).putInt(0));
    return b.array();
  }

  private static int text(ByteBuffer b, int at, String s) {
    byte[] bytes = (s + "\0").getBytes(StandardCharsets.ISO_8859_1);
    b.put(at, bytes);
    return at + bytes.length;
  }
}
