package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.List;

/** Puts an image into memory and the processor at its entry. Checks everything before it changes anything. */
final class Loader {
  /** Multiboot information goes into low memory, above the firmware's data area. */
  private static final long INFO = 0x9000;
  private static final long INFO_END = 0x10000;

  /** Bytes that go to an address, then zeros. */
  private record Piece(String what, long address, int offset, int length, long memoryLength) {
    long end() {
      return address + memoryLength;
    }
  }

  private final String name;
  private final byte[] bytes;
  private final PhysicalMemory memory;
  private final MemoryMap map;
  private final Cpu cpu;

  Loader(BootImage image, PhysicalMemory memory, MemoryMap map, Cpu cpu) {
    this.name = image.name();
    this.bytes = image.bytes();
    this.memory = memory;
    this.map = map;
    this.cpu = cpu;
  }

  /**
   * Loads an image of a kind that starts without the firmware.
   *
   * @throws BootException if it cannot
   */
  void load(BootImage image) {
    if (bytes.length == 0) {
      throw BootException.of("%s: the file is empty", name);
    }
    switch (image.resolvedKind()) {
      case MULTIBOOT -> multiboot(image.commandLine());
      case LINUX -> new LinuxBoot(image, memory, map).load(cpu, image.commandLine(), image.initrd());
      case ELF -> elf();
      case FLAT -> flat(image.address(), image.bits());
      case BOOT_SECTOR, AUTO -> throw new IllegalStateException(image.resolvedKind() + " is not for the loader");
    }
  }

  private void multiboot(String commandLine) {
    Multiboot.Header header = Multiboot.header(name, bytes);
    byte[] info = Multiboot.info(INFO, map, commandLine);
    if (INFO + info.length > INFO_END) {
      throw BootException.of("%s: a command line of %d characters: at most %d fit", name, commandLine.length(), INFO_END - INFO - 1024);
    }
    long entry;
    List<Piece> pieces;
    if (header.addresses() != null) {
      Multiboot.Addresses a = header.addresses();
      pieces = List.of(kludge(header.at(), a));
      entry = a.entry();
      if (entry < pieces.getFirst().address || entry >= pieces.getFirst().end()) {
        throw BootException.of("%s: the multiboot entry %#x lies outside what is loaded", name, entry);
      }
    } else {
      ElfFile elf = ElfFile.parse(name, bytes);
      if (elf.wide()) {
        throw BootException.of("%s: a multiboot kernel is an ELF32 file or has addresses in its header; this is ELF64", name);
      }
      pieces = pieces(elf);
      entry = elf.physicalEntry(name);
    }
    place(pieces, INFO, INFO_END);
    memory.poke(INFO, info, 0, info.length);
    EntryState.protected32(cpu, entry);
    cpu.r[Cpu.RAX] = Multiboot.LOADER_MAGIC;
    cpu.r[Cpu.RBX] = INFO;
  }

  /** The load range of a header with addresses. */
  private Piece kludge(int at, Multiboot.Addresses a) {
    long fileOffset = at - (a.header() - a.load());
    if (a.load() > a.header() || fileOffset < 0) {
      throw BootException.of("%s: multiboot header_addr %#x and load_addr %#x do not fit the header's offset %#x", name, a.header(),
          a.load(), at);
    }
    long length = a.loadEnd() == 0 ? bytes.length - fileOffset : a.loadEnd() - a.load();
    if (length <= 0 || fileOffset + length > bytes.length) {
      throw BootException.of("%s: multiboot load_end_addr %#x wants %#x bytes from offset %#x of a file of %#x: is it cut short?", name,
          a.loadEnd(), length, fileOffset, bytes.length);
    }
    long memoryLength = a.bssEnd() == 0 ? length : a.bssEnd() - a.load();
    if (memoryLength < length) {
      throw BootException.of("%s: multiboot bss_end_addr %#x lies below the end of the loaded bytes", name, a.bssEnd());
    }
    return new Piece("the kernel", a.load(), (int) fileOffset, (int) length, memoryLength);
  }

  private void elf() {
    ElfFile elf = ElfFile.parse(name, bytes);
    long entry = elf.physicalEntry(name);
    place(pieces(elf), 0, 0);
    if (elf.wide()) {
      EntryState.long64(cpu, entry);
    } else {
      EntryState.protected32(cpu, entry);
    }
  }

  private static List<Piece> pieces(ElfFile elf) {
    return elf.segments().stream()
        .map(s -> new Piece("an ELF segment", s.physical(), s.offset(), s.fileSize(), s.memorySize())).toList();
  }

  private void flat(long address, int bits) {
    if (bits != 16 && bits != 32 && bits != 64) {
      throw BootException.of("%s: a start in %d-bit mode: 16, 32 or 64 expected", name, bits);
    }
    if (bits == 16 && address > 0xfffff) {
      throw BootException.of("%s: address %#x cannot be reached in real mode: below 100000h expected", name, address);
    }
    place(List.of(new Piece("the image", address, 0, bytes.length, bytes.length)), 0, 0);
    switch (bits) {
      case 16 -> EntryState.real(cpu, (int) (address >> 4 & 0xf000), (int) address & 0xffff);
      case 32 -> EntryState.protected32(cpu, address);
      default -> EntryState.long64(cpu, address);
    }
  }

  /** Checks all pieces, then copies them. They must stay clear of the loader's own data. */
  private void place(List<Piece> pieces, long ownFrom, long ownTo) {
    for (Piece p : pieces) {
      requireRam(p);
      if (p.address < ownTo && p.end() > ownFrom) {
        throw BootException.of("%s: %s at %#x to %#x overwrites the boot information at %#x to %#x", name, p.what, p.address, p.end(),
            ownFrom, ownTo);
      }
    }
    for (Piece p : pieces) {
      memory.poke(p.address, bytes, p.offset, p.length);
    }
  }

  private void requireRam(Piece p) {
    PhysicalMemory.Region r = p.address < 0 ? null : memory.regionAt(p.address);
    if (r == null || !memory.isRam(p.address)) {
      throw BootException.of("%s: %s goes to %#x where there is no RAM: the machine has %s", name, p.what, p.address, ram());
    }
    if (p.end() > r.end()) {
      throw BootException.of("%s: %s needs memory up to %#x: the machine has %s; give it more", name, p.what, p.end(), ram());
    }
  }

  private String ram() {
    return String.format("RAM to %#x and from 0x100000 to %#x", MemoryMap.LOW_END, map.highEnd());
  }
}
