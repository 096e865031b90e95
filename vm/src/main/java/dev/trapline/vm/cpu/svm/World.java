package dev.trapline.vm.cpu.svm;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.Msrs;
import dev.trapline.vm.cpu.Svm;
import dev.trapline.vm.cpu.VmExit;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.svm.Consistency;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;
import dev.trapline.vm.svm.Vmcb;

/**
 * Into guest mode and out of it: VMRUN (APM2 15.5) and #VMEXIT (15.6).
 *
 * <p>The host's registers go to the page at VM_HSAVE_PA in the layout of a VMCB. The clean bits of the VMCB are permission to keep
 * fields in the processor (15.15); this one reads everything at every VMRUN, which is the same to software that keeps the rules.
 */
public final class World {
  private static final int CONTROL_BITS_LOW = 0xfff;
  private static final long DR7_DISABLED = 0x400;

  private World() {}

  // ---- VMRUN

  /** VMRUN of the VMCB at a physical address; {@code c.rip} is the next instruction. */
  public static void run(Cpu c, long vmcb) {
    PhysicalMemory memory = c.mem.physical();
    Page page = Page.at(memory, vmcb);
    byte[] v = page.bytes();
    var limits = new Consistency.Limits(Control.eferDefined(c), Control.cr4Defined(c), Control.PHYSICAL_BITS, Svm.ASIDS,
        (c.cr0 & Control.PG) != 0);
    if (Consistency.check(v, limits) != null) {
      refuse(c, page);
      return;
    }
    Page host = Page.at(memory, c.msrs.at(Msrs.VM_HSAVE_PA));
    SaveArea.saveHost(c, host.bytes());
    c.svm.lbr = (Vmcb.LBR_CTL.get(v) & Vmcb.LBR_VIRTUALIZATION) != 0 && c.cpuid.svm().branches();
    if (c.svm.lbr) {
      SaveArea.saveBranches(c, host.bytes());
    }
    host.close();
    control(c, vmcb, v);
    enter(c, v);
    long event = Vmcb.EVENTINJ.get(v);
    if (EventWord.valid(event)) {
      inject(c, event, Vmcb.NRIP.get(v));
    }
  }

  /** The exit of a delivery that cannot be completed is the guest's, at its own RIP, not an exit of VMRUN. */
  private static void inject(Cpu c, long event, long next) {
    try {
      Delivery.inject(c, event, next);
    } catch (VmExit x) {
      exit(c, x.code, x.info1, x.info2, 0);
    }
  }

  private static void refuse(Cpu c, Page page) {
    Vmcb.EXITCODE.set(page.bytes(), ExitCode.INVALID);
    Vmcb.EXITINFO1.set(page.bytes(), 0);
    Vmcb.EXITINFO2.set(page.bytes(), 0);
    Vmcb.EXITINTINFO.set(page.bytes(), 0);
    page.close();
    c.svm.gif = false;
    leave(c, ExitCode.INVALID);
  }

  /** Takes over the control area. */
  private static void control(Cpu c, long vmcb, byte[] v) {
    Svm s = c.svm;
    s.vmcb = vmcb;
    for (int i = 0; i < s.intercepts.length; i++) {
      s.intercepts[i] = (int) PhysicalMemory.get(v, 4 * i, 4);
    }
    s.iopm = Vmcb.IOPM_BASE.get(v) & ~(long) CONTROL_BITS_LOW;
    s.msrpm = Vmcb.MSRPM_BASE.get(v) & ~(long) CONTROL_BITS_LOW;
    s.tscOffset = Vmcb.TSC_OFFSET.get(v);
    s.asid = (int) Vmcb.ASID.get(v);
    s.pauseCount = c.cpuid.svm().pauses() ? (int) Vmcb.PAUSE_COUNT.get(v) : 0;
    s.pauseThreshold = c.cpuid.svm().threshold() ? (int) Vmcb.PAUSE_THRESHOLD.get(v) : 0;
    s.pauseLeft = s.pauseCount;
    s.lastPause = c.count;
    s.delivering = 0;
    virtualInterrupt(c, (int) Vmcb.V_INTR.get(v));
    s.vVector = (int) Vmcb.V_INTR_VECTOR.get(v) & 0xff;
    nested(c, v);
    flush(c, (int) Vmcb.TLB_CONTROL.get(v));
  }

  private static void virtualInterrupt(Cpu c, int word) {
    Svm s = c.svm;
    s.vTpr = word & Vmcb.V_TPR;
    s.vIrq = (word & Vmcb.V_IRQ) != 0;
    s.vPriority = word >> Vmcb.V_INTR_PRIO_SHIFT & 15;
    s.vIgnoreTpr = (word & Vmcb.V_IGN_TPR) != 0;
    s.masking = (word & Vmcb.V_INTR_MASKING) != 0;
    s.hostIf = c.flag(Cpu.IF);
  }

