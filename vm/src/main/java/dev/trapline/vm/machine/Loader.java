package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.machine.tables.AcpiTables;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
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
      case MULTIBOOT -> multiboot(image);
      case MULTIBOOT2 -> multiboot2(image);
      case PVH -> pvh(image);
      case LINUX -> new LinuxBoot(image, memory, map).load(cpu, image.commandLine(), image.initrd());
      case ELF -> elf();
      case FLAT -> flat(image.address(), image.bits());
      case BOOT_SECTOR, AUTO -> throw new IllegalStateException(image.resolvedKind() + " is not for the loader");
    }
  }

  // ---- multiboot and PVH

  private void multiboot(BootImage image) {
    Multiboot.Header header = Multiboot.header(name, bytes);
    Kernel kernel = header.addresses() != null ? kernel(header.at(), header.addresses(), header.addresses().entry()) : elf32();
    List<BootModules.Placed> modules = modules(image, kernel, image.modules());
    start(kernel, modules, Multiboot.info(INFO, map, image.commandLine(), modules), Multiboot.LOADER_MAGIC);
  }

  /** Kernel bytes and a 32-bit entry. */
  private record Kernel(List<Piece> pieces, long entry) {
    long end() {
      return pieces.stream().mapToLong(Piece::end).max().orElse(0);
    }
  }

  private Kernel kernel(int headerAt, Multiboot.Addresses a, long entry) {
    Piece piece = kludge(headerAt, a);
    if (entry < piece.address || entry >= piece.end()) {
      throw BootException.of("%s: the multiboot entry %#x lies outside what is loaded", name, entry);
    }
    return new Kernel(List.of(piece), entry);
  }

  private Kernel elf32() {
    ElfFile elf = ElfFile.parse(name, bytes);
    if (elf.wide()) {
      throw BootException.of("%s: a multiboot kernel is an ELF32 file or has addresses in its header; this is ELF64", name);
    }
    return new Kernel(pieces(elf), elf.physicalEntry(name));
  }

  private void multiboot2(BootImage image) {
    Multiboot2.Header header = Multiboot2.header(name, bytes);
    Kernel kernel;
    if (header.addresses() != null) {
      if (header.entry() < 0) {
        throw BootException.of("%s: a multiboot 2 header with addresses needs an entry address, too", name);
      }
      kernel = kernel(header.at(), header.addresses(), header.entry());
    } else {
      ElfFile elf = ElfFile.parse(name, bytes);
      kernel = new Kernel(pieces(elf), header.entry() >= 0 ? header.entry() : elf.physicalEntry(name));
    }
    List<BootModules.Placed> modules = modules(image, kernel, image.modules());
    start(kernel, modules, Multiboot2.info(map, rsdp(), image.commandLine(), modules), Multiboot2.LOADER_MAGIC);
  }

  private byte[] rsdp() {
    byte[] b = new byte[AcpiTables.RSDP_SIZE];
    memory.peek(FirmwareTables.RSDP, b, 0, b.length);
    return b;
  }

  private void pvh(BootImage image) {
    long entry = Pvh.entry(bytes);
    if (entry < 0) {
      throw BootException.of("%s: no Xen note with a PVH entry point (type 18) in the ELF file", name);
    }
    Kernel kernel = new Kernel(pieces(ElfFile.parse(name, bytes)), entry);
    var wanted = new ArrayList<BootImage.Module>();
    if (image.initrd().length > 0) {
      wanted.add(new BootImage.Module("initrd", image.initrd()));
    }
    wanted.addAll(image.modules());
    List<BootModules.Placed> modules = modules(image, kernel, wanted);
    start(kernel, modules, Pvh.info(INFO, map, map.hasTables() ? FirmwareTables.RSDP : 0, image.commandLine(), modules), 0);
  }

  private List<BootModules.Placed> modules(BootImage image, Kernel kernel, List<BootImage.Module> wanted) {
    return BootModules.place(image.name(), wanted, kernel.end(), map);
  }

  /** Loads everything and stands at the entry in 32-bit mode with EBX at the information. */
  private void start(Kernel kernel, List<BootModules.Placed> modules, byte[] info, int magic) {
    if (INFO + info.length > INFO_END) {
      throw BootException.of("%s: boot information of %d bytes: at most %d fit; shorten the command lines", name, info.length, INFO_END - INFO);
    }
    place(kernel.pieces, INFO, INFO_END);
    BootModules.write(modules, memory);
    memory.poke(INFO, info, 0, info.length);
    EntryState.protected32(cpu, kernel.entry);
    cpu.r[Cpu.RAX] = magic;
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

  // ---- others

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
