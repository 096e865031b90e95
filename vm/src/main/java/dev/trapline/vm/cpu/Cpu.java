package dev.trapline.vm.cpu;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.event.EventListener;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.state.Stateful;
import dev.trapline.vm.softfloat.FpEnv;
import dev.trapline.vm.svm.ExitCode;
import java.util.function.Consumer;

/**
 * One processor: the architectural state and the operations that every instruction shares.
 *
 * <p><b>RIP during a block.</b> While an engine runs a block, {@link #base} is the address of its first instruction and
 * {@link #rip} the address after its last, so an instruction that ends a block ({@code Attr.ENDS}) finds its own return
 * address in {@code rip} and overwrites it to branch. Others must not touch it. Between blocks {@code rip} is the next
 * instruction.
 */
public final class Cpu implements Stateful<CpuState> {
  public static final int ES = 0;
  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;

  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;

  /** RFLAGS bits outside the arithmetic six. */
  public static final int TF = 0x100;
  public static final int IF = 0x200;
  public static final int DF = 0x400;
  public static final int IOPL = 0x3000;
  public static final int NT = 0x4000;
  public static final int RF = 0x10000;
  public static final int VM = 0x20000;
  public static final int AC = 0x40000;
  public static final int VIF = 0x80000;
  public static final int VIP = 0x100000;
  public static final int ID = 0x200000;
  private static final int SYSTEM_FLAGS = TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;

  /** General registers by encoding number; index 16 is always zero and stands for "none" in addresses. */
  public final long[] r = new long[17];
  /** See the class comment. */
  public long rip;
  /** See the class comment. */
  public long base;
  /** Address of the instruction after the running one; the engine sets it before a wide function ({@code Shape.Wide}). */
  public long nextRip;
  /** Flag words, see {@link Flags}. */
  public long res = 1;
  public long aux;
  /** RFLAGS without the arithmetic six and the fixed bit 1. */
  public int sysFlags;
  public final Segment[] seg = {new Segment(), new Segment(), new Segment(), new Segment(), new Segment(), new Segment()};
  public final Segment ldtr = new Segment();
  public final Segment tr = new Segment();
  public long gdtBase;
  public int gdtLimit = 0xffff;
  public long idtBase;
  public int idtLimit = 0xffff;
  public int cpl;

  public long cr0 = 0x60000010L;
  public long cr2;
  public long cr3;
  public long cr4;
  public long cr8;
  public long efer;
  /** DR0 to DR7; 4 and 5 unused. */
  public final long[] dr = {0, 0, 0, 0, 0, 0, 0xffff0ff0L, 0x400};

  /** XMM0 to XMM15, low half at 2i, high half at 2i+1. */
  public final long[] xmm = new long[32];
  public int mxcsr = 0x1f80;
  /** Scratch, not state: the high half of the 128-bit operand fetched last. */
  public long high;
  /** Scratch, not state: rounding, masks and flags of the running SSE instruction, taken from {@link #mxcsr}. */
  public final FpEnv sse = new FpEnv();
  /** The x87 and MMX registers. */
  public final X87 x87 = new X87();
  /** FERR#: called when an unmasked x87 exception becomes pending while CR0.NE is clear (IRQ 13 on a PC). */
  public Runnable ferr = () -> {};

  /** XCR0: state components XSAVE may use. */
  public long xcr0 = 1;
  public final Msrs msrs = new Msrs();
  /** Guest mode and what belongs to it. */
  public final Svm svm = new Svm();

  public final CpuModel model;
  public final Cpuid cpuid;
  public final LinearMemory mem;
  public final PortBus ports;
  public final InterruptSource interrupts;
  public final Fault fault = new Fault();
  /** Who hears of registers written, exceptions and interrupts; null for nobody. */
  public EventListener events;
  /** Whether they hear of guest mode alone: the rest is its monitor's business. */
  public boolean eventsOfGuest;
  /** Who is told when {@link #mode} may have changed; null for nobody. */
  public Consumer<Cpu> modes;

