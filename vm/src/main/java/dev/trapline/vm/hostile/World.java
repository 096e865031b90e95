package dev.trapline.vm.hostile;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segment;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.isa.asm.Assembly;

/**
 * Processor modes, set up whole: tables, descriptors, and handlers of all exceptions and interrupts that go on with the attack's code at a
 * place that differs every time. So one fault does not end an attack.
 */
enum World {
  REAL(16), PROTECTED_16(16), PROTECTED(32), VIRTUAL_8086(16), TWO_LEVEL(32), PAE(32), COMPATIBILITY(32), LONG(64);

  private static final int GDT = 0x2000;
  private static final int GDT_SIZE = 0x60;
  private static final int IDT = 0x3000;
  private static final int TSS = 0x4000;
  private static final int HANDLERS = 0x5000;
  /** Four bytes by which handlers choose a place. */
  private static final int DICE = 0x5ff0;
  static final int TABLES = 0x10000;
  static final int TABLES_SIZE = 0x10000;
  private static final int PML4 = TABLES;
  private static final int PDPT = TABLES + 0x1000;
  private static final int PDPT_PAE = TABLES + 0x2000;
  private static final int DIRECTORY = TABLES + 0x3000;
  private static final int DIRECTORIES = TABLES + 0x4000;
  private static final int PAGES = TABLES + 0x8000;
  private static final int PAGES_32 = TABLES + 0x9000;
  private static final int STACK = 0x80000;
  private static final long LARGE = 0xe7;
  private static final long SMALL = 0x67;

  private static final long[] DESCRIPTORS = {0, 0x00cf9b000000ffffL, 0x00cf93000000ffffL, 0x00cffb000000ffffL, 0x00cff3000000ffffL,
      0x00af9b000000ffffL, 0x00affb000000ffffL, 0x0000_8b00_4000_0067L, 0, 0x008f9b000000ffffL, 0x008f93000000ffffL, 0x008ffb000000ffffL};

  private static final String CHOOSE = """
      mov eax, [0x5ff0]
      imul eax, eax, 1664525
      add eax, 1013904223
      mov [0x5ff0], eax
      shr eax, 16
      and eax, 0x3fff
      """;
  private static final String FLAT = "mov esp, 0x80000\nmov ax, 0x10\nmov ds, ax\nmov es, ax\n";

  /** What stands at {@link #HANDLERS}: one for each way to go on. */
  private static final Assembly CODE = new Assembler(X86.set()).assemble("org 0x5000\nbits 16\n"
      + "real: xor ax, ax\nmov ds, ax\nmov ss, ax\nmov sp, 0x7000\n" + CHOOSE + "push word 0x2000\npush ax\nretf\n"
      + "bits 32\nkernel: " + FLAT + CHOOSE + "add eax, 0x20000\njmp eax\n"
      + "user: " + FLAT + CHOOSE + "add eax, 0x20000\npush 0x23\npush 0x7f000\npush 0x3202\npush 0x1b\npush eax\niretd\n"
      + "kernel16: " + FLAT + CHOOSE + "add eax, 0x20000\npush dword 0x3002\npush dword 0x48\npush eax\niretd\n"
      + "user16: " + FLAT + CHOOSE + "add eax, 0x20000\npush 0x23\npush 0x7f000\npush 0x3202\npush 0x5b\npush eax\niretd\n"
      + "v86: " + FLAT + CHOOSE + "push 0\npush 0x2000\npush 0x2000\npush 0x2000\npush 0x2000\npush 0xf000\npush 0x23202\n"
      + "push 0x2000\npush eax\niretd\n"
      + "bits 64\nkernel64: mov esp, 0x80000\n" + CHOOSE + "add eax, 0x20000\njmp rax\n"
      + "user64: mov esp, 0x80000\n" + CHOOSE + "add eax, 0x20000\npush 0x23\npush 0x7f000\npush 0x3202\npush 0x33\npush rax\niretq\n"
      + "kernelc: mov esp, 0x80000\n" + CHOOSE + "add eax, 0x20000\npush 0x10\npush 0x7f000\npush 0x3002\npush 8\npush rax\niretq\n"
      + "userc: mov esp, 0x80000\n" + CHOOSE + "add eax, 0x20000\npush 0x23\npush 0x7f000\npush 0x3202\npush 0x1b\npush rax\niretq\n");

  private final int bits;

  World(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }

  private boolean longMode() {
    return this == LONG || this == COMPATIBILITY;
  }

  private boolean paged() {
    return ordinal() >= TWO_LEVEL.ordinal();
  }

  /**
   * Makes the machine ready to run the attack's code.
   *
   * @param user at CPL 3; real mode has none
   */
  void enter(Victim v, boolean user) {
    boolean ring3 = user && this != REAL || this == VIRTUAL_8086;
    v.poke(HANDLERS, CODE.bytes());
    v.poke(DICE, 4, v.random().nextInt());
    tables(v);
    int handler = (int) (long) CODE.symbols().get(handler(ring3));
    vectors(v, handler);
    registers(v, ring3);
  }

  private String handler(boolean user) {
    return switch (this) {
      case REAL -> "real";
      case PROTECTED_16 -> user ? "user16" : "kernel16";
      case VIRTUAL_8086 -> "v86";
      case LONG -> user ? "user64" : "kernel64";
      case COMPATIBILITY -> user ? "userc" : "kernelc";
      default -> user ? "user" : "kernel";
    };
  }

  // ---- memory

