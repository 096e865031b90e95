package dev.trapline.vm.machine;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a machine starts.
 *
 * @param name for messages, usually the file name
 * @param bytes the file
 * @param kind how to load it
 * @param address {@link Kind#FLAT}: physical address of the first byte, where it also starts
 * @param bits {@link Kind#FLAT}: mode it starts in, 16, 32 or 64
 * @param commandLine given to multiboot and Linux kernels
 * @param initrd initial RAM disk of a Linux kernel; empty for none
 * @param modules given to multiboot and PVH kernels
 */
public record BootImage(String name, byte[] bytes, Kind kind, long address, int bits, String commandLine, byte[] initrd,
    List<Module> modules) {
  /**
   * A file that a kernel finds in memory beside itself.
   *
   * @param text its command line, usually its name and arguments
   */
  public record Module(String text, byte[] bytes) {}

  private static final byte[] NO_INITRD = {};
  private static final int MIN_ROM = 64 << 10;
  private static final int MAX_ROM = 16 << 20;
  private static final int ROM_PAGE = 4096;

  /** Ways to load an image. */
  public enum Kind {
    /**
     * Look: an ELF file (with a multiboot header or without), else a Linux kernel, else 55h AAh at offset 510, else a multiboot
     * header, else flat.
     */
    AUTO,
    /** Multiboot 1, ELF32 or with addresses in its header. */
    MULTIBOOT,
    /** Multiboot 2, ELF or with addresses in its header. */
    MULTIBOOT2,
    /** An ELF file with Xen's note of a 32-bit entry point: an uncompressed Linux kernel. */
    PVH,
    /** A bzImage at its 32-bit entry. */
    LINUX,
    /** ELF32 in 32-bit protected mode or ELF64 in 64-bit mode, at its entry point. */
    ELF,
    /** A disk image (or only its first sector) whose first sector the firmware loads to 7C00h. */
    BOOT_SECTOR,
    /** Plain bytes at an address. */
    FLAT,
    /** A BIOS: a ROM that ends at 4 GiB, its last 128 KiB also below 1 MiB. The processor starts at its reset vector. */
    FIRMWARE
  }

  /** An image without modules. */
  public BootImage(String name, byte[] bytes, Kind kind, long address, int bits, String commandLine, byte[] initrd) {
    this(name, bytes, kind, address, bits, commandLine, initrd, List.of());
  }

  /** An image without a RAM disk. */
  public BootImage(String name, byte[] bytes, Kind kind, long address, int bits, String commandLine) {
    this(name, bytes, kind, address, bits, commandLine, NO_INITRD);
  }

  /** Where flat images go unless told otherwise. */
  public static final long DEFAULT_ADDRESS = 0x100000;

  /** An image whose kind is found by looking at it; flat ones go to 1 MiB and start in 32-bit mode. */
  public static BootImage auto(String name, byte[] bytes, String commandLine) {
    return new BootImage(name, bytes, Kind.AUTO, DEFAULT_ADDRESS, 32, commandLine);
  }

  /** Plain bytes at an address, started in 16-, 32- or 64-bit mode. */
  public static BootImage flat(String name, byte[] bytes, long address, int bits) {
    return new BootImage(name, bytes, Kind.FLAT, address, bits, "");
  }

  /**
   * A BIOS.
   *
   * @throws BootException if a ROM cannot have this size
   */
  public static BootImage firmware(String name, byte[] rom) {
    if (rom.length < MIN_ROM || rom.length > MAX_ROM || rom.length % ROM_PAGE != 0) {
      throw BootException.of("%s: a BIOS of 64 KiB to 16 MiB in whole pages of 4 KiB expected, this has %d bytes", name, rom.length);
    }
    return new BootImage(name, rom, Kind.FIRMWARE, -rom.length & 0xffffffffL, 16, "");
  }

  /** The same with an initial RAM disk. */
  public BootImage withInitrd(byte[] ramdisk) {
    return new BootImage(name, bytes, kind, address, bits, commandLine, ramdisk, modules);
  }

  /** The same with a further module. */
  public BootImage withModule(String text, byte[] content) {
    return new BootImage(name, bytes, kind, address, bits, commandLine, initrd,
        Stream.concat(modules.stream(), Stream.of(new Module(text, content))).toList());
  }

  /** The kind, {@link Kind#AUTO} resolved. */
  public Kind resolvedKind() {
    if (kind != Kind.AUTO) {
      return kind;
    }
    boolean header = Multiboot.findHeader(bytes) >= 0;
    if (ElfFile.hasMagic(bytes)) {
      return header ? Kind.MULTIBOOT : Multiboot2.findHeader(bytes) >= 0 ? Kind.MULTIBOOT2 : Pvh.entry(bytes) >= 0 ? Kind.PVH : Kind.ELF;
    }
    if (LinuxBoot.isKernel(bytes)) {
      return Kind.LINUX;
    }
    if (BootSector.hasSignature(bytes)) {
      return Kind.BOOT_SECTOR;
    }
    return header ? Kind.MULTIBOOT : Multiboot2.findHeader(bytes) >= 0 ? Kind.MULTIBOOT2 : Kind.FLAT;
  }
}
