package dev.trapline.vm.machine;

import dev.trapline.vm.machine.tables.AcpiTables;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Multiboot 2 (specification 2.0): finding and checking the header, and building the information tags. */
final class Multiboot2 {
  /** In EAX at the start of a kernel. */
  static final int LOADER_MAGIC = 0x36d76289;
  private static final int HEADER_MAGIC = 0xe85250d6;
  /** The header lies in the first 32 KiB, eight-byte aligned. */
  private static final int SEARCH = 32768;
  private static final int HEADER = 16;
  private static final int I386 = 0;
  private static final int OPTIONAL = 1;
  private static final int TAG = 8;

  private static final int END = 0;
  private static final int REQUEST = 1;
  private static final int ADDRESS = 2;
  private static final int ENTRY = 3;
  private static final int CONSOLE = 4;
  private static final int MODULE_ALIGNMENT = 6;
  private static final int EFI_BOOT_SERVICES = 7;
  private static final int EFI_ENTRY_32 = 8;
  private static final int EFI_ENTRY_64 = 9;
  private static final int RELOCATABLE = 10;
  /** What is not given, asked for as optional or only for EFI, does no harm. */
  private static final Set<Integer> IGNORED = Set.of(CONSOLE, MODULE_ALIGNMENT, EFI_BOOT_SERVICES, EFI_ENTRY_32, EFI_ENTRY_64, RELOCATABLE);

  private static final int COMMAND_LINE = 1;
  private static final int LOADER_NAME = 2;
  private static final int MODULE = 3;
  private static final int MEMORY = 4;
  private static final int MEMORY_MAP = 6;
  private static final int RSDP_1 = 14;
  private static final int RSDP_2 = 15;
  private static final Set<Integer> GIVEN = Set.of(END, COMMAND_LINE, LOADER_NAME, MODULE, MEMORY, MEMORY_MAP, RSDP_1, RSDP_2);
  private static final int MAP_ENTRY = 24;

  private Multiboot2() {}

  /** Offset of the header, or -1: magic, architecture, length and checksum must add up to 0. */
  static int findHeader(byte[] file) {
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int end = Math.min(file.length, SEARCH) - HEADER;
    for (int at = 0; at <= end; at += 8) {
      if (b.getInt(at) == HEADER_MAGIC && b.getInt(at) + b.getInt(at + 4) + b.getInt(at + 8) + b.getInt(at + 12) == 0) {
        return at;
      }
    }
    return -1;
  }

  /**
   * What a header says.
   *
   * @param addresses where the file goes, or null if its own format says so; its entry is 0 unless the header has one
   * @param entry physical entry point, or -1 if the file's format says so
   */
  record Header(int at, Multiboot.Addresses addresses, long entry) {}

  /** @throws BootException if there is no header or it asks for what is not given */
  static Header header(String name, byte[] file) {
    int at = findHeader(file);
    if (at < 0) {
      throw BootException.of("%s: no multiboot 2 header (E85250D6h with a good checksum) in the first 32 KiB", name);
    }
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (b.getInt(at + 4) != I386) {
      throw BootException.of("%s: multiboot 2 architecture %d at offset %#x: 0 (i386) expected", name, b.getInt(at + 4), at + 4);
    }
    long end = at + (b.getInt(at + 8) & 0xffffffffL);
    Header h = new Header(at, null, -1);
    for (long tag = at + HEADER; tag + TAG <= end; ) {
      int size = tag + TAG <= file.length ? b.getInt((int) tag + 4) : 0;
      if (size < TAG || tag + size > file.length) {
        throw BootException.of("%s: multiboot 2 header tag at offset %#x with %d bytes: is the file cut short?", name, tag, size);
      }
      int type = b.getShort((int) tag) & 0xffff;
      if (type == END) {
        break;
      }
      h = take(name, b, (int) tag, type, size, h);
      tag = tag + size + 7 & ~7;
    }
    return h;
  }

  private static Header take(String name, ByteBuffer b, int tag, int type, int size, Header h) {
    boolean optional = (b.getShort(tag + 2) & OPTIONAL) != 0;
    if (type == ADDRESS && size >= 24) {
      return new Header(h.at, new Multiboot.Addresses(u32(b, tag + 8), u32(b, tag + 12), u32(b, tag + 16), u32(b, tag + 20), 0), h.entry);
    }
    if (type == ENTRY && size >= 12) {
      return new Header(h.at, h.addresses, u32(b, tag + 8));
    }
    if (type == REQUEST) {
      for (int at = tag + TAG; at + 4 <= tag + size; at += 4) {
        if (!optional && !GIVEN.contains(b.getInt(at))) {
          throw BootException.of("%s: the multiboot 2 header asks for information of type %d, which is not given", name, b.getInt(at));
        }
      }
    } else if (!optional && !IGNORED.contains(type)) {
      throw BootException.of("%s: multiboot 2 header tag %d at offset %#x is not understood and not optional", name, type, tag);
    }
    return h;
  }

  private static long u32(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffffffffL;
  }

  /** The information tags, the same wherever they stand (eight-byte aligned). */
  static byte[] info(MemoryMap map, byte[] rsdp, String commandLine, List<BootModules.Placed> modules) {
    List<MemoryMap.Entry> entries = map.entries();
    int text = commandLine.length() + modules.stream().mapToInt(m -> m.text().length() + 40).sum();
    ByteBuffer b = ByteBuffer.allocate(512 + text + entries.size() * MAP_ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(0);
    tag(b, COMMAND_LINE, text(commandLine));
    tag(b, LOADER_NAME, text("Trapline"));
    for (BootModules.Placed m : modules) {
      byte[] words = text(m.text());
      tag(b, MODULE, little(8 + words.length).putInt((int) m.start()).putInt((int) m.end()).put(words).array());
    }
    tag(b, MEMORY, little(8).putInt((int) (MemoryMap.LOW_END >> 10)).putInt((int) map.upperKib()).array());
    ByteBuffer list = little(8 + entries.size() * MAP_ENTRY).putInt(MAP_ENTRY).putInt(0);
    entries.forEach(e -> list.putLong(e.start()).putLong(e.length()).putInt(e.type()).putInt(0));
    tag(b, MEMORY_MAP, list.array());
    if (map.hasTables()) {
      tag(b, RSDP_1, Arrays.copyOf(rsdp, AcpiTables.RSDP_FIRST));
      tag(b, RSDP_2, rsdp);
    }
    tag(b, END, new byte[0]);
    b.putInt(0, b.position());
    return Arrays.copyOf(b.array(), b.position());
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void tag(ByteBuffer b, int type, byte[] content) {
    b.putInt(type).putInt(TAG + content.length).put(content);
    b.position(b.position() + 7 & ~7);
  }

  private static byte[] text(String s) {
    return (s + "\0").getBytes(StandardCharsets.ISO_8859_1);
  }
}
