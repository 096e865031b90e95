package dev.trapline.vm.hostile;

/** What hostile guests do. */
final class Attacks {
  /** Opcodes that leave a guest or change how it runs; what follows them is random. */
  private static final int[][] SYSTEM = {{0x0f, 0x20}, {0x0f, 0x22}, {0x0f, 0x21}, {0x0f, 0x23}, {0x0f, 0x00}, {0x0f, 0x01}, {0x0f, 0x01, 0xd8},
      {0x0f, 0x01, 0xd9}, {0x0f, 0x01, 0xda}, {0x0f, 0x01, 0xdb}, {0x0f, 0x01, 0xdc}, {0x0f, 0x01, 0xdd}, {0x0f, 0x01, 0xdf}, {0x0f, 0x05},
      {0x0f, 0x06}, {0x0f, 0x07}, {0x0f, 0x08}, {0x0f, 0x09}, {0x0f, 0x30}, {0x0f, 0x31}, {0x0f, 0x32}, {0x0f, 0x33}, {0x0f, 0x34},
      {0x0f, 0x35}, {0x0f, 0xa2}, {0x0f, 0xaa}, {0x0f, 0xae}, {0x0f, 0xb2}, {0x0f, 0xb4}, {0x0f, 0xb5}, {0x0f, 0xc7}, {0x0f, 0x02},
      {0x0f, 0x03}, {0x07}, {0x17}, {0x1f}, {0x0f, 0xa1}, {0x0f, 0xa9}, {0x62}, {0x63}, {0x6c}, {0x6d}, {0x6e}, {0x6f}, {0x8e}, {0x8c},
      {0x8f}, {0x9a}, {0x9b}, {0x9c}, {0x9d}, {0xa4}, {0xa5}, {0xaa}, {0xab}, {0xc4}, {0xc5}, {0xca}, {0xcb}, {0xcc}, {0xcd}, {0xce}, {0xcf},
      {0xd9}, {0xdb}, {0xdd}, {0xe4}, {0xe5}, {0xe6}, {0xe7}, {0xea}, {0xec}, {0xed}, {0xee}, {0xef}, {0xf1}, {0xf4}, {0xfa}, {0xfb}, {0xfe},
      {0xff}, {0xf3, 0x6c}, {0xf3, 0xa4}, {0xf3, 0xaa}, {0xf3, 0x6e}, {0xf0, 0x0f, 0xb1}, {0xf0, 0x0f, 0xc7}, {0x0f, 0xff}, {0x0f, 0x0b},
      {0x0f, 0x01, 0xf8}, {0x0f, 0x01, 0xc8}, {0x0f, 0x01, 0xc9}, {0x0f, 0x01, 0xd0}, {0x0f, 0x01, 0xd1}, {0x0f, 0x01, 0xca}, {0x0f, 0x01, 0xcb}};
  private static final int[] PREFIXES = {0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x40, 0x48, 0x4c, 0x4f};
  /** First ports of devices, and how many each has. */
  private static final int[][] PORTS = {{0, 0x20}, {0x20, 2}, {0x40, 4}, {0x60, 5}, {0x70, 2}, {0x80, 16}, {0x92, 1}, {0xa0, 2}, {0xc0, 32},
      {0xe0, 16}, {0xf0, 16}, {0x170, 8}, {0x1f0, 8}, {0x1ce, 4}, {0x2e8, 8}, {0x2f8, 8}, {0x376, 1}, {0x3b0, 48}, {0x3e8, 8}, {0x3f0, 16},
      {0x402, 1}, {0x4d0, 2}, {0x500, 2}, {0x510, 12}, {0x600, 64}, {0xb000, 64}, {0xb2, 2}, {0xc000, 16}, {0xcf8, 8}, {0xcf9, 1}, {0xfffc, 4}};
  private static final int[] MSRS = {0x10, 0x1b, 0x3a, 0x3b, 0x8b, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x1a0, 0x1d9, 0x1db, 0x200, 0x20f, 0x250,
      0x277, 0x2ff, 0x400, 0x6e0, 0x800, 0x830, 0x83f, 0xc000_0080, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084, 0xc000_0100,
      0xc000_0101, 0xc000_0102, 0xc000_0103, 0xc000_0104, 0xc001_0010, 0xc001_0015, 0xc001_0114, 0xc001_0115, 0xc001_0117, 0xc001_0118};
  private static final World[] FLAT = {World.PROTECTED, World.TWO_LEVEL, World.PAE, World.COMPATIBILITY};

