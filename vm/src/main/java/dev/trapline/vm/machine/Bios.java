package dev.trapline.vm.machine;

import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * The services behind the firmware's interrupt stubs, enough for boot sectors: text to and keys from the serial console (INT 10h, 16h),
 * equipment and memory (11h, 12h, 15h), disk (13h), time (1Ah). They work on registers and memory like real firmware does and keep their
 * variables in the BIOS data area, so they have no state of their own. What they do not know fails as firmware fails and is counted.
 */
final class Bios implements PortDevice {
  private static final int DATA = 0x400;
  private static final int EQUIPMENT = DATA + 0x10;
  private static final int MEMORY = DATA + 0x13;
  private static final int DISK_STATUS = DATA + 0x41;
  private static final int TICKS = DATA + 0x6c;
  private static final int MIDNIGHT = DATA + 0x70;
  private static final int TICKS_A_DAY = 0x1800b0;
  private static final int COM1 = 0x3f8;
  private static final int CARRY = 1;
  private static final int ZERO = 0x40;

  /**
   * A service somebody asked for that is not there.
   *
   * @param vector interrupt, or -1 for a write to the service port from outside the firmware
   * @param ax AX of the first call; calls with the same AH count together
   */
  record Unknown(int vector, int ax, long count) {}

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final PortBus ports;
  private final MemoryMap map;
  private final Disk disk;
  private final BiosVideo video;
  private final BiosDisk diskService;
  private final Map<Integer, Unknown> unknown = new TreeMap<>();

  /**
   * @param disk the boot disk, or null
   * @param console takes the text
   */
  Bios(Cpu cpu, PhysicalMemory memory, PortBus ports, MemoryMap map, Disk disk, IntConsumer console) {
    this.cpu = cpu;
    this.memory = memory;
    this.ports = ports;
    this.map = map;
    this.disk = disk;
    this.video = new BiosVideo(cpu, memory, console);
    this.diskService = new BiosDisk(cpu, memory, disk);
  }

  List<Unknown> unknown() {
    return List.copyOf(unknown.values());
  }

  // ---- power-on

  /** What firmware leaves behind: vectors, data area, interrupt controllers at 8 and 70h, the 18.2 Hz tick. */
  void prepare() {
    for (int v = 0; v < 0x78; v++) {
      vector(v, v >= 0x60 && v < 0x68 ? 0 : Firmware.SEGMENT << 16 | Firmware.STUBS + v * Firmware.STUB_SIZE);
    }
    vector(0x1e, Firmware.SEGMENT << 16 | Firmware.DISKETTE_PARAMETERS);
    poke(DATA, 2, COM1);
    poke(EQUIPMENT, 2, 0x0202 | 0x20 | (disk != null && disk.diskette() ? 1 : 0));
    poke(MEMORY, 2, MemoryMap.LOW_END >> 10);
    video.prepare();
    poke(DATA + 0x63, 2, 0x3d4);
    poke(DATA + 0x75, 1, disk != null && !disk.diskette() ? 1 : 0);
    poke(DATA + 0x84, 1, 24);
    controllers();
  }

  private void vector(int v, long pointer) {
    poke(4L * v, 4, pointer);
  }

