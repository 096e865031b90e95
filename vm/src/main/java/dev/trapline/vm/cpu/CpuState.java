package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import java.util.List;

/**
 * Everything a program could tell about a processor. What follows from it (views, TLB contents, decoded code) is not state.
 *
 * @param general RAX to R15 by encoding number
 * @param segments ES, CS, SS, DS, FS, GS, LDTR, TR
 * @param sse XMM0 to XMM15, low half first
 * @param shadow interrupts are held off for one instruction
 * @param count instructions retired, the virtual time
 * @param msrs stored model-specific registers in the order of {@link Msrs}
 * @param pdptes PDPTE registers of PAE paging, which are loaded when CR3 is and may differ from memory since
 * @param nmiBlocked an NMI is being handled
 * @param debugHeld MOV SS was the last instruction: debug exceptions wait
 * @param debugPending DR6 bits of breakpoints met but not yet delivered
 * @param svm GIF, and guest mode
 */
public record CpuState(@Range(most = 1L << 62) long count, @Length(16) long[] general, long rip, long rflags, @Range(most = 3) int cpl,
    @Length(8) List<SegmentState> segments, long gdtBase, int gdtLimit, long idtBase, int idtLimit, long cr0, long cr2, long cr3,
    long cr4, @Range(most = 15) long cr8, long efer, @Length(8) long[] debug, @Length(32) long[] sse, int mxcsr, X87State x87,
    boolean shadow, boolean halted, boolean shutdown, long[] msrs, long xcr0, @Length(4) long[] pdptes, boolean nmiBlocked,
    boolean debugHeld, long debugPending, Svm.State svm) implements StateRecord {
  /** A segment register with its hidden part. */
  public record SegmentState(int selector, long base, @Range(most = 0xffffffffL) long limit, int access, boolean unusable)
      implements StateRecord {
    static SegmentState of(Segment s) {
      return new SegmentState(s.selector, s.base, s.limit, s.access, s.unusable);
    }

    void into(Segment s) {
      s.set(selector, base, limit, access);
      s.unusable = unusable;
    }
  }

  /**
   * The x87 registers.
   *
   * @param significands by physical register
   * @param signExponents sign (bit 15) and biased exponent by physical register
   * @param valid bit i is set if physical register i is not empty
   */
  public record X87State(@Length(8) long[] significands, @Length(8) int[] signExponents, int valid, int controlWord, int statusWord,
      long fip, int fcs, long fdp, int fds, int fop) implements StateRecord {
    static X87State of(X87 x) {
      return new X87State(x.sig.clone(), x.signExp.clone(), x.valid, x.controlWord(), x.statusWord(), x.fip, x.fcs, x.fdp, x.fds, x.fop);
    }

    void into(X87 x) {
      System.arraycopy(significands, 0, x.sig, 0, 8);
      System.arraycopy(signExponents, 0, x.signExp, 0, 8);
      x.valid = valid;
      x.controlWord(controlWord);
      x.statusWord(statusWord);
      x.fip = fip;
      x.fcs = fcs;
      x.fdp = fdp;
      x.fds = fds;
      x.fop = fop;
    }
  }

  static CpuState of(Cpu c) {
    return new CpuState(c.count, java.util.Arrays.copyOf(c.r, 16), c.rip, c.rflags(), c.cpl,
        allSegments(c).stream().map(SegmentState::of).toList(), c.gdtBase, c.gdtLimit, c.idtBase, c.idtLimit, c.cr0, c.cr2, c.cr3, c.cr4,
        c.cr8, c.efer, c.dr.clone(), c.xmm.clone(), c.mxcsr, X87State.of(c.x87), c.shadow, c.halted, c.shutdown,
        c.msrs.values(), c.xcr0, pdptes(c), c.nmiBlocked, c.debugHeld(), c.debugPending, c.svm.state());
  }

  private static long[] pdptes(Cpu c) {
    Paging.Pdptes p = c.mem.paging().pdptes();
    return new long[] {p.e0(), p.e1(), p.e2(), p.e3()};
  }

  private static List<Segment> allSegments(Cpu c) {
    return List.of(c.seg[Cpu.ES], c.seg[Cpu.CS], c.seg[Cpu.SS], c.seg[Cpu.DS], c.seg[Cpu.FS], c.seg[Cpu.GS], c.ldtr, c.tr);
  }

  void into(Cpu c) {
    c.count = count;
    System.arraycopy(general, 0, c.r, 0, 16);
    c.rip = rip;
    c.cpl = cpl;
    List<Segment> segs = allSegments(c);
    for (int i = 0; i < segs.size(); i++) {
      segments.get(i).into(segs.get(i));
    }
    c.gdtBase = gdtBase;
    c.gdtLimit = gdtLimit;
    c.idtBase = idtBase;
    c.idtLimit = idtLimit;
    c.cr0 = cr0;
    c.cr2 = cr2;
    c.cr3 = cr3;
    c.cr4 = cr4;
    c.cr8 = cr8;
    c.efer = efer;
    System.arraycopy(debug, 0, c.dr, 0, 8);
    System.arraycopy(sse, 0, c.xmm, 0, 32);
    c.mxcsr = mxcsr;
    x87.into(c.x87);
    c.shadow = shadow;
    c.halted = halted;
    c.shutdown = shutdown;
    c.shutdownReason = null;
    c.msrs.values(msrs);
    c.xcr0 = xcr0;
    c.nmiBlocked = nmiBlocked;
    c.debugHeld(debugHeld);
    c.debugPending = debugPending;
    c.svm.state(svm);
    c.rflags(rflags);
    Control.restore(c, new Paging.Pdptes(pdptes[0], pdptes[1], pdptes[2], pdptes[3]));
  }

  /** The processor after RESET (SDM 3A table 9-1), its count as it was. */
  static CpuState reset(Cpu c) {
    X87 x87 = new X87();
    return start(c, 0x60000010L, new long[32], 0x1f80, X87State.of(x87), Msrs.powerUp(c), 1);
  }

  /** The processor after INIT: floating-point and model-specific registers and the cache bits of CR0 as they were. */
  static CpuState init(Cpu c) {
    return start(c, c.cr0 & 0x60000000L | 0x10, c.xmm.clone(), c.mxcsr, X87State.of(c.x87), c.msrs.values(), c.xcr0);
  }

  private static CpuState start(Cpu c, long cr0, long[] sse, int mxcsr, X87State x87, long[] msrs, long xcr0) {
    long[] general = new long[16];
    general[Cpu.RDX] = c.cpuid.signature();
    SegmentState data = new SegmentState(0, 0, 0xffff, 0x93, false);
    SegmentState code = new SegmentState(0xf000, 0xffff0000L, 0xffff, 0x9b, false);
    SegmentState ldt = new SegmentState(0, 0, 0xffff, 0x82, false);
    SegmentState tss = new SegmentState(0, 0, 0xffff, 0x8b, false);
    long[] debug = {0, 0, 0, 0, 0, 0, 0xffff0ff0L, 0x400};
    return new CpuState(c.count, general, 0xfff0, 2, 0, List.of(data, code, data, data, data, data, ldt, tss), 0, 0xffff, 0, 0xffff,
        cr0, 0, 0, 0, 0, 0, debug, sse, mxcsr, x87, false, false, false, msrs, xcr0, new long[4], false, false, 0, Svm.State.NONE);
  }
}
