package dev.trapline.vm.cpu;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.svm.ExitCode;

/**
 * Writes of control registers and EFER with their reserved bits and dependencies (SDM 3A 2.5, APM2 3.1), and what follows
 * from them: the mode, the translation regime, the TLB.
 */
public final class Control {
  public static final int PE = 1;
  public static final int MP = 2;
  public static final int EM = 4;
  public static final int TS = 8;
  public static final int ET = 0x10;
  public static final int NE = 0x20;
  public static final int WP = 0x10000;
  public static final int AM = 0x40000;
  public static final int NW = 0x20000000;
  public static final int CD = 0x40000000;
  public static final int PG = 0x80000000;
  private static final long CR0_DEFINED = 0xe005003fL;

  public static final int TSD = 4;
  public static final int DE = 8;
  public static final int PSE = 0x10;
  public static final int PAE = 0x20;
  public static final int MCE = 0x40;
  public static final int PGE = 0x80;
  public static final int PCE = 0x100;
  public static final int OSFXSR = 0x200;
  public static final int OSXMMEXCPT = 0x400;
  public static final int UMIP = 0x800;
  public static final int FSGSBASE = 0x10000;
  public static final int OSXSAVE = 0x40000;
  public static final int SMEP = 0x100000;
  public static final int SMAP = 0x200000;

  public static final int SCE = 1;
  public static final int LME = 0x100;
  public static final int LMA = 0x400;
  public static final int NXE = 0x800;
  public static final int SVME = 0x1000;

  /** Physical address width (CPUID 8000_0008). */
  public static final int PHYSICAL_BITS = 40;

  private Control() {}

  /** Whether there is a control register of a number. */
  public static boolean exists(int number) {
    return number == 0 || number >= 2 && number <= 4 || number == 8;
  }

  /** The value of CR0, 2, 3, 4 or 8; others do not exist (#UD). */
  public static long read(Cpu c, int number) {
    return switch (number) {
      case 0 -> c.cr0;
      case 2 -> c.cr2;
      case 3 -> c.cr3;
      case 4 -> c.cr4;
      case 8 -> c.svm.guest && c.svm.masking ? c.svm.vTpr & 15 : c.cr8;
      default -> throw c.ud();
    };
  }

  /** MOV to a control register. */
  public static void write(Cpu c, int number, long value) {
    if (may(c, number, value)) {
      set(c, number, value);
    }
  }

  private static boolean heard(Cpu c, int number) {
    return Telling.heard(c, EventKind.CR) || number == 3 && Telling.heard(c, EventKind.CR3);
  }

  private static boolean may(Cpu c, int number, long value) {
    return !heard(c, number) || Telling.ask(c, new Event.Control(number, value)) == null;
  }

  private static void set(Cpu c, int number, long value) {
    switch (number) {
      case 0 -> cr0(c, value);
      case 2 -> c.cr2 = value;
      case 3 -> cr3(c, value);
      case 4 -> cr4(c, value);
      case 8 -> cr8(c, value);
      default -> throw c.ud();
    }
    if (number != 3) {
      written(c, number);
    }
  }

  private static void written(Cpu c, int number) {
    if (heard(c, number)) {
      c.events.happened(new Event.Control(number, read(c, number)));
    }
  }

  private static void require(Cpu c, boolean ok) {
    if (!ok) {
      throw c.gp(0);
    }
  }

  /** The checks of MOV to a control register that need no memory: #GP(0) for what must not be written. */
  public static void check(Cpu c, int number, long value) {
    switch (number) {
      case 0 -> checkCr0(c, value);
      case 3 -> require(c, !c.longMode() || (value & -1L << PHYSICAL_BITS) == 0);
      case 4 -> {
        require(c, (value & ~cr4Defined(c)) == 0);
        require(c, !c.longMode() || (value & PAE) != 0);
      }
      case 8 -> require(c, (value & ~15L) == 0);
      default -> { }
    }
  }

  private static void checkCr0(Cpu c, long value) {
    require(c, value >>> 32 == 0);
    require(c, (value & PG) == 0 || (value & PE) != 0);
    require(c, (value & NW) == 0 || (value & CD) != 0);
    if (((c.cr0 ^ value) & PG & 0xffffffffL) != 0) {
      if ((value & PG) != 0) {
        switchOn(c);
      } else {
        switchOff(c);
      }
    }
  }