  /** Instructions retired and exceptions delivered; during a block already advanced to the block's end. */
  public long count;
  /** With several processors: {@link #count} at which all of them began the present round. Not state: counts tell. */
  public long round;
  /** Value of {@link #count} the engine was asked to stop at: a repeated string instruction stops before it counts past this. */
  public long countLimit = Long.MAX_VALUE;
  /** How many operations of the running block to execute; lowering it stops the block after the current operation. */
  public int limit;
  /** Whether {@link #count} is exact for the operation now running. */
  public boolean clockExact;
  /** Interrupts and traps are held off for one instruction (STI, MOV SS; SDM 3A 6.8.3). */
  public boolean shadow;
  /** HLT executed; an interrupt clears it. */
  public boolean halted;
  /** A triple fault happened: nothing runs until reset. */
  public boolean shutdown;
  /** What led to the shutdown, for people; null while running. */
  public String shutdownReason;
  /** An NMI is being handled: further ones wait for IRET. */
  public boolean nmiBlocked;
  /** {@link #count} after the last MOV SS or POP SS: at that count debug exceptions wait; -1 if a handler was entered since. */
  private long stackLoadAt = -1;
  /** TF as it was before the running instruction; only kept while {@link #debugArmed}. */
  public boolean stepping;
  /** RF as it was before the running instruction; only kept while {@link #debugArmed}. */
  boolean resuming;
  /** DR6 bits of breakpoints met, to be delivered after the instruction. */
  long debugPending;
  /** DEBUGCTL.LBR, if branches are recorded; follows from the register. */
  long branches;
  private boolean alignmentChecks;
  private SensitiveWatch sensitive;
  /** Something outside asks the engine to look up between blocks (interrupt line, stop request). */
  public volatile boolean attention;
  /** Mode bits decoded code depends on; recomputed by {@link #modeChanged}. */
  public int mode;

  public Cpu(PhysicalMemory memory, PortBus ports, InterruptSource interrupts) {
    this(memory, ports, interrupts, CpuModel.ALONE);
  }

  public Cpu(PhysicalMemory memory, PortBus ports, InterruptSource interrupts, CpuModel model) {
    this.model = model;
    this.cpuid = new Cpuid(model);
    this.mem = new LinearMemory(this, memory);
    this.ports = ports;
    this.interrupts = interrupts;
  }

  // ---- flags

  /** RFLAGS as PUSHF sees it. */
  public long rflags() {
    return Flags.pack(res, aux) | sysFlags | 2;
  }

  /** Sets RFLAGS without any privilege rule. */
  public void rflags(long value) {
    arithmeticFlags((int) value);
    int system = (int) value & SYSTEM_FLAGS;
    boolean modeBits = ((system ^ sysFlags) & (VM | AC)) != 0;
    sysFlags = system;
    if (modeBits) {
      modeChanged();
    }
  }

  /** Sets the six arithmetic flags. */
  public void arithmeticFlags(int value) {
    res = Flags.unpackRes(value);
    aux = Flags.unpackAux(value);
  }

  public boolean flag(int bit) {
    return (sysFlags & bit) != 0;
  }

  // ---- mode

  public boolean protectedMode() {
    return (cr0 & 1) != 0;
  }

  public boolean v86() {
    return (sysFlags & VM) != 0;
  }

  /** EFER.LMA. */
  public boolean longMode() {
    return (efer & 0x400) != 0;
  }

  /** 64-bit mode proper: LMA and CS.L. */
  public boolean mode64() {
    return longMode() && (seg[CS].access & Segment.L) != 0;
  }

  public CodeSize codeSize() {
    return mode64() ? CodeSize.BITS64 : seg[CS].big() ? CodeSize.BITS32 : CodeSize.BITS16;
  }

  /** Mode bit: 64-bit code. */
  public static final int M_64 = 1;
  /** Mode bit: default size 32. */
  public static final int M_32 = 2;
  /** Mode bit: real or virtual-8086 mode. */
  public static final int M_REAL = 4;
  /** Mode bit: ES, SS and DS are flat, so offsets are linear addresses without a check. */
  public static final int M_FLAT = 8;
  /** Mode bit: CPL is 3. */
  public static final int M_USER = 0x10;
  /** Mode bit: the stack pointer is 32 bits wide (SS.B). */
  public static final int M_STACK32 = 0x20;
  /** Mode bit: guest mode, in which instructions may be intercepted. */
  public static final int M_GUEST = 0x40;
  /** Mode bit: sensitive unprivileged instructions are watched, and CPL is not 0. */
  public static final int M_WATCHED = 0x80;

