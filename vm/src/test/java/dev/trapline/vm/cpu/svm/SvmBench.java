package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.interp.Interpreter;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.PermissionMaps;
import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.svm.VmcbField;
import java.util.Map;

/** A processor whose host, in 64-bit mode, runs one guest and halts when it has left it. */
class SvmBench {
  static final int HOST = 0x1000;
  static final int HOST_STACK = 0x9000;
  static final int HOST_TABLES = 0x30000;
  static final int VMCB = 0x10000;
  static final int HSAVE = 0x11000;
  static final int IOPM = 0x20000;
  static final int MSRPM = 0x24000;
  static final int CODE = 0x100000;
  static final int IDT = 0x103000;
  static final int GDT = 0x103800;
  static final int HANDLERS = 0x104000;
  static final int STACK = 0x109000;
  static final int DATA = 0x10a000;
  static final int TSS = 0x10c000;
  static final int INNER_STACK = 0x10b000;
  static final int HOST_IDT = 0x3000;
  static final int HOST_HANDLERS = 0x4000;
  static final long RAM = 16L << 20;

  static final int CODE32 = 0xc9b;
  static final int DATA32 = 0xc93;
  static final int CODE64 = 0xa9b;

  final PhysicalMemory memory = new PhysicalMemory(1L << 32);
  int pendingVector = -1;
  boolean nmi;
  boolean init;
  int portValue;
  final StringBuilder ports = new StringBuilder();
  final Cpu c;
  final Interpreter engine;

  SvmBench() {
    memory.addRam("ram", 0, RAM);
    c = new Cpu(memory, new Ports(), new Source());
    engine = new Interpreter(c);
    host();
    code(HOST, CodeSize.BITS64, "vmrun", "hlt");
    guest();
  }

  // ---- the host: 64-bit mode, everything mapped as it is by pages of 1 GiB

  private void host() {
    c.reset();
    memory.write(HOST_TABLES, 8, HOST_TABLES + 0x1007);
    for (int i = 0; i < 4; i++) {
      memory.write(HOST_TABLES + 0x1000 + 8 * i, 8, (long) i << 30 | 0x87);
    }
    c.cr3 = HOST_TABLES;
    c.cr4 = Control.PAE | Control.OSFXSR;
    c.cr0 = 0x80000000L | Control.PE | Control.ET | Control.NE;
    c.efer = Control.LME | Control.LMA | Control.NXE | Control.SVME;
    for (int i = 0; i < 6; i++) {
      c.seg[i].set(i == Cpu.CS ? 8 : 0x10, 0, 0xffffffffL, i == Cpu.CS ? 0xa09b : 0xc093);
    }
    memory.write(HOST_IDT - 0x100 + 8, 8, 0x00af9b000000ffffL);
    memory.write(HOST_IDT - 0x100 + 16, 8, 0x00cf93000000ffffL);
    c.gdtBase = HOST_IDT - 0x100;
    c.gdtLimit = 0x17;
    for (int v = 0; v < 256; v++) {
      long at = HOST_HANDLERS + 4 * v;
      memory.write(HOST_IDT + 16 * v, 8, at & 0xffff | 8L << 16 | 0x8e00L << 32 | (at >>> 16) << 48);
      memory.write(at, 1, 0xf4);
    }
    c.idtBase = HOST_IDT;
    c.idtLimit = 0xfff;
    c.registersLoaded();
    c.msrs.at(dev.trapline.vm.cpu.Msrs.VM_HSAVE_PA, HSAVE);
    c.r[Cpu.RSP] = HOST_STACK;
  }

  // ---- the guest: 32-bit flat, paging off, a handler that halts for every vector; all of HLT leaves it

  private void guest() {
    long[] gdt = {0, 0x00cf9b000000ffffL, 0x00cf93000000ffffL, 0x00cffb000000ffffL,
      0x00cff3000000ffffL, 0x0000890000000067L | (long) (TSS & 0xffffff) << 16,
      0x00af9b000000ffffL, 0x00affb000000ffffL};
    for (int i = 0; i < gdt.length; i++) {
      memory.write(GDT + 8 * i, 8, gdt[i]);
    }
    for (int v = 0; v < 256; v++) {
      long at = HANDLERS + 4 * v;
      memory.write(IDT + 8 * v, 8, at & 0xffff | 0x8 << 16 | 0xee00L << 32 | (at >>> 16) << 48);
      memory.write(at, 1, 0xf4);
    }
    memory.write(TSS + 4, 4, INNER_STACK);
    memory.write(TSS + 8, 4, 0x10);
    memory.write(TSS + 102, 2, 0x68);
    segments(CODE32);
    set(Vmcb.GDTR_BASE, GDT);
    set(Vmcb.GDTR_LIMIT, 0x3f);
    set(Vmcb.IDTR_BASE, IDT);
    set(Vmcb.IDTR_LIMIT, 0x7ff);
    set(Vmcb.CR0, Control.PE | Control.ET | Control.NE);
    set(Vmcb.EFER, Control.SVME);
    set(Vmcb.RFLAGS, 2);
    set(Vmcb.RIP, CODE);
    set(Vmcb.RSP, STACK);
    set(Vmcb.DR6, 0xffff0ff0L);
    set(Vmcb.DR7, 0x400);
    set(Vmcb.ASID, 1);
    set(Vmcb.IOPM_BASE, IOPM);
    set(Vmcb.MSRPM_BASE, MSRPM);
    set(Vmcb.G_PAT, 0x0007_0406_0007_0406L);
    intercept(ExitCode.VMRUN);
    intercept(ExitCode.HLT);
    intercept(ExitCode.SHUTDOWN);
    c.tr.set(0x28, TSS, 0x67, 0x8b);
  }