  private void controllers() {
    int[][] words = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, 8}, {0xa1, 0x70}, {0x21, 4}, {0xa1, 2}, {0x21, 1}, {0xa1, 1}, {0x21, 0xb8},
      {0xa1, 0x8f}, {0x43, 0x36}, {0x40, 0}, {0x40, 0}, {0x43, 0x54}, {0x41, 18}};
    for (int[] w : words) {
      ports.out(w[0], 1, w[1]);
    }
  }

  /** INT 19h: starts the boot sector, or says that there is none. */
  void boot() {
    if (disk == null || !BootSector.hasSignature(disk.bytes())) {
      video.print("No bootable device.\r\n");
      return;
    }
    BootSector.start(cpu, memory, disk.bytes(), disk.drive());
  }

  // ---- dispatch

  @Override
  public int in(int offset, int bytes) {
    return 0xff;
  }

  /** The call gate: CS:IP tells which stub. From anywhere else the port is just a port nobody answers. */
  @Override
  public void out(int offset, int bytes, int value) {
    int ip = (int) cpu.rip;
    int stub = ip - 2 - Firmware.STUBS;
    if (cpu.seg[Cpu.CS].base != MemoryMap.ROM || cpu.mode64()) {
      note(-1);
    } else if (ip == Firmware.POWER_ON) {
      prepare();
      boot();
    } else if (stub >= 0 && stub < 256 * Firmware.STUB_SIZE) {
      service(stub / Firmware.STUB_SIZE);
    } else {
      note(-1);
    }
  }

  private void service(int vector) {
    switch (vector) {
      case 0x08 -> tick();
      case 0x10 -> video();
      case 0x11 -> ax(peek(EQUIPMENT, 2));
      case 0x12 -> ax(peek(MEMORY, 2));
      case 0x13 -> disk();
      case 0x15 -> system();
      case 0x16 -> keyboard();
      case 0x18 -> video.print("No bootable device.\r\n");
      case 0x19 -> boot();
      case 0x1a -> time();
      case 0x1b, 0x1c, 0x4a -> { /* Hooks for programs: nothing unless hooked. */ }
      default -> note(vector);
    }
  }

  private void note(int vector) {
    int ax = (int) cpu.r[Cpu.RAX] & 0xffff;
    unknown.merge(vector << 8 | ax >> 8, new Unknown(vector, ax, 1), (old, one) -> new Unknown(vector, old.ax, old.count + 1));
  }

  // ---- services

  private void tick() {
    long t = peek(TICKS, 4) + 1;
    if (t >= TICKS_A_DAY) {
      t = 0;
      poke(MIDNIGHT, 1, 1);
    }
    poke(TICKS, 4, t);
  }

  private void video() {
    if (!video.call()) {
      note(0x10);
    }
  }

  private void disk() {
    int status = diskService.call();
    if (status == BiosDisk.UNKNOWN) {
      note(0x13);
      status = BiosDisk.INVALID;
    }
    poke(DISK_STATUS, 1, status);
    if (status != 0 || ah() != 0x15) {
      ax(status << 8 | al());
    }
    flag(CARRY, status != 0);
  }

  private void system() {
    int function = (int) cpu.r[Cpu.RAX] & 0xffff;
    boolean known = switch (function) {
      case 0xe820 -> memoryMap();
      case 0xe801 -> sizes();
      case 0x2400, 0x2401 -> done(0);
      case 0x2402 -> done(1);
      case 0x2403 -> {
        reg(Cpu.RBX, 3);
        yield done(0);
      }
      default -> ah() == 0x88 && extendedMemory();
    };
    if (!known) {
      if (ah() != 0x4f) {
        note(0x15);
      }
      ax(0x8600 | al());
      flag(CARRY, true);
    }
  }

  private boolean done(int al) {
    ax(al);
    flag(CARRY, false);
    return true;
  }

  private boolean extendedMemory() {
    ax((int) Math.min(0xffff, map.upperKib()));
    flag(CARRY, false);
    return true;
  }

  /** E801h: KiB between 1 and 16 MiB, 64 KiB blocks above. */
  private boolean sizes() {
    long kib = map.upperKib();
    long low = Math.min(kib, 15 * 1024);
    long high = (kib - low) / 64;
    reg(Cpu.RAX, low);
    reg(Cpu.RCX, low);
    reg(Cpu.RBX, high);
    reg(Cpu.RDX, high);
    flag(CARRY, false);
    return true;
  }

  private boolean memoryMap() {
    List<MemoryMap.Entry> entries = map.entries();
    long index = cpu.r[Cpu.RBX] & 0xffffffffL;
    if ((cpu.r[Cpu.RDX] & 0xffffffffL) != 0x534d4150 || (cpu.r[Cpu.RCX] & 0xffffffffL) < 20 || index >= entries.size()) {
      return false;
    }
    MemoryMap.Entry e = entries.get((int) index);
    long at = cpu.seg[Cpu.ES].base + (cpu.r[Cpu.RDI] & 0xffff);
    poke(at, 8, e.start());
    poke(at + 8, 8, e.length());
    poke(at + 16, 4, e.type());
    cpu.r[Cpu.RAX] = 0x534d4150;
    cpu.r[Cpu.RBX] = index + 1 == entries.size() ? 0 : index + 1;
    cpu.r[Cpu.RCX] = 20;
    flag(CARRY, false);
    return true;
  }

  /** Keys are bytes waiting in COM1, as serial-console firmware takes them. */
  private void keyboard() {
    boolean ready = (ports.in(COM1 + 5, 1) & 1) != 0;
    switch (ah()) {
      case 0x00, 0x10 -> {
        if (ready) {
          ax(ports.in(COM1, 1));
        } else {
          cpu.rip = Firmware.WAIT_FOR_KEY;
        }
      }
      case 0x01, 0x11 -> flag(ZERO, !ready);
      case 0x02, 0x12 -> ax(ah() << 8);
      default -> note(0x16);
    }
  }

  private void time() {
    switch (ah()) {
      case 0x00 -> {
        long t = peek(TICKS, 4);
        reg(Cpu.RCX, t >>> 16);
        reg(Cpu.RDX, t);
        ax((int) peek(MIDNIGHT, 1));
        poke(MIDNIGHT, 1, 0);
      }
      case 0x01 -> poke(TICKS, 4, (cpu.r[Cpu.RCX] & 0xffff) << 16 | cpu.r[Cpu.RDX] & 0xffff);
      case 0x02 -> {
        reg(Cpu.RCX, cmos(4) << 8 | cmos(2));
        reg(Cpu.RDX, cmos(0) << 8);
        flag(CARRY, false);
      }
      case 0x04 -> {
        reg(Cpu.RCX, cmos(0x32) << 8 | cmos(9));
        reg(Cpu.RDX, cmos(8) << 8 | cmos(7));
        flag(CARRY, false);
      }
      default -> {
        note(0x1a);
        flag(CARRY, true);
      }
    }
  }

  private int cmos(int address) {
    ports.out(0x70, 1, address);
    return ports.in(0x71, 1);
  }

  // ---- registers and memory

  private int ah() {
    return (int) cpu.r[Cpu.RAX] >> 8 & 0xff;
  }

  private int al() {
    return (int) cpu.r[Cpu.RAX] & 0xff;
  }

  private void ax(long value) {
    reg(Cpu.RAX, value);
  }

  private void reg(int r, long value) {
    cpu.r[r] = cpu.r[r] & ~0xffffL | value & 0xffff;
  }

  /** Sets a flag in the image that the stub's IRET will load. */
  private void flag(int bit, boolean on) {
    long at = cpu.seg[Cpu.SS].base + (cpu.r[Cpu.RSP] + 4 & 0xffff);
    long flags = peek(at, 2);
    poke(at, 2, on ? flags | bit : flags & ~bit);
  }

  private long peek(long pa, int bytes) {
    return memory.read(pa, 1) | (bytes > 1 ? peek(pa + 1, bytes - 1) << 8 : 0);
  }

  private void poke(long pa, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      memory.write(pa + i, 1, value >>> 8 * i & 0xff);
    }
  }
}
