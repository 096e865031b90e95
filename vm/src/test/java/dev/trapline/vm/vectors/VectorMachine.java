package dev.trapline.vm.vectors;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.mem.PhysicalMemory;

/**
 * A processor arranged as Linux arranges one for a user program: CPL 3, paging, the same user selectors, exceptions through an IDT to
 * ring 0. {@link #run} executes one instruction from given inputs and tells what came out.
 */
final class VectorMachine {
  private static final long MEMORY = 0x400000;
  private static final int GDT = 0x180000;
  private static final int IDT = 0x181000;
  private static final int HANDLERS = 0x183000;
  private static final int TSS = 0x184000;
  private static final int STACK0 = 0x186000;
  private static final int TABLES = 0x200000;
  private static final int[] USER_PAGES = {0x8, 0x9, 0x100, 0x101, 0x102, 0x110, 0x111};
  private static final int KERNEL_CODE = 0x08;
  private static final int HLT = 0xf4;

  private final int mode;
  private final PhysicalMemory memory = new PhysicalMemory(MEMORY);
  private final Cpu cpu;
  private final Interpreter interpreter;
  private byte[] code = {};

  VectorMachine(int mode) {
    this.mode = mode;
    memory.addRam("ram", 0, MEMORY);
    this.cpu = new Cpu(memory, new NoPorts(), new NoInterrupts());
    tables();
    descriptors();
    this.interpreter = new Interpreter(cpu);
  }

  private record NoPorts() implements PortBus {
    @Override
    public int in(int port, int bytes) {
      throw new IllegalStateException("port " + port + " read in user mode");
    }

    @Override
    public void out(int port, int bytes, int value) {
      throw new IllegalStateException("port " + port + " written in user mode");
    }
  }

  private record NoInterrupts() implements InterruptSource {
    @Override
    public boolean pending() {
      return false;
    }

    @Override
    public int acknowledge() {
      throw new IllegalStateException("no interrupt is pending");
    }
  }

  // ---- what an operating system sets up

  private void tables() {
    int leaf = mode == 64 ? TABLES + 0x3000 : TABLES + 0x1000;
    int entry = mode == 64 ? 8 : 4;
    for (int level = TABLES; level < leaf; level += 0x1000) {
      memory.write(level, entry, level + 0x1000 | 7);
    }
    for (int page = 0x180; page < 0x190; page++) {
      memory.write(leaf + (long) entry * page, entry, (long) page << 12 | 3);
    }
    for (int page : USER_PAGES) {
      memory.write(leaf + (long) entry * page, entry, (long) page << 12 | 7);
    }
  }

  private void descriptors() {
    memory.write(GDT + KERNEL_CODE, 8, mode == 64 ? 0x00af9b000000ffffL : 0x00cf9b000000ffffL);
    memory.write(GDT + 0x10, 8, 0x00cf93000000ffffL);
    memory.write(GDT + 0x20, 8, 0x00cffb000000ffffL);
    memory.write(GDT + 0x28, 8, 0x00cff3000000ffffL);
    memory.write(GDT + 0x30, 8, 0x00affb000000ffffL);
    for (int v = 0; v < 256; v++) {
      long handler = HANDLERS + 4L * v;
      long dpl = v == 3 || v == 4 ? 0x6000 : 0;
      long gate = handler & 0xffff | (long) KERNEL_CODE << 16 | (0x8e00L | dpl) << 32 | handler >> 16 << 48;
      memory.write(IDT + (mode == 64 ? 16L : 8L) * v, 8, gate);
      memory.write(handler, 1, HLT); // an exception retires nothing, so the step goes on into its handler
    }
    memory.write(TSS + 4, mode == 64 ? 8 : 4, STACK0);
    memory.write(TSS + 8, 4, mode == 64 ? 0 : 0x10);
    memory.write(TSS + 0x66, 2, 0x8000); // no I/O permission map
  }