  /** Flat segments with a packed attribute field for CS. */
  final void segments(int codeAttributes) {
    segment(Vmcb.ES_SELECTOR, 0x10, DATA32);
    segment(Vmcb.CS_SELECTOR, 8, codeAttributes);
    segment(Vmcb.SS_SELECTOR, 0x10, DATA32);
    segment(Vmcb.DS_SELECTOR, 0x10, DATA32);
  }

  private void segment(VmcbField selector, int value, int attributes) {
    long at = VMCB + selector.offset();
    memory.write(at, 2, value);
    memory.write(at + 2, 2, attributes);
    memory.write(at + 4, 4, 0xffffffffL);
    memory.write(at + 8, 8, 0);
  }

  /** Makes the guest a 64-bit one with its own tables, everything mapped as it is. */
  final void guest64() {
    segments(CODE64);
    set(Vmcb.CR3, HOST_TABLES);
    set(Vmcb.CR4, Control.PAE | Control.OSFXSR);
    set(Vmcb.CR0, 0x80000000L | Control.PE | Control.ET | Control.NE);
    set(Vmcb.EFER, Control.SVME | Control.LME | Control.LMA | Control.NXE);
    memory.write(GDT + 8, 8, 0x00af9b000000ffffL);
    for (int v = 0; v < 256; v++) {
      long at = HANDLERS + 4 * v;
      memory.write(IDT - 0x2000 + 16 * v, 8, at & 0xffff | 8L << 16 | 0xee00L << 32 | (at >>> 16) << 48);
      memory.write(IDT - 0x2000 + 16 * v + 8, 8, 0);
    }
    set(Vmcb.IDTR_BASE, IDT - 0x2000);
    set(Vmcb.IDTR_LIMIT, 0xfff);
  }

  // ---- what tests say

  final void set(VmcbField field, long value) {
    field.set(memory, VMCB, value);
  }

  final long get(VmcbField field) {
    return field.get(memory, VMCB);
  }

  final void intercept(int exitCode) {
    Vmcb.intercept(memory, VMCB, exitCode, true);
  }

  final void pass(int exitCode) {
    Vmcb.intercept(memory, VMCB, exitCode, false);
  }

  /** Sets or clears the bits of ports in the I/O map. */
  final void port(int port, boolean intercepted) {
    bit(IOPM, port, intercepted);
  }

  /** Sets or clears one of the two bits of an MSR. */
  final void msr(int number, boolean write, boolean intercepted) {
    bit(MSRPM, PermissionMaps.msrBit(number) + (write ? 1 : 0), intercepted);
  }

  private void bit(long map, int bit, boolean on) {
    long old = memory.read(map + (bit >> 3), 1);
    long mask = 1L << (bit & 7);
    memory.write(map + (bit >> 3), 1, on ? old | mask : old & ~mask);
  }

  final byte[] code(long at, CodeSize size, String... lines) {
    String text = "org " + at + "\n" + String.join("\n", lines) + "\n";
    byte[] code = new Assembler(X86.set()).assemble("test", (name, from) -> text.getBytes(), new Assembler.Options(Map.of(), size)).bytes();
    memory.poke(at, code, 0, code.length);
    return code;
  }

  /** Runs 32-bit guest code from its start until the guest is left; the exit code. */
  final long run(String... lines) {
    return run(CodeSize.BITS32, lines);
  }

  final long run(CodeSize size, String... lines) {
    code(CODE, size, lines);
    set(Vmcb.RIP, CODE);
    return enter();
  }

  /** VMRUN, and on until the host halts; the exit code. */
  final long enter() {
    c.rip = HOST;
    c.halted = false;
    c.svm.gif = false; // as behind CLGI: what is pending waits for the guest
    c.r[Cpu.RAX] = VMCB;
    engine.run(10_000);
    if (!c.halted || c.svm.guest) {
      throw new AssertionError("the guest was not left: rip " + Long.toHexString(c.rip) + " " + c.shutdownReason);
    }
    if (c.rip != HOST + 4) {
      throw new AssertionError("the host did not go on behind VMRUN but at " + Long.toHexString(c.rip));
    }
    return get(Vmcb.EXITCODE);
  }

  /** The vector whose handler in the guest halted, or -1. */
  final int vector() {
    long at = get(Vmcb.RIP) - HANDLERS;
    return at >= 0 && at < 0x400 ? (int) at / 4 : -1;
  }

  private final class Ports implements PortBus {
    @Override
    public int in(int port, int bytes) {
      ports.append("in%d:%x ".formatted(bytes, port));
      return portValue;
    }

    @Override
    public void out(int port, int bytes, int value) {
      ports.append("out%d:%x=%x ".formatted(bytes, port, value));
    }
  }

  private final class Source implements InterruptSource {
    @Override
    public boolean pending() {
      return pendingVector >= 0;
    }

    @Override
    public int acknowledge() {
      int v = pendingVector;
      pendingVector = -1;
      return v;
    }

    @Override
    public Event event(boolean nmiHeld) {
      return init ? Event.INIT : nmi && !nmiHeld ? Event.NMI : Event.NONE;
    }

    @Override
    public int take(Event event) {
      nmi &= event != Event.NMI;
      init &= event != Event.INIT;
      return 0;
    }
  }
}