  /** CR4 bits that exist. */
  public static long cr4Defined(Cpu c) {
    return c.cpuid.cr4();
  }

  /** EFER bits that exist. */
  public static long eferDefined(Cpu c) {
    return c.cpuid.efer();
  }

  /** Writes CR0; setting PG with EFER.LME activates long mode. */
  public static void cr0(Cpu c, long value) {
    checkCr0(c, value);
    if (((c.cr0 ^ value) & CR0_DEFINED & ~(TS | MP)) != 0 && c.svm.intercepts(ExitCode.CR0_SEL_WRITE)) {
      VmExit e = c.svm.exit(ExitCode.CR0_SEL_WRITE, c.svm.operandInfo, 0);
      e.instruction = true;
      throw e;
    }
    long v = value & CR0_DEFINED | ET;
    long changed = c.cr0 ^ v;
    boolean on = (v & PG) != 0;
    long efer = c.efer;
    if ((changed & PG & 0xffffffffL) != 0) {
      efer = on ? switchOn(c) : switchOff(c);
    }
    boolean loads = on && (efer & LMA) == 0 && (c.cr4 & PAE) != 0 && (changed & (PG | CD | NW) & 0xffffffffL) != 0;
    Paging.Pdptes pdptes = loads && !inWalk(c) ? readPdptes(c, c.cr3) : c.mem.paging().pdptes();
    c.cr0 = v;
    c.efer = efer;
    regime(c, pdptes);
    if ((changed & (PG | PE | WP) & 0xffffffffL) != 0) {
      c.mem.flush();
    }
    c.modeChanged();
  }

  /** The checks of setting CR0.PG; the new EFER. */
  private static long switchOn(Cpu c) {
    if ((c.efer & LME) == 0) {
      return c.efer;
    }
    require(c, (c.cr4 & PAE) != 0 && (c.seg[Cpu.CS].access & Segment.L) == 0);
    return c.efer | LMA;
  }

  private static long switchOff(Cpu c) {
    require(c, !c.mode64());
    return c.efer & ~LMA;
  }

  /** MOV to CR3. */
  public static void cr3(Cpu c, long value) {
    check(c, 3, value);
    loadCr3(c, c.longMode() ? value : value & 0xffffffffL);
    c.modeChanged();
  }

  /** Loads CR3 and, for PAE paging, the PDPTE registers; drops the TLB but for global pages. */
  static void loadCr3(Cpu c, long value) {
    boolean pae = c.mem.paging().format() == Paging.Format.PAE && !inWalk(c);
    Paging.Pdptes pdptes = pae ? readPdptes(c, value) : Paging.Pdptes.NONE;
    c.cr3 = value;
    regime(c, pdptes);
    c.mem.flushLocal();
    written(c, 3);
  }

  /** Under nested paging PDPTEs are read when a walk needs them, not with CR3 (APM2 15.25.10). */
  private static boolean inWalk(Cpu c) {
    return c.mem.paging().nested() != null;
  }

  private static Paging.Pdptes pdptes(Cpu c, long cr3) {
    long table = cr3 & 0xffffffe0L;
    long[] e = new long[4];
    for (int i = 0; i < 4; i++) {
      e[i] = c.mem.physical().read(table + 8 * i, 8);
    }
    return new Paging.Pdptes(e[0], e[1], e[2], e[3]);
  }

  /** SDM 3A 4.4.1: a present PDPTE with reserved bits set raises #GP(0). */
  private static Paging.Pdptes readPdptes(Cpu c, long cr3) {
    Paging.Pdptes p = pdptes(c, cr3);
    for (int i = 0; i < 4; i++) {
      require(c, (p.at(i) & 1) == 0 || (p.at(i) & Paging.pdpteReserved(PHYSICAL_BITS)) == 0);
    }
    return p;
  }

  /** MOV to CR4. */
  public static void cr4(Cpu c, long value) {
    check(c, 4, value);
    long changed = c.cr4 ^ value;
    boolean on = (c.cr0 & PG) != 0;
    boolean loads = on && !c.longMode() && (value & PAE) != 0 && (changed & (PAE | PGE | PSE | SMEP)) != 0;
    Paging.Pdptes pdptes = loads && !inWalk(c) ? readPdptes(c, c.cr3) : c.mem.paging().pdptes();
    c.cr4 = value;
    regime(c, pdptes);
    if ((changed & (PAE | PGE | PSE | SMEP | SMAP)) != 0) {
      c.mem.flush();
    }
    c.modeChanged();
  }