  private void registers() {
    cpu.cr0 = 0x80050033L;
    cpu.cr3 = TABLES;
    cpu.cr4 = (mode == 64 ? 0x20 : 0) | 0x200 | 0x400 | 0x10000 | 0x40000; // OSFXSR, OSXMMEXCPT, FSGSBASE, OSXSAVE
    cpu.xcr0 = 3;
    cpu.efer = mode == 64 ? 0xd01 : 0;
    cpu.gdtBase = GDT;
    cpu.gdtLimit = 0x37;
    cpu.idtBase = IDT;
    cpu.idtLimit = 0xfff;
    cpu.tr.set(0x40, TSS, 0x67, 0x8b);
    cpu.ldtr.unusable = true;
    boolean m64 = mode == 64;
    cpu.seg[Cpu.CS].set(m64 ? 0x33 : 0x23, 0, 0xffffffffL, m64 ? 0xa0fb : 0xc0fb);
    cpu.seg[Cpu.SS].set(0x2b, 0, 0xffffffffL, 0xc0f3);
    for (int s : new int[] {Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
      boolean empty = m64 || s == Cpu.FS;
      cpu.seg[s].set(empty ? 0 : s == Cpu.GS ? 0x63 : 0x2b, 0, empty ? 0 : 0xffffffffL, empty ? 0 : 0xc0f3);
      cpu.seg[s].unusable = empty;
    }
    cpu.cpl = 3;
    cpu.shutdown = false;
    cpu.halted = false;
  }

  // ---- one case

  /** Puts a form's instruction in place. */
  void form(VectorForm f) {
    cpu.registersLoaded();
    byte[] page = new byte[0x2000];
    java.util.Arrays.fill(page, (byte) 0xcc);
    System.arraycopy(f.bytes(), 0, page, VectorForm.INSN - 0x100000, f.bytes().length);
    memory.poke(0x100000, page, 0, page.length);
    code = f.bytes();
    byte[] zero = new byte[0x2000];
    memory.poke(0x110000, zero, 0, zero.length);
    memory.poke(0x8000, zero, 0, zero.length);
    registers();
    cpu.registersLoaded();
  }

  /** Runs the form's instruction once; {@code out} receives the state afterwards. */
  void run(VectorForm f, VectorState in, VectorState out) {
    load(f, in);
    int vector = step();
    store(f, out, vector);
  }

  private void load(VectorForm f, VectorState in) {
    if (cpu.cpl != 3 || cpu.shutdown || cpu.seg[Cpu.CS].selector != in.cs || segmentsTouched()) {
      registers();
      cpu.rflags(2);
      cpu.registersLoaded();
    }
    System.arraycopy(in.r, 0, cpu.r, 0, 16);
    cpu.rip = in.rip;
    cpu.rflags(in.flags | 0x200);
    System.arraycopy(in.xmm, 0, cpu.xmm, 0, 32);
    cpu.mxcsr = in.mxcsr;
    cpu.x87.controlWord(in.cw);
    cpu.x87.statusWord(in.sw);
    cpu.x87.valid = in.valid;
    System.arraycopy(in.sig, 0, cpu.x87.sig, 0, 8);
    System.arraycopy(in.se, 0, cpu.x87.signExp, 0, 8);
    cpu.shadow = false;
    if (f.windowBytes() > 0) {
      memory.poke(f.window(), in.memory, 0, f.windowBytes());
    }
  }

  private boolean segmentsTouched() {
    for (int s : new int[] {Cpu.DS, Cpu.ES, Cpu.SS, Cpu.FS, Cpu.GS}) {
      int usual = s == Cpu.SS ? 0x2b : mode == 64 || s == Cpu.FS ? 0 : s == Cpu.GS ? 0x63 : 0x2b;
      if (cpu.seg[s].selector != usual || cpu.seg[s].base != 0) {
        return true;
      }
    }
    return false;
  }

  /** One instruction; the exception's vector or -1. A repeated string instruction may take several steps. */
  private int step() {
    for (int i = 0; i < 64; i++) {
      interpreter.run(1);
      if (cpu.shutdown) {
        return cpu.fault.vector;
      }
      if (cpu.cpl == 0) {
        return (int) (cpu.rip - HANDLERS) / 4;
      }
      if (cpu.rip != VectorForm.INSN) {
        return -1;
      }
    }
    return -1;
  }

  private void store(VectorForm f, VectorState out, int vector) {
    System.arraycopy(cpu.r, 0, out.r, 0, 16);
    out.rip = cpu.rip;
    out.cs = cpu.seg[Cpu.CS].selector;
    out.flags = cpu.rflags();
    out.vector = vector;
    out.error = 0;
    if (vector >= 0) {
      out.error = Math.max(0, cpu.fault.errorCode);
      if (!cpu.shutdown) {
        frame(out);
      }
    }
    System.arraycopy(cpu.xmm, 0, out.xmm, 0, 32);
    out.mxcsr = cpu.mxcsr;
    out.cw = cpu.x87.controlWord();
    out.sw = cpu.x87.statusWord();
    out.valid = cpu.x87.valid;
    System.arraycopy(cpu.x87.sig, 0, out.sig, 0, 8);
    System.arraycopy(cpu.x87.signExp, 0, out.se, 0, 8);
    memory.peek(f.window(), out.memory, 0, f.windowBytes());
  }

  /** The interrupted program's registers, from the frame its exception pushed. */
  private void frame(VectorState out) {
    int slot = mode / 8;
    long sp = mode == 64 ? cpu.r[Cpu.RSP] : cpu.r[Cpu.RSP] & 0xffffffffL;
    int pushed = (int) (STACK0 - sp) / slot;
    long at = sp;
    if (pushed == 6) {
      out.error = (int) memory.read(at, slot);
      at += slot;
    } else {
      out.error = 0;
    }
    out.rip = memory.read(at, slot);
    out.cs = (int) memory.read(at + slot, 2);
    out.flags = memory.read(at + 2L * slot, slot);
    out.r[Cpu.RSP] = memory.read(at + 3L * slot, slot);
  }
}