  /**
   * Recomputes what depends on CS, SS, flags and control registers together: call after changing any of them. Cheap
   * enough for every segment load.
   */
  public void modeChanged() {
    boolean m64 = mode64();
    int m = m64 ? M_64 : seg[CS].big() ? M_32 : 0;
    if (!protectedMode() || v86()) {
      m |= M_REAL;
    }
    if (!m64 && seg[SS].flat() && seg[DS].flat() && seg[ES].flat()) {
      m |= M_FLAT;
    }
    if (cpl == 3) {
      m |= M_USER;
    }
    if (seg[SS].big()) {
      m |= M_STACK32;
    }
    if (svm.guest) {
      m |= M_GUEST;
    }
    if (sensitive != null && cpl != 0) {
      m |= M_WATCHED;
    }
    mode = m;
    branches = msrs.at(Msrs.DEBUGCTL) & LastBranch.LBR;
    alignmentChecks = cpl == 3 && flag(AC) && (cr0 & Control.AM) != 0;
    mem.view(cpl == 3, flag(AC), alignmentChecks, m64);
    limit = 0;
    if (modes != null) {
      modes.accept(this);
    }
  }

  /** The mode for people: {@code real16}, {@code v86}, {@code prot32}, {@code compat32}, {@code long64}. */
  public String modeName() {
    if (!protectedMode()) {
      return seg[CS].big() ? "real32" : "real16";
    }
    if (v86()) {
      return "v86";
    }
    return (mode64() ? "long" : longMode() ? "compat" : "prot") + codeSize().bits;
  }

  // ---- faults: each returns the fault so that the caller writes "throw c.gp(0)"

  public Fault raise(int vector) {
    return fault.set(vector, -1);
  }

  public Fault raise(int vector, int errorCode) {
    return fault.set(vector, errorCode);
  }

  public Fault gp(int errorCode) {
    return fault.set(Fault.GP, errorCode);
  }

  public Fault ud() {
    return fault.set(Fault.UD, -1);
  }

  /** Whether x87 errors are reported by #MF; with CR0.NE clear they are by {@link #ferr}. */
  public boolean numericErrors() {
    return (cr0 & 0x20) != 0;
  }

  /**
   * An unmasked x87 exception has just become pending: with CR0.NE clear FERR# is asserted now, and the engine looks up before the
   * next instruction, so that the interrupt comes where the external logic of a PC would deliver it (SDM 1 8.7.2).
   */
  public void x87Pending() {
    if (!numericErrors()) {
      ferr.run();
      limit = 0;
    }
  }

  /** Reports an unmasked x87 exception that is pending, as every waiting x87 and every MMX instruction does (SDM 1 8.6, 9.6.5). */
  public void reportX87() {
    if (x87.pending()) {
      if (numericErrors()) {
        throw raise(Fault.MF);
      }
      if (svm.intercepts(ExitCode.FERR_FREEZE)) {
        throw svm.exit(ExitCode.FERR_FREEZE, 0, 0);
      }
      ferr.run();
    }
  }

  public Fault pageFault(long linear, int errorCode) {
    fault.address = linear;
    return fault.set(Fault.PF, errorCode);
  }

  // ---- segmented memory

  /**
   * The linear address of an access through a segment, after the checks of the mode: limit, rights and usability in
   * protected mode, canonical form in 64-bit mode.
   *
   * @param offset effective address, already cut to the address size
   */
  public long linear(int segment, long offset, int bytes, Access access) {
    Segment s = seg[segment];
    if ((mode & M_64) != 0) {
      long lin = segment >= FS ? s.base + offset : offset;
      if (lin >> 47 != lin >> 63 || lin + bytes - 1 >> 47 != lin >> 63) {
        throw nonCanonical(segment);
      }
      return lin;
    }
    SegmentCheck.check(this, s, segment, offset, bytes, access);
    return s.base + offset & 0xffffffffL;
  }

  /** #SS(0) for the stack segment, #GP(0) for the others. */
  public Fault segmentFault(int segment) {
    return fault.set(segment == SS ? Fault.SS : Fault.GP, 0);
  }

  private Fault nonCanonical(int segment) {
    return segmentFault(segment);
  }

  Fault nonCanonicalAccess() {
    gp(0);
    fault.nonCanonical = true;
    return fault;
  }

  /** Whether instructions must run one at a time: single step, or a debug register is enabled. */
  public boolean debugArmed() {
    return (sysFlags & (TF | RF)) != 0 || (dr[7] & 0xff | debugPending | branches) != 0;
  }

