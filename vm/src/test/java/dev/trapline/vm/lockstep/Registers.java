package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Msrs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * All registers of a processor in the order and number in which QEMU's x86-64 target gives them to gdb ({@code g} packet). Outside
 * 64-bit mode it shows the low halves of eight general registers.
 *
 * @param low the low 64 bits by register number
 * @param high the bits above
 */
record Registers(long[] low, long[] high) {
  /**
   * One register.
   *
   * @param compared false where QEMU keeps nothing
   */
  record Spec(String name, int bytes, boolean compared) {}

  static final int RAX = 0;
  static final int RBX = 1;
  static final int RCX = 2;
  static final int RDX = 3;
  static final int RSI = 4;
  static final int RDI = 5;
  static final int RSP = 7;
  static final int RIP = 16;
  static final int FLAGS = 17;
  static final int CS = 18;
  static final int SS = 19;
  static final int DS = 20;
  static final int ES = 21;
  static final int FS = 22;
  static final int GS = 23;
  static final int FS_BASE = 24;
  static final int GS_BASE = 25;
  static final int KERNEL_GS = 26;
  static final int CR0 = 27;
  static final int CR2 = 28;
  static final int CR3 = 29;
  static final int CR4 = 30;
  static final int CR8 = 31;
  static final int EFER = 32;
  static final int ST0 = 33;
  static final int FCTRL = 41;
  static final int FSTAT = 42;
  static final int XMM0 = 49;
  static final int MXCSR = 65;

  /** Our encoding numbers in gdb's order. */
  private static final int[] GENERAL = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};
  private static final int[] SEGMENTS = {Cpu.CS, Cpu.SS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS};
  private static final int KERNEL_GS_BASE = 0xc000_0102;
  private static final long LOW32 = 0xffffffffL;

  static final List<Spec> ALL = specs();

  private static List<Spec> specs() {
    var list = new ArrayList<Spec>();
    for (String n : "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split(" ")) {
      list.add(new Spec(n, 8, true));
    }
    for (String n : "eflags cs ss ds es fs gs".split(" ")) {
      list.add(new Spec(n, 4, true));
    }
    for (String n : "fs_base gs_base kernel_gs_base cr0 cr2 cr3 cr4 cr8 efer".split(" ")) {
      list.add(new Spec(n, 8, true));
    }
    for (int i = 0; i < 8; i++) {
      list.add(new Spec("st" + i, 10, true));
    }
    for (String n : "fctrl fstat ftag fiseg fioff foseg fooff fop".split(" ")) {
      list.add(new Spec(n, 4, n.equals("fctrl") || n.equals("fstat")));
    }
    for (int i = 0; i < 16; i++) {
      list.add(new Spec("xmm" + i, 16, true));
    }
    list.add(new Spec("mxcsr", 4, true));
    return List.copyOf(list);
  }

  private static Registers empty() {
    return new Registers(new long[ALL.size()], new long[ALL.size()]);
  }

  /** What a {@code g} packet says. */
  static Registers parse(String hex) {
    ByteBuffer b = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
    Registers r = empty();
    for (int i = 0; i < ALL.size(); i++) {
      switch (ALL.get(i).bytes) {
        case 4 -> r.low[i] = b.getInt() & LOW32;
        case 8 -> r.low[i] = b.getLong();
        default -> {
          r.low[i] = b.getLong();
          r.high[i] = ALL.get(i).bytes == 16 ? b.getLong() : b.getShort() & 0xffff;
        }
      }
    }
    return r;
  }

  /** Ours, as QEMU would show them. */
  static Registers of(Cpu c) {
    Registers r = empty();
    long mask = c.mode64() ? -1L : LOW32;
    for (int i = 0; i < (c.mode64() ? 16 : 8); i++) {
      r.low[i] = c.r[GENERAL[i]] & mask;
    }
    r.low[RIP] = c.rip & mask;
    r.low[FLAGS] = c.rflags();
    for (int i = 0; i < 6; i++) {
      r.low[CS + i] = c.seg[SEGMENTS[i]].selector;
    }
    // QEMU gives the physical registers under these names, whatever the top of the stack is.
    for (int i = 0; i < 8; i++) {
      r.low[ST0 + i] = c.x87.sig[i];
      r.high[ST0 + i] = c.x87.signExp[i];
    }
    r.low[FCTRL] = c.x87.controlWord();
    r.low[FSTAT] = c.x87.statusWord();
    for (int i = 0; i < 16; i++) {
      r.low[XMM0 + i] = c.xmm[2 * i];
      r.high[XMM0 + i] = c.xmm[2 * i + 1];
    }
    r.low[MXCSR] = c.mxcsr;
    r.low[FS_BASE] = c.seg[Cpu.FS].base;
    r.low[GS_BASE] = c.seg[Cpu.GS].base;
    r.low[KERNEL_GS] = kernelGs(c);
    long[] control = {c.cr0, c.cr2, c.cr3, c.cr4, c.cr8, c.efer};
    System.arraycopy(control, 0, r.low, CR0, control.length);
    return r;
  }

  /** Read as by RDMSR, but without being heard. */
  private static long kernelGs(Cpu c) {
    var heard = c.events;
    c.events = null;
    long v = c.msrs.read(c, KERNEL_GS_BASE);
    c.events = heard;
    return v;
  }

  boolean same(int register, Registers other) {
    return low[register] == other.low[register] && high[register] == other.high[register];
  }

  /** The value as gdb writes it: little-endian bytes. */
  String packet(int register) {
    int n = ALL.get(register).bytes;
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(low[register]).putLong(high[register]);
    return HexFormat.of().formatHex(b.array(), 0, n);
  }

  /** The value as people read it. */
  String text(int register) {
    int n = ALL.get(register).bytes;
    return n <= 8 ? String.format("%0" + 2 * n + "x", low[register])
        : String.format("%0" + (2 * n - 16) + "x", high[register]) + String.format("_%016x", low[register]);
  }

  /** MSR numbers that a state loaded into QEMU takes along, beside EFER. */
  static List<Integer> modelSpecific() {
    List<Integer> wanted = List.of(0x174, 0x175, 0x176, 0x277, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084, KERNEL_GS_BASE);
    return wanted.stream().filter(n -> Msrs.row(n) != null).toList();
  }
}