  private void tables(Victim v) {
    for (int i = 0; i < DESCRIPTORS.length; i++) {
      v.poke(GDT + 8L * i, 8, DESCRIPTORS[i]);
    }
    v.poke(TSS, new byte[0x68]);
    v.poke(TSS + 4, 4, STACK);
    v.poke(TSS + 8, 4, longMode() ? 0 : 0x10);
    v.poke(TSS + 0x66, 2, 0x68);
    if (paged()) {
      pages(v);
    }
  }

  /** Everything below 4 GiB at its place, the lowest 2 MiB (4 MiB with 2-level tables) in small pages. */
  private static void pages(Victim v) {
    byte[] all = new byte[TABLES_SIZE];
    put(all, PML4, 8, PDPT | SMALL);
    for (int i = 0; i < 4; i++) {
      put(all, PDPT + 8 * i, 8, DIRECTORIES + 0x1000L * i | SMALL);
      put(all, PDPT_PAE + 8 * i, 8, DIRECTORIES + 0x1000L * i | 1);
    }
    for (int i = 0; i < 2048; i++) {
      put(all, DIRECTORIES + 8 * i, 8, (long) i << 21 | LARGE);
    }
    put(all, DIRECTORIES, 8, PAGES | SMALL);
    for (int i = 0; i < 1024; i++) {
      put(all, DIRECTORY + 4 * i, 4, (long) i << 22 | LARGE);
      put(all, PAGES_32 + 4 * i, 4, (long) i << 12 | SMALL);
    }
    put(all, DIRECTORY, 4, PAGES_32 | SMALL);
    for (int i = 0; i < 512; i++) {
      put(all, PAGES + 8 * i, 8, (long) i << 12 | SMALL);
    }
    v.poke(TABLES, all);
  }

  private static void put(byte[] all, int at, int bytes, long value) {
    dev.trapline.vm.mem.PhysicalMemory.put(all, at - TABLES, bytes, value);
  }

  private void vectors(Victim v, int handler) {
    byte[] idt = new byte[0x1000];
    for (int n = 0; n < 256; n++) {
      if (this == REAL) {
        dev.trapline.vm.mem.PhysicalMemory.put(idt, 4 * n, 4, handler);
      } else if (longMode()) {
        dev.trapline.vm.mem.PhysicalMemory.put(idt, 16 * n, 8, gate(0x28, handler));
      } else {
        dev.trapline.vm.mem.PhysicalMemory.put(idt, 8 * n, 8, gate(8, handler));
      }
    }
    v.poke(this == REAL ? 0 : IDT, this == REAL ? java.util.Arrays.copyOf(idt, 1024) : idt);
  }

  /** An interrupt gate that INT n may use at any level. */
  private static long gate(int selector, int handler) {
    return handler & 0xffff | (long) selector << 16 | 0xee00L << 32 | (handler & 0xffff0000L) << 32;
  }

  // ---- registers

  private void registers(Victim v, boolean user) {
    Cpu c = v.cpu();
    for (int i = 0; i < 16; i++) {
      c.r[i] = bits == 64 ? v.value() : v.value() & 0xffffffffL;
    }
    c.r[Cpu.RSP] = bits == 16 ? 0xf000 : 0x7f000;
    c.gdtBase = GDT;
    c.gdtLimit = GDT_SIZE - 1;
    c.idtBase = this == REAL ? 0 : IDT;
    c.idtLimit = this == REAL ? 0x3ff : longMode() ? 0xfff : 0x7ff;
    c.ldtr.set(0, 0, 0, 0);
    c.ldtr.unusable = true;
    c.tr.set(0x38, TSS, 0x67, 0x8b);
    controls(c);
    segments(c, user);
    long place = v.below(Victim.CODE_SIZE);
    c.rip = this == REAL || this == VIRTUAL_8086 ? place : Victim.CODE + place;
    boolean interrupts = v.oneIn(2);
    c.cpl = user ? 3 : 0;
    c.rflags(2 | (interrupts ? Cpu.IF : 0) | (this == VIRTUAL_8086 ? Cpu.VM : 0) | (v.oneIn(4) ? Cpu.IOPL : 0) | (v.oneIn(8) ? Cpu.AC : 0));
    c.halted = false;
    c.shutdown = false;
    c.shadow = false;
    c.registersLoaded();
  }

  private void controls(Cpu c) {
    c.cr0 = Control.ET | (this == REAL ? 0 : Control.PE) | (paged() ? Control.PG & 0xffffffffL : 0);
    c.cr4 = Control.OSFXSR | Control.OSXMMEXCPT | (this == TWO_LEVEL ? Control.PSE : paged() ? Control.PAE : 0);
    c.cr3 = this == TWO_LEVEL ? DIRECTORY : this == PAE ? PDPT_PAE : longMode() ? PML4 : 0;
    c.efer = longMode() ? Control.LME | Control.LMA | Control.NXE : 0;
  }

  private void segments(Cpu c, boolean user) {
    if (this == REAL || this == VIRTUAL_8086) {
      for (Segment s : c.seg) {
        s.set(Victim.CODE >> 4, Victim.CODE, 0xffff, this == REAL ? 0x93 : 0xf3);
      }
      c.seg[Cpu.CS].access = this == REAL ? 0x9b : 0xf3;
      return;
    }
    int code = this == LONG ? user ? 6 : 5 : this == PROTECTED_16 ? user ? 11 : 9 : user ? 3 : 1;
    int data = user ? 4 : 2;
    int rpl = user ? 3 : 0;
    for (Segment s : c.seg) {
      load(s, data, rpl);
    }
    load(c.seg[Cpu.CS], code, rpl);
  }

  private static void load(Segment s, int index, int rpl) {
    s.set(index << 3 | rpl, 0, 0xffffffffL, (int) (DESCRIPTORS[index] >>> 40) & 0xf0ff);
  }
}
