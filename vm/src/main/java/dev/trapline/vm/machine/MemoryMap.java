package dev.trapline.vm.machine;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The physical address space of the PC: RAM below 640 KiB, a hole where video memory would be, option ROM space left empty, firmware
 * ROM at F0000h and again below 4 GiB, RAM from 1 MiB to at most 3 GiB, the rest of it from 4 GiB up.
 */
final class MemoryMap {
  static final long MIB = 1L << 20;
  static final long GIB = 1L << 30;
  static final long LOW_END = 0xa0000;
  /** Option ROMs and, in their upper part, tables; RAM may be put in its place by the host bridge, to the end of the firmware ROM. */
  static final long EXPANSION = 0xc0000;
  /** The FACS and behind it the other ACPI tables of the PC board, in RAM in place of the expansion bus. */
  static final long FACS = 0xe0000;
  static final long TABLES = 0xe1000;
  static final long ROM = 0xf0000;
  static final int ROM_SIZE = 0x10000;
  /** The most of a BIOS that is also below 1 MiB. */
  static final int LOW_ROM = 0x20000;
  static final long HIGH_ROM = 0xffff0000L;
  /** RAM below 4 GiB ends here at the latest; the rest is for devices. */
  static final long HOLE = 3 * GIB;
  /** Type of usable RAM in E820 and multiboot maps. */
  static final int USABLE = 1;
  static final int RESERVED = 2;
  private static final int ACPI_TABLES = 3;
  private static final int ACPI_NVS = 4;

  /** An entry of the map handed to guests. */
  record Entry(long start, long length, int type) {}

  private final long size;
  private final boolean tables;

  /** The minimal board's. */
  MemoryMap(long size) {
    this(size, false);
  }

  /**
   * @param tables whether there are ACPI tables below the firmware ROM
   */
  MemoryMap(long size, boolean tables) {
    this.size = size;
    this.tables = tables;
  }

  boolean hasTables() {
    return tables;
  }

  /** End of RAM below the hole. */
  long highEnd() {
    return Math.min(size, HOLE);
  }

  /** Bytes of RAM from 4 GiB up. */
  long above4G() {
    return Math.max(0, size - HOLE);
  }

  /** Builds the address space on frames of a source. */
  PhysicalMemory build(byte[] rom, PhysicalMemory.FrameSource frames) {
    PhysicalMemory memory = new PhysicalMemory(4 * GIB + above4G(), frames);
    memory.addRam("low RAM", 0, LOW_END);
    byte[] low = rom.length <= LOW_ROM ? rom : Arrays.copyOfRange(rom, rom.length - LOW_ROM, rom.length);
    memory.addRom("firmware", MIB - low.length, low);
    if (highEnd() > MIB) {
      memory.addRam("RAM", MIB, highEnd() - MIB);
    }
    memory.addRom("firmware (high)", 4 * GIB - rom.length, rom);
    if (above4G() > 0) {
      memory.addRam("RAM above 4 GiB", 4 * GIB, above4G());
    }
    memory.addShadow(EXPANSION, MIB - EXPANSION);
    return memory;
  }

  /** The map as the firmware tells it. */
  List<Entry> entries() {
    List<Entry> out = new ArrayList<>();
    out.add(new Entry(0, LOW_END, USABLE));
    if (tables) {
      out.add(new Entry(FACS, TABLES - FACS, ACPI_NVS));
      out.add(new Entry(TABLES, ROM - TABLES, ACPI_TABLES));
    }
    out.add(new Entry(ROM, ROM_SIZE, RESERVED));
    if (highEnd() > MIB) {
      out.add(new Entry(MIB, highEnd() - MIB, USABLE));
    }
    out.add(new Entry(HIGH_ROM, ROM_SIZE, RESERVED));
    if (above4G() > 0) {
      out.add(new Entry(4 * GIB, above4G(), USABLE));
    }
    return out;
  }

  /** KiB of RAM from 1 MiB up to the hole. */
  long upperKib() {
    return (highEnd() - MIB) >>> 10;
  }
}
