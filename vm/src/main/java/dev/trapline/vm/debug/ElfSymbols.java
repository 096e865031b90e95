package dev.trapline.vm.debug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Functions and objects named in an ELF file's symbol table. A damaged table gives fewer names, never an error: names are a comfort. */
final class ElfSymbols {
  private static final int MAGIC = 0x464c457f;
  private static final int SHT_SYMTAB = 2;
  private final ByteBuffer file;
  private final boolean wide;
  private final Map<String, Long> found = new TreeMap<>();

  private ElfSymbols(byte[] bytes) {
    this.file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.wide = bytes[4] == 2;
  }

  /** Names and source lines of an ELF file; none if it is no ELF file or has no symbols. */
  static Symbols of(byte[] bytes) {
    Map<String, Long> found = read(bytes);
    return found.isEmpty() ? Symbols.NONE : new Symbols(found, DwarfLines.of(bytes));
  }

  /** The same as addresses by name. */
  static Map<String, Long> read(byte[] bytes) {
    if (bytes.length < 64 || ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0) != MAGIC) {
      return Map.of();
    }
    ElfSymbols reader = new ElfSymbols(bytes);
    reader.sections();
    return reader.found;
  }

  private void sections() {
    long table = wide ? file.getLong(40) : file.getInt(32) & 0xffffffffL;
    int size = file.getShort(wide ? 58 : 46) & 0xffff;
    int count = file.getShort(wide ? 60 : 48) & 0xffff;
    if (size < (wide ? 64 : 40) || !inside(table, (long) size * count)) {
      return;
    }
    for (int i = 0; i < count; i++) {
      int at = (int) table + i * size;
      int link = file.getInt(at + (wide ? 40 : 24));
      if (file.getInt(at + 4) == SHT_SYMTAB && link >= 0 && link < count) {
        symbols(at, (int) table + link * size);
      }
    }
  }

  private void symbols(int section, int strings) {
    long from = offset(section);
    long bytes = size(section);
    int each = wide ? 24 : 16;
    if (!inside(from, bytes) || !inside(offset(strings), size(strings))) {
      return;
    }
    for (int at = (int) from; at + each <= from + bytes; at += each) {
      int info = file.get(at + (wide ? 4 : 12));
      int home = file.getShort(at + (wide ? 6 : 14)) & 0xffff;
      long value = wide ? file.getLong(at + 8) : file.getInt(at + 4) & 0xffffffffL;
      String name = name(offset(strings) + (file.getInt(at) & 0xffffffffL));
      // NOTYPE (assembly labels), OBJECT and FUNC; not undefined, not file names.
      if (!name.isEmpty() && home != 0 && (info & 15) <= 2) {
        found.put(name, value);
      }
    }
  }

  private long offset(int section) {
    return wide ? file.getLong(section + 24) : file.getInt(section + 16) & 0xffffffffL;
  }

  private long size(int section) {
    return wide ? file.getLong(section + 32) : file.getInt(section + 20) & 0xffffffffL;
  }

  private boolean inside(long from, long bytes) {
    return from >= 0 && bytes >= 0 && from <= file.limit() && bytes <= file.limit() - from;
  }

  private String name(long at) {
    int end = (int) Math.min(at, file.limit());
    while (end < file.limit() && file.get(end) != 0) {
      end++;
    }
    return at >= end ? "" : new String(file.array(), (int) at, end - (int) at, StandardCharsets.ISO_8859_1);
  }
}
