package dev.trapline.vm.cpu;

/** Descriptor tables and the loading of segment registers (SDM 3A 3.4, 5.2 to 5.6; APM2 4.5 to 4.10). */
public final class Segments {
  private Segments() {}

  /** Whether a selector is null: index 0 of the GDT with any RPL. */
  static boolean isNull(int selector) {
    return (selector & 0xfffc) == 0;
  }

  // ---- reading tables

  /** Whether the table has the {@code bytes} of a selector's descriptor. */
  private static boolean inTable(Cpu c, int selector, int bytes) {
    long last = (selector & 0xfff8) + bytes - 1;
    boolean local = (selector & 4) != 0;
    return local ? !c.ldtr.unusable && last <= c.ldtr.limit : last <= (c.gdtLimit & 0xffff);
  }

  private static long address(Cpu c, int selector) {
    return ((selector & 4) != 0 ? c.ldtr.base : c.gdtBase) + (selector & 0xfff8);
  }

  /**
   * Reads the descriptor of a non-null selector; one that the table does not have raises {@code vector} with the selector.
   *
   * @param ext the EXT bit of the error code, 0 or 1
   */
  static Descriptor fetch(Cpu c, int selector, int vector, int ext) {
    if (!inTable(c, selector, 8)) {
      throw c.raise(vector, Descriptor.error(selector) | ext);
    }
    long at = address(c, selector);
    Descriptor d = new Descriptor(selector, at, c.mem.readSystem(at, 8), 0);
    if (!d.system() || !c.longMode()) {
      return d;
    }
    if (!inTable(c, selector, 16)) {
      throw c.raise(vector, Descriptor.error(selector) | ext);
    }
    return new Descriptor(selector, at, d.low(), c.mem.readSystem(at + 8, 8));
  }

  static Descriptor fetch(Cpu c, int selector) {
    return fetch(c, selector, Fault.GP, 0);
  }

  /** Reads a descriptor for a query (LAR, VERR): null if the selector is null or its table lacks it. */
  private static Descriptor look(Cpu c, int selector) {
    return isNull(selector) || !inTable(c, selector, 8) ? null
        : new Descriptor(selector, address(c, selector), c.mem.readSystem(address(c, selector), 8), 0);
  }

  /** Sets the accessed bit in the table and returns the descriptor with it (SDM 3A 3.4.5.1). */
  static Descriptor markAccessed(Cpu c, Descriptor d) {
    if ((d.low() >>> 40 & 1) != 0) {
      return d;
    }
    c.mem.writeSystem(d.at() + 5, 1, d.low() >>> 40 & 0xff | 1);
    return new Descriptor(d.selector(), d.at(), d.low() | 1L << 40, d.high());
  }

  // ---- loading ES, SS, DS, FS, GS

  /**
   * Loads a segment register other than CS as MOV, POP and LDS do, with all checks of the mode. Nothing changes if it faults.
   */
  public static void load(Cpu c, int segment, int selector) {
    selector &= 0xffff;
    if (!c.protectedMode() || c.v86()) {
      loadReal(c, c.seg[segment], selector);
    } else if (segment == Cpu.SS) {
      loadStack(c, selector);
    } else {
      loadData(c, segment, selector);
    }
    c.modeChanged();
  }

  /** Real mode changes selector and base only, so limits set up in protected mode stay; v86 has fixed attributes. */
  static void loadReal(Cpu c, Segment s, int selector) {
    if (c.v86()) {
      s.set(selector, (long) selector << 4, 0xffff, 0xf3);
      return;
    }
    boolean fresh = s.unusable || !s.present();
    s.set(selector, (long) selector << 4, fresh ? 0xffff : s.limit, fresh ? 0x93 : s.access);
  }

  /** A null selector makes the register unusable; in 64-bit mode accesses go on with base 0. */
  static void loadNull(Segment s, int selector) {
    s.set(selector, 0, 0, 0);
    s.unusable = true;
  }

  private static void loadStack(Cpu c, int selector) {
    if (isNull(selector)) {
      if (!mayBeNull(c, selector)) {
        throw c.gp(0);
      }
      loadNull(c.seg[Cpu.SS], selector);
      return;
    }
    markAccessed(c, stackDescriptor(c, selector, c.cpl, Fault.GP, 0)).into(c.seg[Cpu.SS], selector);
  }

  /** Whether SS may be loaded with a null selector. */
  private static boolean mayBeNull(Cpu c, int selector) {
    return c.mode64() && c.cpl != 3 && (selector & 3) == c.cpl;
  }

  /** Whether MOV, POP and LDS could load a segment register in protected mode, by the processor's tables; nothing changes. */
  public static boolean loadable(Cpu c, int segment, int selector) {
    try {
      if (isNull(selector)) {
        return segment != Cpu.SS || mayBeNull(c, selector);
      }
      return (segment == Cpu.SS ? stackDescriptor(c, selector, c.cpl, Fault.GP, 0) : dataDescriptor(c, selector)).present();
    } catch (Fault f) {
      return false;
    }
  }

