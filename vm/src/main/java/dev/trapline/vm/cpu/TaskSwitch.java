package dev.trapline.vm.cpu;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;
import java.util.Locale;

/** The hardware task switch (SDM 3A 7.3) between 16- and 32-bit TSSs. */
final class TaskSwitch {
  /** What switches. */
  enum Reason {
    JMP, CALL, INTERRUPT, IRET;

    /** Whether the old task waits for the new one's IRET. */
    boolean nests() {
      return this == CALL || this == INTERRUPT;
    }
  }

  /** Offsets of a TSS's fields (SDM 3A figures 7-2 and 7-10). */
  private enum Layout {
    TSS16(0x2b, 2, 0x0e, 0x10, 0x12, 2, 0x22, 2, 0x2a, 4), TSS32(0x67, 4, 0x20, 0x24, 0x28, 4, 0x48, 4, 0x60, 6);

    final int minimum;
    final int word;
    final int ip;
    final int flags;
    final int registers;
    final int registerStep;
    final int segments;
    final int segmentStep;
    final int ldt;
    final int segmentCount;

    Layout(int minimum, int word, int ip, int flags, int registers, int registerStep, int segments, int segmentStep, int ldt,
        int segmentCount) {
      this.minimum = minimum;
      this.word = word;
      this.ip = ip;
      this.flags = flags;
      this.registers = registers;
      this.registerStep = registerStep;
      this.segments = segments;
      this.segmentStep = segmentStep;
      this.ldt = ldt;
      this.segmentCount = segmentCount;
    }

    static Layout of(int type) {
      return (type & 8) != 0 ? TSS32 : TSS16;
    }
  }

  private static final int CR3_FIELD = 0x1c;
  private static final int TRAP_FIELD = 0x64;

  private final Cpu c;
  private final Layout layout;
  private final long at;
  private final long[] registers = new long[8];
  private final int[] selectors = new int[6];
  private long ip;
  private int flags;
  private int ldt;
  private long cr3;
  private boolean trap;

  private TaskSwitch(Cpu c, Descriptor tss) {
    this.c = c;
    this.layout = Layout.of(tss.type());
    this.at = tss.base();
  }

  /** Switches to the task a task gate names. */
  static void throughGate(Cpu c, Descriptor gate, Reason reason, int ext) {
    int selector = gate.gateSelector();
    if ((selector & 4) != 0 || Segments.isNull(selector)) {
      throw c.gp(Descriptor.error(selector) | ext);
    }
    to(c, Segments.fetch(c, selector, Fault.GP, ext), reason, ext, Fault.GP);
  }

  /**
   * Switches to a task. Faults up to the saving of the old task leave everything as it was; later ones are raised in the
   * new task.
   *
   * @param wrong vector for a descriptor that is no TSS in the state needed
   */
  static void to(Cpu c, Descriptor tss, Reason reason, int ext, int wrong) {
    if (!tss.isTss() || tss.isBusy() != (reason == Reason.IRET)) {
      throw c.raise(wrong, tss.error() | ext);
    }
    if (!tss.present()) {
      throw c.raise(Fault.NP, tss.error() | ext);
    }
    intercept(c, tss, reason);
    TaskSwitch task = new TaskSwitch(c, tss);
    if (tss.limit() < task.layout.minimum) {
      throw c.raise(Fault.TS, tss.error() | ext);
    }
    task.probe(tss, reason);
    task.read();
    Event told = new Event.Task(c.tr.selector, tss.selector() & 0xffff, reason.name().toLowerCase(Locale.ROOT));
    if (!Telling.may(c, EventKind.TASK, told)) {
      return;
    }
    task.save(reason);
    task.link(tss, reason);
    task.load();
    Telling.happened(c, EventKind.TASK, told);
  }

  /** APM2 15.14.1: what the switch is for, in EXITINFO1 and EXITINFO2. */
  private static void intercept(Cpu c, Descriptor tss, Reason reason) {
    if (c.svm.intercepts(ExitCode.TASK_SWITCH)) {
      long error = EventWord.errorCode(c.svm.delivering);
      long info = (reason == Reason.IRET ? 1L << 36 : 0) | (reason == Reason.JMP ? 1L << 38 : 0)
          | (error != -1 ? 1L << 44 | error & 0xffffffffL : 0) | (c.flag(Cpu.RF) ? 1L << 48 : 0);
      throw c.svm.exit(ExitCode.TASK_SWITCH, tss.selector() & 0xffff, info);
    }
  }

  /** IRET with NT set: back to the task the current one was called from. */
  static void back(Cpu c) {
    int link = (int) c.mem.readSystem(c.tr.base, 2);
    if ((link & 4) != 0 || Segments.isNull(link)) {
      throw c.raise(Fault.TS, Descriptor.error(link));
    }
    to(c, Segments.fetch(c, link, Fault.TS, 0), Reason.IRET, 0, Fault.TS);
  }

  private void probe(Descriptor tss, Reason reason) {
    Layout old = Layout.of(c.tr.access & 0xf);
    c.mem.probeSystemWrite(c.tr.base + old.ip, old.ldt - old.ip);
    c.mem.probeSystemRead(at, layout.minimum + 1);
    if (reason.nests()) {
      c.mem.probeSystemWrite(at, 2);
    }
    c.mem.probeSystemWrite(tss.at() + 4, 4);
  }

