package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;

/** The first sector of a disk and the state the firmware starts it in. */
final class BootSector {
  static final int SECTOR = 512;
  static final int LOAD_ADDRESS = 0x7c00;

  private BootSector() {}

  /** 55h AAh at offset 510. */
  static boolean hasSignature(byte[] disk) {
    return disk.length >= SECTOR && (disk[510] & 0xff) == 0x55 && (disk[511] & 0xff) == 0xaa;
  }

  /** @throws BootException if the image has no boot sector */
  static void check(String name, byte[] disk) {
    if (disk.length < SECTOR) {
      throw BootException.of("%s: %d bytes are no boot sector: 512 expected", name, disk.length);
    }
    if (!hasSignature(disk)) {
      throw BootException.of("%s: bytes 510 and 511 are %02X %02X: a boot sector ends with 55 AA", name, disk[510], disk[511]);
    }
  }

  /** Loads the sector and points the processor, in real mode, at it. */
  static void start(Cpu cpu, PhysicalMemory memory, byte[] disk, int drive) {
    memory.poke(LOAD_ADDRESS, disk, 0, SECTOR);
    EntryState.real(cpu, 0, LOAD_ADDRESS);
    cpu.r[Cpu.RDX] = drive;
    cpu.rflags(Cpu.IF);
  }
}