  /**
   * The descriptor for a new SS at a privilege level, checked but not yet marked accessed.
   *
   * @param vector #GP, or #TS where the selector comes from a TSS
   */
  static Descriptor stackDescriptor(Cpu c, int selector, int cpl, int vector, int ext) {
    Descriptor d = fetch(c, selector, vector, ext);
    if ((selector & 3) != cpl || !d.writableData() || d.dpl() != cpl) {
      throw c.raise(vector, d.error() | ext);
    }
    if (!d.present()) {
      throw c.raise(Fault.SS, d.error() | ext);
    }
    return d;
  }

  private static void loadData(Cpu c, int segment, int selector) {
    if (isNull(selector)) {
      loadNull(c.seg[segment], selector);
      return;
    }
    markAccessed(c, dataDescriptor(c, selector)).into(c.seg[segment], selector);
  }

  /** The descriptor for a data segment register, checked but not yet marked accessed. */
  private static Descriptor dataDescriptor(Cpu c, int selector) {
    Descriptor d = fetch(c, selector);
    if (d.system() || !d.readable() || d.privileged() && (d.rpl() > d.dpl() || c.cpl > d.dpl())) {
      throw c.gp(d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
    return d;
  }

  /**
   * After a return to an outer level: registers that level must not use are made null (SDM 2A RET).
   */
  static void dropPrivileged(Cpu c) {
    for (int i : new int[] {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS}) {
      Segment s = c.seg[i];
      boolean conforming = s.isCode() && s.bit2();
      if (!s.unusable && !conforming && s.dpl() < c.cpl) {
        loadNull(s, 0);
      }
    }
  }

  // ---- LDTR and TR

  /** LLDT. */
  public static void loadLdt(Cpu c, int selector) {
    selector &= 0xffff;
    if (isNull(selector)) {
      loadNull(c.ldtr, selector);
      return;
    }
    Descriptor d = fetchGlobal(c, selector, Fault.GP);
    if (!d.system() || d.type() != Descriptor.LDT) {
      throw c.gp(d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
    requireCanonicalBase(c, d);
    d.into(c.ldtr, selector);
  }

  /** LTR: marks the task busy. */
  public static void loadTask(Cpu c, int selector) {
    selector &= 0xffff;
    if (isNull(selector)) {
      throw c.gp(0);
    }
    Descriptor d = fetchGlobal(c, selector, Fault.GP);
    if (!d.isTss() || d.isBusy() || c.longMode() && d.type() != Descriptor.TSS) {
      throw c.gp(d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
    requireCanonicalBase(c, d);
    setBusy(c, d, true).into(c.tr, selector);
  }

  /** Reads a descriptor that must be in the GDT. */
  static Descriptor fetchGlobal(Cpu c, int selector, int vector) {
    if ((selector & 4) != 0) {
      throw c.raise(vector, Descriptor.error(selector));
    }
    return fetch(c, selector, vector, 0);
  }

  private static void requireCanonicalBase(Cpu c, Descriptor d) {
    if (d.base() >> 47 != d.base() >> 63) {
      throw c.gp(d.error());
    }
  }

  /** Writes the busy bit of a TSS descriptor. */
  static Descriptor setBusy(Cpu c, Descriptor d, boolean busy) {
    int second = Descriptor.BUSY << 8;
    long word = c.mem.readSystem(d.at() + 4, 4);
    c.mem.writeSystem(d.at() + 4, 4, busy ? word | second : word & ~second);
    long bit = 1L << 41;
    return new Descriptor(d.selector(), d.at(), busy ? d.low() | bit : d.low() & ~bit, d.high());
  }

  // ---- queries

  /** Types LAR accepts among system descriptors, one bit each; long mode has fewer (SDM 2A LAR). */
  private static final int LAR_LEGACY = 0b0001_1010_0011_1110;
  private static final int LAR_LONG = 0b0001_1010_0000_0100;
  private static final int LSL_LEGACY = 0b0000_1010_0000_1110;
  private static final int LSL_LONG = 0b0000_1010_0000_0100;

  /** LAR: bits 23:8 of the descriptor's second doubleword, or -1 if the selector is not accessible. */
  public static long accessRights(Cpu c, int selector) {
    Descriptor d = visible(c, selector & 0xffff, c.longMode() ? LAR_LONG : LAR_LEGACY);
    return d == null ? -1 : d.low() >>> 32 & 0xffff00;
  }

  /** LSL: the limit in bytes, or -1 if the selector is not accessible. */
  public static long limit(Cpu c, int selector) {
    Descriptor d = visible(c, selector & 0xffff, c.longMode() ? LSL_LONG : LSL_LEGACY);
    return d == null ? -1 : d.limit();
  }

  private static Descriptor visible(Cpu c, int selector, int systemTypes) {
    Descriptor d = look(c, selector);
    boolean ok = d != null && (!d.system() || (systemTypes >> d.type() & 1) != 0) && mayAccess(c, d);
    return ok ? d : null;
  }

  private static boolean mayAccess(Cpu c, Descriptor d) {
    return !d.privileged() || d.dpl() >= c.cpl && d.dpl() >= d.rpl();
  }

  /** VERR. */
  public static boolean verifyRead(Cpu c, int selector) {
    Descriptor d = look(c, selector & 0xffff);
    return d != null && !d.system() && d.readable() && mayAccess(c, d);
  }

  /** VERW. */
  public static boolean verifyWrite(Cpu c, int selector) {
    Descriptor d = look(c, selector & 0xffff);
    return d != null && d.writableData() && mayAccess(c, d);
  }
}
