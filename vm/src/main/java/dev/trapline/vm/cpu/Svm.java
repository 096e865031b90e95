package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;

/**
 * What SVM adds to a processor's state (APM2 chapter 15): GIF, and while in guest mode what VMRUN took from the control area of the VMCB.
 * The operations are in {@code vm.cpu.svm}; this is what the rest of the processor asks.
 */
public final class Svm {
  /** Address space identifiers, 0 for the host (CPUID 8000_000A EBX). */
  public static final int ASIDS = 256;

  /** Global interrupt flag. */
  public boolean gif = true;
  /** In guest mode. */
  public boolean guest;
  /** Physical address of the running guest's VMCB. */
  public long vmcb;
  /** The intercept words: exit code c is bit c mod 32 of word c div 32. */
  public final int[] intercepts = new int[6];
  public long iopm;
  public long msrpm;
  public long tscOffset;
  public int asid;
  /** V_INTR_MASKING, and RFLAGS.IF of the host, which then masks physical interrupts. */
  public boolean masking;
  public boolean hostIf;
  /** The virtual interrupt: requested, its vector and priority, whether V_TPR counts. */
  public boolean vIrq;
  public int vVector;
  public int vPriority;
  public boolean vIgnoreTpr;
  public int vTpr;
  /** PAUSEs left before one exits, what the count is reloaded with, within which distance, and when the last one was. */
  public int pauseLeft;
  public int pauseCount;
  public int pauseThreshold;
  public long lastPause;
  /** Nested paging: the regime of the host tables, null if it is off. */
  public Paging nested;
  /** The host's page attribute table while a nested-paging guest has its own. */
  public long hostPat;
  /** LBR virtualization, and the host's registers meanwhile. */
  public boolean lbr;
  /** The event now being delivered through the IDT, as EXITINTINFO has it; 0 if none. */
  public long delivering;

  /** Scratch, not state: EXITINFO1 of the control register access now being made (APM2 15.8.1). */
  public long operandInfo;

  /** Scratch, not state: the running instruction is in the interrupt shadow, which an exit that keeps it from completing leaves on. */
  public boolean shadowed;

  /** Who takes over at an exit; null: the host's own code goes on. Wiring, not state. */
  public VmexitSink sink;
  /** Whether the sink was told since the engine began its run. */
  public boolean exited;
  private final VmExit exit = new VmExit();

  /**
   * What is kept of it.
   *
   * @param flags gif, guest, masking, hostIf, vIrq, vIgnoreTpr, lbr from bit 0 up
   * @param vInterrupt vector, priority, V_TPR
   * @param pause left, count, threshold
   * @param nested format, root, NX, PSE of the nested tables; format 0 if off
   */
  public record State(int flags, long vmcb, @Length(6) int[] intercepts, long iopm, long msrpm, long tscOffset, int asid,
      @Length(3) int[] vInterrupt,
      @Length(3) int[] pause,
      long lastPause, @Length(4) long[] nested, long hostPat) implements StateRecord {
    static final State NONE = new State(1, 0, new int[6], 0, 0, 0, 0, new int[3], new int[3], 0, new long[4], 0);
  }

  State state() {
    int flags = bit(gif, 0) | bit(guest, 1) | bit(masking, 2) | bit(hostIf, 3) | bit(vIrq, 4) | bit(vIgnoreTpr, 5) | bit(lbr, 6);
    long[] n = nested == null ? new long[4]
        : new long[] {nested.format().ordinal(), nested.root(), bit(nested.nx(), 0), bit(nested.pse(), 0)};
    return new State(flags, vmcb, intercepts.clone(), iopm, msrpm, tscOffset, asid, new int[] {vVector, vPriority, vTpr},
        new int[] {pauseLeft, pauseCount, pauseThreshold}, lastPause, n, hostPat);
  }

  private static int bit(boolean b, int position) {
    return b ? 1 << position : 0;
  }

  void state(State s) {
    gif = (s.flags & 1) != 0;
    guest = (s.flags & 2) != 0;
    masking = (s.flags & 4) != 0;
    hostIf = (s.flags & 8) != 0;
    vIrq = (s.flags & 0x10) != 0;
    vIgnoreTpr = (s.flags & 0x20) != 0;
    lbr = (s.flags & 0x40) != 0;
    vmcb = s.vmcb;
    System.arraycopy(s.intercepts, 0, intercepts, 0, intercepts.length);
    iopm = s.iopm;
    msrpm = s.msrpm;
    tscOffset = s.tscOffset;
    asid = s.asid;
    vVector = s.vInterrupt[0];
    vPriority = s.vInterrupt[1];
    vTpr = s.vInterrupt[2];
    pauseLeft = s.pause[0];
    pauseCount = s.pause[1];
    pauseThreshold = s.pause[2];
    lastPause = s.lastPause;
    if (s.nested[0] < 0 || s.nested[0] >= Paging.Format.values().length) {
      throw new StateException("svm.nested[0]: " + s.nested[0] + " is no page table format");
    }
    nested = s.nested[0] == 0 ? null
        : nestedTables(Paging.Format.values()[(int) s.nested[0]], s.nested[1], s.nested[2] != 0, s.nested[3] != 0);
    hostPat = s.hostPat;
    delivering = 0;
  }

  /** The regime of nested tables: every access is a user access, and CR0.WP, SMEP and SMAP of the host do not count (APM2 15.25.5). */
  public static Paging nestedTables(Paging.Format format, long root, boolean nx, boolean pse) {
    return new Paging(format, root, true, pse, nx, false, false, Control.PHYSICAL_BITS);
  }

  /** Whether an exit code's intercept is on. */
  public boolean intercepts(int exitCode) {
    return guest && (intercepts[exitCode >> 5] >>> exitCode & 1) != 0;
  }

  /** The exit to throw: {@code throw c.svm.exit(...)}. */
  public VmExit exit(long code, long info1, long info2) {
    return exit.set(code, info1, info2);
  }

  /** Whether a maskable physical interrupt would be recognized, apart from the interrupt shadow (APM2 15.21.1). */
  public boolean interruptible(Cpu c) {
    return gif && (guest && masking ? hostIf : c.flag(Cpu.IF));
  }

  /** Whether the virtual interrupt would be recognized, apart from the interrupt shadow (APM2 15.21.4). */
  public boolean virtuallyInterruptible(Cpu c) {
    return guest && gif && vIrq && c.flag(Cpu.IF) && (vIgnoreTpr || vPriority > (vTpr & 15));
  }

  /**
   * An exception is about to be delivered: leaves guest mode if it is intercepted (APM2 15.12).
   *
   * @throws VmExit if it is
   */
  void exception(Cpu c, int vector, int errorCode) {
    if (intercepts(ExitCode.EXCEPTION + vector)) {
      throw exceptionExit(c, vector, errorCode);
    }
  }

  /** The exit of an intercepted exception. */
  public VmExit exceptionExit(Cpu c, int vector, int errorCode) {
    return exit(ExitCode.EXCEPTION + vector, errorCode < 0 ? 0 : errorCode & 0xffffffffL, vector == Fault.PF ? c.fault.address : 0);
  }

  /** Notes that an event goes through the IDT; see {@link EventWord}. */
  void delivering(int type, int vector, int errorCode) {
    if (guest) {
      delivering = EventWord.of(type, vector, errorCode);
    }
  }
}