  private Attacks() {}

  // ---- code

  static void kernelCode(Victim v) {
    v.poke(Victim.CODE, v.noise(Victim.CODE_SIZE));
    v.one(World.values()).enter(v, false);
  }

  static void userCode(Victim v) {
    v.poke(Victim.CODE, v.noise(Victim.CODE_SIZE));
    v.one(World.values()).enter(v, true);
  }

  static void anyCode(Victim v) {
    switch (v.below(4)) {
      case 0 -> kernelCode(v);
      case 1 -> userCode(v);
      case 2 -> tables(v);
      default -> systemInstructions(v);
    }
  }

  static void systemInstructions(Victim v) {
    var s = new Scribe();
    while (s.size() < Victim.CODE_SIZE) {
      systemInstruction(v, s);
    }
    run(v, s, v.one(World.values()), v.oneIn(4));
  }

  private static void systemInstruction(Victim v, Scribe s) {
    if (v.oneIn(3)) {
      s.raw(v.one(PREFIXES));
    }
    s.raw(SYSTEM[v.below(SYSTEM.length)]).raw(v.noise(1 + v.below(6)));
    if (v.oneIn(6)) {
      s.wrmsr(v.one(MSRS), v.value());
    }
    if (v.oneIn(8)) {
      s.ecx(v.one(MSRS)).raw(0x0f, 0x32);
    }
  }

  static void hypercalls(Victim v) {
    int[] last = {0xd8, 0xd9, 0xd9, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf};
    var s = new Scribe();
    while (s.size() < Victim.CODE_SIZE) {
      s.eax(v.oneIn(3) ? v.below(1 << 24) & -4096 : v.value()).ecx(v.value()).edx(v.value());
      if (v.oneIn(4)) {
        s.wrmsr(v.one(new int[] {0xc000_0080, 0xc001_0117, 0xc001_0114}), v.oneIn(2) ? 0x1d01 : v.value());
      }
      s.raw(0x0f, 0x01, v.oneIn(6) ? 0xc1 : v.one(last));
    }
    run(v, s, v.one(World.values()), v.oneIn(4));
  }

  private static void run(Victim v, Scribe s, World world, boolean user) {
    v.poke(Victim.CODE, java.util.Arrays.copyOf(s.bytes(), Victim.CODE_SIZE));
    world.enter(v, user);
  }

  // ---- devices

  private static int bytes(Victim v) {
    return 1 << v.below(3);
  }

  private static int port(Victim v) {
    if (v.oneIn(8)) {
      return v.below(0x10000);
    }
    int[] of = PORTS[v.below(PORTS.length)];
    return of[0] + v.below(of[1]);
  }

  static void ports(Victim v) {
    var s = new Scribe();
    while (s.size() < Victim.CODE_SIZE) {
      portAccess(v, s);
    }
    run(v, s, v.one(FLAT), false);
  }

  private static void portAccess(Victim v, Scribe s) {
    int port = port(v);
    switch (v.below(8)) {
      case 0, 1 -> s.in(port, bytes(v));
      case 2 -> s.string(port, bytes(v), v.oneIn(2), v.address(), v.oneIn(4) ? v.value() : v.below(600));
      case 3 -> s.pci(v.below(32), v.below(8), v.below(256), bytes(v), v.value());
      default -> s.out(port, bytes(v), v.oneIn(2) ? v.below(256) : v.value());
    }
  }

  private static long device(Victim v) {
    return v.one(Victim.DEVICES) + (v.oneIn(4) ? v.below(1 << 20) : v.below(0x400) & -4);
  }

