package dev.trapline.vm.debug;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The sections of an ELF file by name, unpacked. A damaged file has fewer of them. */
final class ElfSections {
  private static final int MAGIC = 0x464c457f;
  private static final int SHT_NOBITS = 8;
  private static final long SHF_COMPRESSED = 0x800;
  private static final int ELFCOMPRESS_ZLIB = 1;
  private static final long MOST = 1L << 30;
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);
  private final ByteBuffer file;
  private final boolean wide;

  ElfSections(byte[] bytes) {
    this.file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.wide = isElf(bytes) && bytes[4] == 2;
  }

  static boolean isElf(byte[] bytes) {
    return bytes.length >= 64 && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == MAGIC;
  }

  private long word(int at) {
    return wide ? file.getLong(at) : file.getInt(at) & 0xffffffffL;
  }

  /** A section's contents, little-endian; empty if there is none of this name. */
  ByteBuffer find(String name) {
    if (!isElf(file.array())) {
      return NONE;
    }
    long table = word(wide ? 40 : 32);
    int size = file.getShort(wide ? 58 : 46) & 0xffff;
    int count = file.getShort(wide ? 60 : 48) & 0xffff;
    int strings = file.getShort(wide ? 62 : 50) & 0xffff;
    if (size < (wide ? 64 : 40) || table < 0 || table > file.limit() - (long) size * count || strings >= count) {
      return NONE;
    }
    ByteBuffer names = contents((int) table + strings * size);
    for (int i = 0; i < count; i++) {
      int at = (int) table + i * size;
      if (named(names, file.getInt(at), name)) {
        return contents(at);
      }
    }
    return NONE;
  }

  private static boolean named(ByteBuffer names, int at, String name) {
    byte[] wanted = name.getBytes(StandardCharsets.ISO_8859_1);
    int end = at + wanted.length;
    return at >= 0 && end < names.limit() && names.get(end) == 0
        && Arrays.equals(names.array(), names.arrayOffset() + at, names.arrayOffset() + end, wanted, 0, wanted.length);
  }

  private ByteBuffer contents(int header) {
    long from = word(header + (wide ? 24 : 16));
    long bytes = word(header + (wide ? 32 : 20));
    if (file.getInt(header + 4) == SHT_NOBITS || from < 0 || bytes < 0 || from > file.limit() - bytes) {
      return NONE;
    }
    ByteBuffer raw = file.slice((int) from, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    return (word(header + 8) & SHF_COMPRESSED) == 0 ? raw : inflated(raw);
  }

  private ByteBuffer inflated(ByteBuffer raw) {
    int header = wide ? 24 : 12;
    long bytes = raw.limit() < header ? -1 : wide ? raw.getLong(8) : raw.getInt(4) & 0xffffffffL;
    if (bytes < 0 || bytes > MOST || raw.getInt(0) != ELFCOMPRESS_ZLIB) {
      return NONE;
    }
    byte[] out = new byte[(int) bytes];
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(raw.slice(header, raw.limit() - header));
      int done = inflater.inflate(out);
      return done == out.length ? ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN) : NONE;
    } catch (DataFormatException damaged) {
      return NONE;
    }
  }
}