  /** Nested paging walks the host's kind of tables, as the host's registers have them now (APM2 15.25.3). */
  private static void nested(Cpu c, byte[] v) {
    if ((Vmcb.NESTED_CTL.get(v) & Vmcb.NP_ENABLE) == 0 || !c.cpuid.svm().nested()) {
      c.svm.nested = null;
      return;
    }
    Paging.Format format = Control.format(c.cr0, c.cr4, c.longMode());
    long mask = format == Paging.Format.PAE ? 0xffffffe0L : format == Paging.Format.TWO_LEVEL ? 0xfffff000L : 0xff_ffff_f000L;
    long root = Vmcb.N_CR3.get(v) & mask;
    c.svm.nested = Svm.nestedTables(format, root, (c.efer & Control.NXE) != 0, (c.cr4 & Control.PSE) != 0);
    c.svm.hostPat = Msrs.pat(c);
    Msrs.pat(c, Vmcb.G_PAT.get(v));
  }

  private static void flush(Cpu c, int control) {
    switch (control) {
      case Vmcb.FLUSH_NOTHING -> { }
      case Vmcb.FLUSH_ASID, Vmcb.FLUSH_ASID_NON_GLOBAL -> c.mem.flushSpace(c.svm.asid);
      default -> c.mem.flushAll();
    }
  }

  private static void enter(Cpu c, byte[] v) {
    Svm s = c.svm;
    s.guest = true;
    s.gif = true;
    SaveArea.loadGuest(c, v);
    if (s.lbr) {
      SaveArea.loadBranches(c, v);
    }
    c.cr0 |= Control.ET;
    boolean longMode = (c.efer & Control.LME) != 0 && (c.cr0 & Control.PG) != 0;
    c.efer = longMode ? c.efer | Control.LMA : c.efer & ~(long) Control.LMA;
    if (!c.protectedMode()) {
      c.cpl = 0;
    } else if (c.v86()) {
      c.cpl = 3;
    }
    c.shadow = (Vmcb.INTERRUPT_STATE.get(v) & Vmcb.INTERRUPT_SHADOW) != 0;
    c.dropTraps();
    Control.enterWorld(c, s.asid);
    if ((c.dr[7] & 0xff) != 0) {
      c.mem.flush(); // pages with armed data breakpoints must leave the TLB
    }
    c.attention = true;
  }

  // ---- #VMEXIT

  /**
   * #VMEXIT: saves the guest, loads the host, clears GIF.
   *
   * @param next address of the instruction after the intercepted one, or 0
   */
  public static void exit(Cpu c, long code, long info1, long info2, long next) {
    Svm s = c.svm;
    Page page = Page.at(c.mem.physical(), s.vmcb);
    byte[] v = page.bytes();
    if (c.cpuid.svm().assists()) {
      InstructionBytes.store(c, v, code, info1);
    }
    s.gif = false;
    SaveArea.saveGuest(c, v);
    if (s.lbr) {
      SaveArea.saveBranches(c, v);
    }
    Vmcb.EXITCODE.set(v, code);
    Vmcb.EXITINFO1.set(v, info1);
    Vmcb.EXITINFO2.set(v, info2);
    Vmcb.EXITINTINFO.set(v, s.delivering);
    Vmcb.NRIP.set(v, c.cpuid.svm().nextRip() ? next : 0);
    Vmcb.EVENTINJ.set(v, Vmcb.EVENTINJ.get(v) & ~EventWord.VALID);
    long word = Vmcb.V_INTR.get(v) & ~(long) (Vmcb.V_TPR | Vmcb.V_IRQ);
    Vmcb.V_INTR.set(v, word | s.vTpr | (s.vIrq ? Vmcb.V_IRQ : 0));
    long state = (c.shadow || s.shadowed ? Vmcb.INTERRUPT_SHADOW : 0) | (s.masking && c.flag(Cpu.IF) ? Vmcb.GUEST_INTERRUPT_MASK : 0);
    Vmcb.INTERRUPT_STATE.set(v, state);
    if (s.nested != null) {
      Vmcb.G_PAT.set(v, Msrs.pat(c));
      Msrs.pat(c, s.hostPat);
    }
    page.close();
    toHost(c);
    leave(c, code);
  }

  private static void toHost(Cpu c) {
    Svm s = c.svm;
    s.guest = false;
    s.nested = null;
    s.vIrq = false;
    s.masking = false;
    s.delivering = 0;
    s.tscOffset = 0;
    java.util.Arrays.fill(s.intercepts, 0);
    c.halted = false;
    c.shadow = false;
    c.dropTraps();
    c.dr[7] = DR7_DISABLED;
    Page host = Page.at(c.mem.physical(), c.msrs.at(Msrs.VM_HSAVE_PA));
    SaveArea.loadHost(c, host.bytes());
    if (s.lbr) {
      SaveArea.loadBranches(c, host.bytes());
      s.lbr = false;
    }
    c.sysFlags &= ~Cpu.VM;
    c.cr0 |= Control.PE;
    c.cpl = 0;
    Control.enterWorld(c, 0);
  }

  private static void leave(Cpu c, long code) {
    c.limit = 0;
    c.attention = true;
    if (c.svm.sink != null) {
      c.svm.exited = true;
      c.svm.sink.exited(code);
    }
  }
}