  static void mmio(Victim v) {
    var s = new Scribe();
    bars(v, s);
    while (s.size() < Victim.CODE_SIZE) {
      long at = v.oneIn(4) ? v.address() : device(v);
      switch (v.below(6)) {
        case 0, 1 -> s.load(at, bytes(v));
        case 2 -> s.store64(at);
        case 3 -> s.edi(at).raw(0x89, 0xfe).ecx(v.below(2000)).raw(0xf3, v.one(new int[] {0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad}));
        default -> s.store(at, bytes(v), v.value());
      }
    }
    run(v, s, v.one(FLAT), false);
    v.cpu().rip = Victim.CODE;
  }

  /** Puts the registers of all PCI devices where {@link Victim#DEVICES} says, and lets them be masters. */
  private static void bars(Victim v, Scribe s) {
    s.pci(1, 1, 0x20, 4, 0xc001).pci(1, 1, 4, 2, 5);
    for (int slot = 2; slot < 14; slot++) {
      for (int bar = 0; bar < 6; bar++) {
        s.pci(slot, 0, 0x10 + 4 * bar, 4, bar(slot, bar));
      }
      s.pci(slot, 0, 4, 2, v.oneIn(10) ? v.value() : 7);
    }
  }

  private static long bar(int slot, int bar) {
    return 0xe000_0000L + ((long) slot << 20) + bar * 0x4000L;
  }

  // ---- page tables

  static void tables(Victim v) {
    World world = v.one(World.TWO_LEVEL, World.PAE, World.LONG, World.COMPATIBILITY);
    var s = new Scribe();
    while (s.size() < Victim.CODE_SIZE) {
      tableAccess(v, s, world);
    }
    run(v, s, world, v.oneIn(3));
    int changes = v.below(200);
    for (int i = 0; i < changes; i++) {
      int size = world == World.TWO_LEVEL ? 4 : 8;
      v.poke(World.TABLES + (long) (v.below(World.TABLES_SIZE) & -size), size, entry(v));
    }
    v.cpu().registersLoaded();
  }

  /** An entry of a table: most lead somewhere, some to the tables themselves. */
  private static long entry(Victim v) {
    long to = v.oneIn(3) ? World.TABLES + v.below(World.TABLES_SIZE) : v.oneIn(2) ? v.below(1 << 22) : v.address();
    long bits = v.oneIn(6) ? v.random().nextInt(0x1000) : v.one(new long[] {1, 3, 5, 7, 0x67, 0xe7, 0x81, 0x1e7});
    return to & -4096L | bits | (v.oneIn(8) ? 1L << 63 : 0) | (v.oneIn(12) ? 1L << 12 + v.below(51) : 0);
  }

  private static void tableAccess(Victim v, Scribe s, World world) {
    long table = World.TABLES + (v.below(World.TABLES_SIZE) & -4);
    boolean far = world.bits() == 64; // absolute addresses mean something else in 64-bit code
    switch (v.below(far ? 5 : 10)) {
      case 0 -> s.control(3, World.TABLES + (v.below(16) << 12));
      case 1 -> s.raw(0x0f, 0x20, 0xc0).raw(0x35).raw(v.oneIn(2) ? new byte[] {0, 0, 1, 0} : v.noise(4)).raw(0x0f, 0x22, 0xc0);
      case 2 -> s.raw(0x0f, 0x20, 0xe0).raw(0x35).raw(0, 0, v.below(64), 0).raw(0x0f, 0x22, 0xe0);
      case 3 -> s.edi(v.address()).raw(0x0f, 0x01, 0x3f);
      case 4 -> s.edi(v.oneIn(2) ? table : v.address()).eax(entry(v)).raw(v.one(new int[] {0x89, 0x8b, 0x87, 0x01}), 0x07);
      case 5 -> s.store64(table);
      case 6, 7 -> s.store(table, v.oneIn(8) ? bytes(v) : 4, entry(v));
      case 8 -> s.load(v.address(), 4);
      default -> s.store(v.address(), bytes(v), v.value());
    }
  }

  // ---- DMA