  private static void cr8(Cpu c, long value) {
    check(c, 8, value);
    if (c.svm.guest && c.svm.masking) {
      c.svm.vTpr = (int) value;
      c.attention |= c.svm.vIrq;
      c.limit = 0;
      return;
    }
    c.cr8 = value;
    c.interrupts.taskPriority((int) value);
  }

  /** WRMSR EFER: LMA is not writable, LME not while paging is on. */
  public static void efer(Cpu c, long value) {
    require(c, (value & ~eferDefined(c)) == 0);
    require(c, (value & SVME) == 0 || !Msrs.svmDisabled(c));
    require(c, (c.cr0 & PG) == 0 || ((value ^ c.efer) & LME) == 0);
    long changed = value ^ c.efer;
    c.efer = value & ~LMA | c.efer & LMA;
    regime(c, c.mem.paging().pdptes());
    if ((changed & NXE) != 0) {
      c.mem.flush();
    }
    c.modeChanged();
  }

  /** LMSW: the low four bits of CR0; PE can be set, not cleared. */
  public static void machineStatusWord(Cpu c, long value) {
    cr0(c, c.cr0 & ~14L | value & 15);
    written(c, 0);
  }

  /** CLTS. */
  public static void clearTaskSwitched(Cpu c) {
    c.cr0 &= ~TS;
    c.modeChanged();
    written(c, 0);
  }

  /** XSETBV of XCR0: x87 state cannot be disabled, and nothing but x87 and SSE exists. */
  public static void xcr0(Cpu c, long value) {
    require(c, (value & ~3L) == 0 && (value & 1) != 0);
    c.xcr0 = value;
  }

  /** Recomputes the translation regime from registers set from outside; PDPTE registers are read from memory unchecked. */
  static void refresh(Cpu c) {
    boolean pae = (c.cr0 & PG) != 0 && !c.longMode() && (c.cr4 & PAE) != 0;
    restore(c, pae ? pdptes(c, c.cr3) : Paging.Pdptes.NONE);
  }

  /** The same with saved PDPTE registers. */
  static void restore(Cpu c, Paging.Pdptes pdptes) {
    regime(c, pdptes);
    c.mem.flushAll();
    c.modeChanged();
  }

  /** The table format registers ask for. */
  public static Paging.Format format(long cr0, long cr4, boolean longMode) {
    return (cr0 & PG) == 0 ? Paging.Format.NONE
        : longMode ? Paging.Format.FOUR_LEVEL
        : (cr4 & PAE) != 0 ? Paging.Format.PAE : Paging.Format.TWO_LEVEL;
  }

  private static void regime(Cpu c, Paging.Pdptes pdptes) {
    c.mem.paging(regimeOf(c, pdptes));
  }

  /**
   * Goes on in another world, whose registers are in place: its address space and translation regime.
   *
   * @param asid of the address space, 0 for the host's
   */
  public static void enterWorld(Cpu c, int asid) {
    boolean loads = format(c.cr0, c.cr4, c.longMode()) == Paging.Format.PAE && !(c.svm.guest && c.svm.nested != null);
    c.mem.enterSpace(asid, regimeOf(c, loads ? pdptes(c, c.cr3) : Paging.Pdptes.NONE));
    c.modeChanged();
  }

  private static Paging regimeOf(Cpu c, Paging.Pdptes pdptes) {
    Paging.Format format = format(c.cr0, c.cr4, c.longMode());
    long root = switch (format) {
      case NONE -> 0;
      case TWO_LEVEL -> c.cr3 & 0xfffff000L;
      case PAE -> c.cr3 & 0xffffffe0L;
      case FOUR_LEVEL -> c.cr3 & 0xff_ffff_f000L;
    };
    return new Paging(format, root, (c.cr0 & WP) != 0, (c.cr4 & PSE) != 0, (c.efer & NXE) != 0, (c.cr4 & SMEP) != 0,
        (c.cr4 & SMAP) != 0, PHYSICAL_BITS, format == Paging.Format.PAE ? pdptes : Paging.Pdptes.NONE, c.svm.guest ? c.svm.nested : null);
  }
}
