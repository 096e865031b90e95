package dev.trapline.vm.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Multiboot 1 (specification 0.6.96): finding and checking the header, and building the information structure. */
final class Multiboot {
  /** In EAX at the start of a kernel. */
  static final int LOADER_MAGIC = 0x2badb002;
  private static final int HEADER_MAGIC = 0x1badb002;
  /** The header lies in the first 8 KiB, four-byte aligned. */
  private static final int SEARCH = 8192;
  private static final int HEADER = 12;
  private static final int ADDRESSES = 32;
  private static final int FLAG_ADDRESSES = 0x10000;
  /** Flags a loader must honour or refuse: bits 0 (page-aligned modules), 1 (memory information), 2 (video mode). */
  private static final int REQUIRED = 0xffff;
  private static final int UNDERSTOOD = 3;
  private static final int INFO_FLAGS = 1 | 4 | 0x40 | 0x200;
  /** Bytes of the information structure. */
  private static final int INFO = 120;
  private static final int FLAG_MODULES = 8;
  private static final int MODULE = 16;
  private static final int MAP_ENTRY = 24;
  private static final String LOADER = "Trapline";

  /**
   * A header.
   *
   * @param at its offset in the file
   * @param addresses the five address fields, or null if the file's own format says where it goes
   */
  record Header(int at, Addresses addresses) {}

  /** Where a file without a format of its own goes. */
  record Addresses(long header, long load, long loadEnd, long bssEnd, long entry) {}

  private Multiboot() {}

  /** Offset of the header, or -1: magic, flags and checksum must add up to 0. */
  static int findHeader(byte[] file) {
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int end = Math.min(file.length, SEARCH) - HEADER;
    for (int at = 0; at <= end; at += 4) {
      if (b.getInt(at) == HEADER_MAGIC && b.getInt(at) + b.getInt(at + 4) + b.getInt(at + 8) == 0) {
        return at;
      }
    }
    return -1;
  }

  /** @throws BootException if there is no header or it asks for what is not given */
  static Header header(String name, byte[] file) {
    int at = findHeader(file);
    if (at < 0) {
      throw BootException.of("%s: no multiboot header (1BADB002h with a good checksum) in the first 8 KiB", name);
    }
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int flags = b.getInt(at + 4);
    if ((flags & REQUIRED & ~UNDERSTOOD) != 0) {
      throw BootException.of("%s: multiboot flags %#x at offset %#x ask for more than page alignment and memory information (bits 0 and 1)",
          name, flags, at + 4);
    }
    if ((flags & FLAG_ADDRESSES) == 0) {
      return new Header(at, null);
    }
    if (at + ADDRESSES > file.length) {
      throw BootException.of("%s: multiboot address fields at offset %#x cut short by the end of the file", name, at + HEADER);
    }
    return new Header(at, new Addresses(u32(b, at + 12), u32(b, at + 16), u32(b, at + 20), u32(b, at + 24), u32(b, at + 28)));
  }

  private static long u32(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffffffffL;
  }

  /**
   * The information structure followed by what it points to, as it stands at an address.
   *
   * @param address physical address of the first byte
   */
  static byte[] info(long address, MemoryMap map, String commandLine, List<BootModules.Placed> modules) {
    byte[] command = text(commandLine);
    byte[] loader = text(LOADER);
    List<MemoryMap.Entry> entries = map.entries();
    int commandAt = INFO;
    int loaderAt = commandAt + command.length;
    int mapAt = loaderAt + loader.length + 3 & ~3;
    int modulesAt = mapAt + entries.size() * MAP_ENTRY;
    int textAt = modulesAt + modules.size() * MODULE;
    int words = modules.stream().mapToInt(m -> text(m.text()).length).sum();
    ByteBuffer b = ByteBuffer.allocate(textAt + words).order(ByteOrder.LITTLE_ENDIAN);
    int base = (int) address;
    b.putInt(0, INFO_FLAGS).putInt(4, (int) (MemoryMap.LOW_END >> 10)).putInt(8, (int) map.upperKib());
    b.putInt(16, base + commandAt).putInt(44, entries.size() * MAP_ENTRY).putInt(48, base + mapAt).putInt(64, base + loaderAt);
    b.put(commandAt, command).put(loaderAt, loader);
    for (int i = 0; i < entries.size(); i++) {
      MemoryMap.Entry e = entries.get(i);
      int at = mapAt + i * MAP_ENTRY;
      b.putInt(at, MAP_ENTRY - 4).putLong(at + 4, e.start()).putLong(at + 12, e.length()).putInt(at + 20, e.type());
    }
    if (!modules.isEmpty()) {
      b.putInt(0, INFO_FLAGS | FLAG_MODULES).putInt(20, modules.size()).putInt(24, base + modulesAt);
      modules(b, base, modulesAt, textAt, modules);
    }
    return b.array();
  }

  private static void modules(ByteBuffer b, int base, int at, int textAt, List<BootModules.Placed> modules) {
    for (BootModules.Placed m : modules) {
      byte[] words = text(m.text());
      b.putInt(at, (int) m.start()).putInt(at + 4, (int) m.end()).putInt(at + 8, base + textAt).put(textAt, words);
      at += MODULE;
      textAt += words.length;
    }
  }

  private static byte[] text(String s) {
    return (s + "\0").getBytes(StandardCharsets.ISO_8859_1);
  }
}
