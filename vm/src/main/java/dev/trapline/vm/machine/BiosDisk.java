package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;

/** INT 13h on one read-only disk. */
final class BiosDisk {
  /** Status: no such function or argument. */
  static final int INVALID = 1;
  private static final int WRITE_PROTECTED = 3;
  private static final int NOT_FOUND = 4;
  private static final int NO_DRIVE = 0x80;
  /** Not a status: the function is not built. */
  static final int UNKNOWN = -1;

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final Disk disk;

  BiosDisk(Cpu cpu, PhysicalMemory memory, Disk disk) {
    this.cpu = cpu;
    this.memory = memory;
    this.disk = disk;
  }

  /** Serves the call in the registers; returns the status. */
  int call() {
    int drive = (int) cpu.r[Cpu.RDX] & 0xff;
    if (disk == null || drive != disk.drive()) {
      return NO_DRIVE;
    }
    return switch ((int) cpu.r[Cpu.RAX] >> 8 & 0xff) {
      case 0x00, 0x01, 0x0d, 0x10, 0x11, 0x47 -> 0;
      case 0x02 -> chs(true);
      case 0x03, 0x43 -> WRITE_PROTECTED;
      case 0x04 -> chs(false);
      case 0x08 -> parameters();
      case 0x15 -> type();
      case 0x41 -> extensions();
      case 0x42 -> packet();
      case 0x48 -> extendedParameters();
      default -> UNKNOWN;
    };
  }

  private int chs(boolean copy) {
    int cx = (int) cpu.r[Cpu.RCX];
    int count = (int) cpu.r[Cpu.RAX] & 0xff;
    int head = (int) cpu.r[Cpu.RDX] >> 8 & 0xff;
    long first = disk.linear(cx >> 8 & 0xff | (cx & 0xc0) << 2, head, cx & 0x3f);
    if (count == 0 || first < 0 || first + count > disk.size()) {
      cpu.r[Cpu.RAX] &= ~0xffL;
      return count == 0 ? INVALID : NOT_FOUND;
    }
    if (copy) {
      copy(first, count, cpu.seg[Cpu.ES].base + (cpu.r[Cpu.RBX] & 0xffff));
    }
    return 0;
  }

  private void copy(long first, int count, long to) {
    for (int i = 0; i < count; i++) {
      memory.poke(to + (long) i * BootSector.SECTOR, disk.read(first + i), 0, BootSector.SECTOR);
    }
  }

  private int parameters() {
    int last = disk.cylinders() - 1;
    reg(Cpu.RCX, (last & 0xff) << 8 | last >> 2 & 0xc0 | disk.sectors());
    reg(Cpu.RDX, disk.heads() - 1 << 8 | 1);
    if (disk.diskette()) {
      reg(Cpu.RBX, disk.type());
      cpu.seg[Cpu.ES].set(Firmware.SEGMENT, MemoryMap.ROM, 0xffff, cpu.seg[Cpu.ES].access);
      reg(Cpu.RDI, Firmware.DISKETTE_PARAMETERS);
    }
    cpu.r[Cpu.RAX] &= ~0xffL;
    return 0;
  }

  /** AH: 1 diskette without change line, 3 hard disk with its size in CX:DX. */
  private int type() {
    reg(Cpu.RAX, disk.diskette() ? 0x100 : 0x300);
    if (!disk.diskette()) {
      reg(Cpu.RCX, disk.size() >> 16);
      reg(Cpu.RDX, disk.size());
    }
    return 0;
  }

  /** Enhanced disk drive support: version 1.1, packet functions only. */
  private int extensions() {
    if (disk.diskette() || (cpu.r[Cpu.RBX] & 0xffff) != 0x55aa) {
      return INVALID;
    }
    reg(Cpu.RBX, 0xaa55);
    reg(Cpu.RCX, 1);
    return 0;
  }

  private long packetAddress() {
    return cpu.seg[Cpu.DS].base + (cpu.r[Cpu.RSI] & 0xffff);
  }

  private int packet() {
    byte[] p = new byte[16];
    memory.peek(packetAddress(), p, 0, p.length);
    int count = (int) PhysicalMemory.get(p, 2, 2);
    long to = (PhysicalMemory.get(p, 6, 2) << 4) + PhysicalMemory.get(p, 4, 2);
    long first = PhysicalMemory.get(p, 8, 8);
    if (p[0] < 16 || first < 0 || first > disk.size() - count) {
      return INVALID;
    }
    copy(first, count, to);
    return 0;
  }

  private int extendedParameters() {
    byte[] p = new byte[26];
    PhysicalMemory.put(p, 0, 2, 26);
    PhysicalMemory.put(p, 2, 2, 2);
    PhysicalMemory.put(p, 4, 4, disk.cylinders());
    PhysicalMemory.put(p, 8, 4, disk.heads());
    PhysicalMemory.put(p, 12, 4, disk.sectors());
    PhysicalMemory.put(p, 16, 8, disk.size());
    PhysicalMemory.put(p, 24, 2, BootSector.SECTOR);
    memory.poke(packetAddress(), p, 0, p.length);
    return 0;
  }

  private void reg(int r, long value) {
    cpu.r[r] = cpu.r[r] & ~0xffffL | value & 0xffff;
  }
}