  static void dma(Victim v) {
    var s = new Scribe();
    bars(v, s);
    while (s.size() < Victim.CODE_SIZE - 0x400) {
      switch (v.below(4)) {
        case 0 -> ide(v, s);
        case 1 -> floppy(v, s);
        default -> virtio(v, s);
      }
    }
    run(v, s, v.one(World.PROTECTED, World.TWO_LEVEL), false);
    rings(v);
    v.cpu().rip = Victim.CODE;
  }

  private static final int RINGS = 0x40000;
  private static final int RINGS_SIZE = 0x8000;

  /** Descriptors, rings and region tables full of addresses. */
  private static void rings(Victim v) {
    for (int at = 0; at < RINGS_SIZE; at += 16) {
      v.poke(RINGS + at, 8, v.oneIn(3) ? RINGS + v.below(RINGS_SIZE) : v.address());
      v.poke(RINGS + at + 8, 4, v.oneIn(3) ? v.value() : v.below(0x1000));
      v.poke(RINGS + at + 12, 4, v.oneIn(4) ? v.value() : v.below(8) | v.below(16) << 16);
    }
    for (int at = RINGS + 0x1000; at < RINGS + RINGS_SIZE; at += 0x1000) {
      v.poke(at, 4, v.below(6) << 16);
    }
  }

  private static long ring(Victim v) {
    return v.oneIn(6) ? v.address() : RINGS + (v.below(8) << 12);
  }

  private static void virtio(Victim v, Scribe s) {
    long base = bar(8 + v.below(5), 4);
    int queue = v.below(3);
    for (int status : new int[] {0, 1, 3}) {
      s.store(base + 20, 1, status);
    }
    s.store(base + 8, 4, 1).store(base + 12, 4, 1).store(base + 8, 4, 0).store(base + 12, 4, v.oneIn(2) ? 0 : v.value());
    s.store(base + 20, 1, 0xb).store(base + 22, 2, queue).store(base + 24, 2, v.oneIn(6) ? v.value() : 1 << v.below(9));
    for (int field = 32; field < 56; field += 8) {
      s.store(base + field, 4, ring(v)).store(base + field + 4, 4, v.oneIn(12) ? v.value() : 0);
    }
    s.store(base + 28, 2, 1).store(base + 20, 1, 0xf);
    for (int offset : new int[] {0x1000, 0x2000, 0x3000}) {
      s.store(base + offset + 4 * queue, 2, queue).store(base + offset, 2, queue);
    }
    s.load(base + 20, 4);
  }

  private static void ide(Victim v, Scribe s) {
    int channel = v.below(2);
    int task = channel == 0 ? 0x1f0 : 0x170;
    s.out(0xc000 + 8 * channel + 4, 4, ring(v)).out(task + 6, 1, 0xe0 | v.below(2) << 4);
    s.out(task + 2, 1, v.below(256)).out(task + 3, 1, v.below(256)).out(task + 4, 1, v.oneIn(4) ? v.below(256) : 0).out(task + 5, 1, 0);
    s.out(task + 7, 1, v.one(new int[] {0xc8, 0xca, 0x25, 0x35, 0x20, 0x30, 0xa0, 0xec, 0xc4, 0xc5}));
    s.out(0xc000 + 8 * channel, 1, v.below(2) << 3 | 1);
    if (v.oneIn(2)) {
      s.string(task, 2, v.oneIn(2), v.address(), v.below(300));
    }
  }

  private static void floppy(Victim v, Scribe s) {
    s.out(0x0a, 1, 6).out(0x0c, 1, 0).out(0x04, 1, v.below(256)).out(0x04, 1, v.below(256)).out(0x81, 1, v.below(256));
    s.out(0x05, 1, v.below(256)).out(0x05, 1, v.below(256)).out(0x0b, 1, v.one(new int[] {0x46, 0x4a, 0x42, v.below(256)})).out(0x0a, 1, 2);
    s.out(0x3f2, 1, 0x1c);
    int command = v.one(new int[] {0xe6, 0xc5, 0x46, 0x4a, 0x0f, 0x07, 0x08, v.below(256)});
    s.out(0x3f5, 1, command);
    for (int i = 0; i < 8; i++) {
      s.out(0x3f5, 1, v.oneIn(3) ? v.below(256) : v.below(4));
    }
  }
}