  private long field(int offset, int bytes) {
    return c.mem.readSystem(at + offset, bytes);
  }

  private void read() {
    ip = field(layout.ip, layout.word);
    flags = (int) field(layout.flags, layout.word);
    for (int i = 0; i < 8; i++) {
      registers[i] = field(layout.registers + i * layout.registerStep, layout.word);
    }
    for (int i = 0; i < layout.segmentCount; i++) {
      selectors[i] = (int) field(layout.segments + i * layout.segmentStep, 2);
    }
    ldt = (int) field(layout.ldt, 2);
    if (layout == Layout.TSS32) {
      cr3 = field(CR3_FIELD, 4);
      trap = (field(TRAP_FIELD, 1) & 1) != 0;
    }
  }

  /** Saves the old task and, unless it stays nested, clears its busy bit. */
  private void save(Reason reason) {
    Layout old = Layout.of(c.tr.access & 0xf);
    long to = c.tr.base;
    if (!reason.nests()) {
      Segments.setBusy(c, Segments.fetch(c, c.tr.selector), false);
    }
    long image = c.rflags();
    if (reason == Reason.IRET) {
      image &= ~Cpu.NT;
    }
    c.mem.writeSystem(to + old.ip, old.word, c.rip);
    c.mem.writeSystem(to + old.flags, old.word, image);
    for (int i = 0; i < 8; i++) {
      c.mem.writeSystem(to + old.registers + i * old.registerStep, old.word, c.r[i]);
    }
    for (int i = 0; i < old.segmentCount; i++) {
      c.mem.writeSystem(to + old.segments + i * old.segmentStep, 2, c.seg[i].selector);
    }
  }

  private void link(Descriptor tss, Reason reason) {
    if (reason.nests()) {
      c.mem.writeSystem(at, 2, c.tr.selector);
      flags |= Cpu.NT;
    }
    Descriptor busy = reason == Reason.IRET ? tss : Segments.setBusy(c, tss, true);
    busy.into(c.tr, tss.selector());
    c.cr0 |= Control.TS;
  }

  /** Loads the new task; faults from here on happen in it. */
  private void load() {
    c.rip = ip;
    // The upper halves after a 16-bit switch are not specified; emulators agree on ones.
    for (int i = 0; i < 8; i++) {
      c.r[i] = layout == Layout.TSS32 ? registers[i] : 0xffff0000L | registers[i];
    }
    c.rflags(layout == Layout.TSS32 ? flags : flags & 0xffff);
    c.dr[7] &= ~0x155L;
    for (int i = 0; i < 6; i++) {
      Segments.loadNull(c.seg[i], selectors[i]);
    }
    Segments.loadNull(c.ldtr, ldt);
    c.cpl = c.v86() ? 3 : selectors[Cpu.CS] & 3;
    c.modeChanged();
    try {
      if (layout == Layout.TSS32 && (c.cr0 & Control.PG) != 0) {
        Control.loadCr3(c, cr3);
      }
      segments();
      if (ip > c.seg[Cpu.CS].limit) {
        throw c.gp(0);
      }
    } catch (Fault f) {
      c.modeChanged();
      Delivery.deliverFault(c);
      return;
    }
    if (trap) {
      c.debugPending |= DebugRegisters.BT;
    }
    c.modeChanged();
  }

  /** In the order of SDM 3A table 7-1: the local table, the stack, the code, the data segments. */
  private void segments() {
    if (!Segments.isNull(ldt)) {
      localTable();
    }
    if (c.v86()) {
      for (int i = 0; i < 6; i++) {
        Segments.loadReal(c, c.seg[i], selectors[i]);
      }
      return;
    }
    stack();
    code();
    for (int i : new int[] {Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
      if (!Segments.isNull(selectors[i])) {
        data(i);
      }
    }
  }

  private void localTable() {
    Descriptor d = Segments.fetchGlobal(c, ldt, Fault.TS);
    if (!d.system() || d.type() != Descriptor.LDT || !d.present()) {
      throw c.raise(Fault.TS, d.error());
    }
    d.into(c.ldtr, ldt);
  }

  private void stack() {
    int selector = selectors[Cpu.SS];
    if (Segments.isNull(selector)) {
      throw c.raise(Fault.TS, Descriptor.error(selector));
    }
    Descriptor d = Segments.stackDescriptor(c, selector, c.cpl, Fault.TS, 0);
    Segments.markAccessed(c, d).into(c.seg[Cpu.SS], selector);
  }

  private void code() {
    int selector = selectors[Cpu.CS];
    if (Segments.isNull(selector)) {
      throw c.raise(Fault.TS, Descriptor.error(selector));
    }
    Descriptor d = Segments.fetch(c, selector, Fault.TS, 0);
    if (!d.isCode() || (d.conforming() ? d.dpl() > c.cpl : d.dpl() != c.cpl)) {
      throw c.raise(Fault.TS, d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
    Segments.markAccessed(c, d).into(c.seg[Cpu.CS], selector);
  }

  private void data(int segment) {
    Descriptor d = Segments.fetch(c, selectors[segment], Fault.TS, 0);
    if (d.system() || !d.readable() || d.privileged() && (d.rpl() > d.dpl() || c.cpl > d.dpl())) {
      throw c.raise(Fault.TS, d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
    Segments.markAccessed(c, d).into(c.seg[segment], selectors[segment]);
  }
}
