package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Msrs;

/**
 * A state of the machine around an instruction: the pairs of Popek and Goldberg's definitions are two of these that differ only in the
 * mode, or only in the displacement.
 */
record Start(Level level, Displacement displacement) {
  /** The mode M: CPL 0 or CPL 3; for programs of the 8086 real mode or virtual-8086 mode. */
  enum Level {
    SUPERVISOR(0), USER(3);

    final int cpl;

    Level(int cpl) {
      this.cpl = cpl;
    }
  }

  /** What of the privileged state and of the real place is different, while the program sees the same memory. */
  enum Displacement {
    NONE("nothing displaced"),
    /** The other real place: other real memory, segment bases, tables; LDT and task by other selectors. */
    PLACE("another real place"),
    /** Control and debug registers: what SMSW and CPUID show. */
    CONTROL("CR0.NE, CR0.MP, CR0.TS, CR4.OSXSAVE inverted, another DR0"),
    /** IF inverted, XCR0 smaller. */
    INTERRUPTS("IF inverted, XCR0 smaller"),
    /** Nothing but the clock. */
    TIME("a later time");

    final String text;

    Displacement(String text) {
      this.text = text;
    }
  }

  static final long CR0 = Control.PG & 0xffffffffL | Control.WP | Control.NE | Control.ET | Control.MP | Control.PE;
  private static final int SYSTEM = Control.TSD | Control.OSFXSR | Control.OSXMMEXCPT | Control.FSGSBASE | Control.OSXSAVE;
  private static final int ONE = 0x3fff;
  private static final long LONG = Control.LME | Control.LMA;
  private static final long LATER = 1_000;
  static final int SYSTEM_CALL_FLAGS = 0x200;

  static long cr4(boolean wide) {
    return SYSTEM | (wide ? Control.PAE : 0);
  }

  private long cr0(Layout at) {
    return real(at) ? real(CR0) : CR0;
  }

  /** A value of CR0 without protection and paging. */
  static long real(long cr0) {
    return cr0 & ~(Control.PG & 0xffffffffL | Control.PE);
  }

  private boolean real(Layout at) {
    return at.old && level == Level.SUPERVISOR;
  }

  /** Flags the program has no say in. */
  int flags(Layout at) {
    return (displacement == Displacement.INTERRUPTS ? Cpu.IF : 0) | (at.old && level == Level.USER ? Cpu.VM : 0);
  }

  boolean second() {
    return displacement == Displacement.PLACE;
  }

  /** Gives a processor all registers; the sample's come after. */
  void into(Cpu c, Layout at) {
    c.count += displacement == Displacement.TIME ? LATER : 0;
    boolean control = displacement == Displacement.CONTROL;
    c.cr0 = cr0(at) ^ (control ? Control.NE | Control.MP | Control.TS : 0);
    c.cr4 = control ? cr4(at.wide) & ~(long) Control.OSXSAVE : cr4(at.wide);
    c.cr3 = at.root(second());
    c.dr[0] = control ? Layout.DATA : 0;
    c.efer = Control.SCE | (at.wide ? LONG | Control.NXE : 0);
    c.xcr0 = displacement == Displacement.INTERRUPTS ? 1 : 3;
    c.cpl = level.cpl;
    segments(c, at);
    tables(c, at);
    c.msrs.at(Msrs.SYSENTER_CS, Layout.CODE0);
    c.msrs.at(Msrs.SYSENTER_ESP, Layout.RING0_STACK - 16);
    long landing = at.old ? at.segmentBase(false) + Layout.LANDING : Layout.LANDING; // system calls go to flat segments
    c.msrs.at(Msrs.SYSENTER_EIP, landing);
    c.msrs.at(Msrs.STAR, 0x0010_0008L << 32 | landing);
    c.msrs.at(Msrs.LSTAR, Layout.LANDING);
    c.msrs.at(Msrs.CSTAR, Layout.LANDING);
    c.msrs.at(Msrs.SFMASK, SYSTEM_CALL_FLAGS);
    c.msrs.at(Msrs.KERNEL_GS_BASE, Layout.DATA);
    c.x87.valid = 0xf0;
    c.x87.statusWord(4 << 11);
    java.util.Arrays.fill(c.x87.sig, 1L << 63);
    java.util.Arrays.fill(c.x87.signExp, ONE);
    c.x87.fcs = c.seg[Cpu.CS].selector;
    c.x87.fds = c.seg[Cpu.DS].selector;
    c.rip = Layout.CODE;
  }

  private void segments(Cpu c, Layout at) {
    long base = at.segmentBase(second());
    if (at.old) {
      oldSegments(c, base);
      return;
    }
    for (int s = 0; s < 6; s++) {
      c.seg[s].set(at.data(3), base, 0xffffffffL, Layout.dataRights(3));
    }
    c.seg[Cpu.SS].set(at.data(level.cpl), base, 0xffffffffL, Layout.dataRights(level.cpl));
    c.seg[Cpu.CS].set(at.code(level.cpl), base, 0xffffffffL, at.codeRights(level.cpl));
  }

  private void oldSegments(Cpu c, long base) {
    int rights = level == Level.USER ? 0xf3 : 0x93;
    for (int s = 0; s < 6; s++) {
      c.seg[s].set(Layout.segment(false), base, 0xffff, rights);
    }
    c.seg[Cpu.CS].access |= level == Level.USER ? 0 : 8;
  }

  private void tables(Cpu c, Layout at) {
    long base = at.tableBase(second());
    c.gdtBase = base + Layout.GDT;
    c.gdtLimit = Layout.GDT_LIMIT;
    c.idtBase = base + at.vectors(level.cpl);
    c.idtLimit = at.vectorsLimit(level.cpl);
    c.tr.set(second() ? Layout.OTHER_TASK : Layout.TASK, base + Layout.TSS, 0x67, Layout.TASK_RIGHTS);
    c.ldtr.set(second() ? Layout.OTHER_LOCAL : Layout.LOCAL, base + Layout.LDT, Layout.LOCAL_LIMIT, Layout.LOCAL_RIGHTS);
  }
}