  /** MOV SS and POP SS hold off interrupts and debug exceptions for one instruction (SDM 3A 6.8.3). */
  public void holdForStackLoad() {
    shadow = true;
    stackLoadAt = count;
  }

  /** Whether the last instruction was a stack load that holds off debug exceptions. */
  boolean debugHeld() {
    return stackLoadAt == count;
  }

  /** Sets {@link #debugHeld}. */
  void debugHeld(boolean held) {
    stackLoadAt = held ? count : -1;
  }

  /** Another world begins: traps of the instructions before belong to the one left. */
  public void dropTraps() {
    debugPending = 0;
    stepping = false;
    resuming = false;
    debugHeld(false);
  }

  // ---- hooks of the slow path

  /** Data breakpoints and alignment checks of an access by the running instruction. */
  void checkDataAccess(long linear, int bytes, Access access) {
    noteDataAccess(linear, bytes, access);
    if (alignmentChecks && (linear & bytes - 1) != 0) {
      mem.probe(linear, bytes, access); // a page fault comes first (SDM 3A table 6-2)
      throw raise(Fault.AC, 0);
    }
  }

  /** Data breakpoints alone. */
  void noteDataAccess(long linear, int bytes, Access access) {
    if ((dr[7] & 0xff) != 0) {
      DebugRegisters.data(this, linear, bytes, access);
    }
  }

  /** Whether the page of an address may be entered into the TLB. */
  boolean mayCache(long linear) {
    return !alignmentChecks && ((dr[7] & 0xff) == 0 || !DebugRegisters.watches(this, linear));
  }

  /** Sets who is told of sensitive unprivileged instructions, null for nobody; counts from the next change of mode on. */
  public void watchSensitive(SensitiveWatch watch) {
    sensitive = watch;
  }

  /** Who is told of them. */
  public SensitiveWatch sensitive() {
    return sensitive;
  }

  // ---- time

  /**
   * Virtual time of the running instruction. Alone it is {@link #count}. Among n processors the turns of a round follow each other, so
   * each instruction takes an n-th of its time and the processor then stands still while the others have their turns: time never goes
   * backwards, whoever asks.
   */
  public long time() {
    return model.processors() == 1 ? count : round + (model.index() * model.quantum() + count - round) / model.processors();
  }

  /** Where all time-stamp counters begin when all processors are reset now. */
  long timeOfReset() {
    return model.processors() == 1 ? count : round;
  }

  // ---- state

  /**
   * Takes over what is neither in a VMCB nor switched by VMLOAD: floating-point registers, XCR0, the debug addresses, and the MSR that
   * RDTSCP reads.
   */
  public void unswitched(Cpu from) {
    msrs.at(Msrs.TSC_AUX, from.msrs.at(Msrs.TSC_AUX));
    System.arraycopy(from.xmm, 0, xmm, 0, xmm.length);
    mxcsr = from.mxcsr;
    x87.set(from.x87);
    xcr0 = from.xcr0;
    System.arraycopy(from.dr, 0, dr, 0, 4);
  }

  @Override
  public String stateName() {
    return model.processors() == 1 ? "cpu" : "cpu" + model.index();
  }

  @Override
  public CpuState state() {
    return CpuState.of(this);
  }

  @Override
  public void state(CpuState state) {
    state.into(this);
  }

  /** RESET (SDM 3A 9.1): everything but the count of retired instructions, which is the machine's clock. */
  public void reset() {
    state(CpuState.reset(this));
  }

  /** INIT: as RESET, but x87, SSE and model-specific registers and the cache bits of CR0 stay (SDM 3A table 9-1). */
  public void initialise() {
    state(CpuState.init(this));
  }

  /** Start-up message: real mode at the beginning of a page below 1 MiB (SDM 3A 8.4.4). */
  public void start(int page) {
    seg[CS].set(page << 8, (long) page << 12, 0xffff, 0x9b);
    rip = 0;
    halted = false;
    modeChanged();
  }

  /** Registers were set from outside, past the instructions: recomputes the translation regime, drops the TLB, sets the mode. */
  public void registersLoaded() {
    Control.refresh(this);
  }

  /** The same, but the PDPTE registers are as they were. */
  public void registersRestored() {
    Control.restore(this, mem.paging().pdptes());
  }
}
