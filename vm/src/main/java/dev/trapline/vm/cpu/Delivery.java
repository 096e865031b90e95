package dev.trapline.vm.cpu;

import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.event.Instead;
import dev.trapline.vm.svm.EventWord;
import dev.trapline.vm.svm.ExitCode;

/**
 * Delivery of exceptions and interrupts (SDM 3A chapter 6, 20.1.4 for real mode, 20.3 for v86; APM2 chapter 8).
 *
 * <p>On entry {@code c.rip} is the address to return to. A fault during delivery is combined with the event being
 * delivered as SDM 3A table 6-5 says, up to the triple fault, which shuts the processor down.
 */
public final class Delivery {
  /** Vectors whose class is contributory (SDM 3A table 6-4): #DE, #TS, #NP, #SS, #GP. */
  private static final int CONTRIBUTORY = 1 << Fault.DE | 1 << Fault.TS | 1 << Fault.NP | 1 << Fault.SS | 1 << Fault.GP;
  /** Exceptions that push an error code. */
  private static final int WITH_ERROR = 1 << Fault.DF | 1 << Fault.TS | 1 << Fault.NP | 1 << Fault.SS | 1 << Fault.GP | 1 << Fault.PF
      | 1 << Fault.AC;

  /** Where an event comes from. Only exceptions combine; for software the gate's DPL is checked. */
  private enum Source {
    EXCEPTION(EventWord.EXCEPTION), INTERRUPT(EventWord.INTR), NMI(EventWord.NMI), SOFTWARE(EventWord.SOFTWARE),
    /** INT3 and INTO. */
    TRAP(EventWord.EXCEPTION);

    /** As EXITINTINFO names it. */
    final int type;

    Source(int type) {
      this.type = type;
    }
  }

  /**
   * What is delivered.
   *
   * @param errorCode error code, or -1
   * @param flags the RFLAGS image to push
   * @param injected by VMRUN, which says itself whether there is an error code to push
   */
  private record Event(Source source, int vector, int errorCode, long flags, boolean injected) {
    Event(Source source, int vector, int errorCode, long flags) {
      this(source, vector, errorCode, flags, false);
    }

    boolean software() {
      return source == Source.SOFTWARE || source == Source.TRAP;
    }

    boolean external() {
      return source == Source.INTERRUPT || source == Source.NMI;
    }

    /** The EXT bit of error codes of faults on the way. */
    int ext() {
      return software() ? 0 : 1;
    }

    /** The error code of a fault in the event's IDT entry. */
    int gateError() {
      return vector << 3 | 2 | ext();
    }
  }

  /** Vectors below are exceptions. */
  private static final int FIRST_EXTERNAL = 32;

  private Delivery() {}

  // ---- doors

  /**
   * Delivers the exception in {@code c.fault}; {@code c.rip} is the faulting instruction (the next one for traps).
   *
   * @return false if who listens has swallowed it
   */
  public static boolean deliverFault(Cpu c) {
    int vector = c.fault.vector;
    long flags = c.rflags();
    boolean isFault = vector != Fault.DB && vector != Fault.BP && vector != Fault.OF && vector != Fault.DF && vector != Fault.MC;
    return deliver(c, new Event(Source.EXCEPTION, vector, c.fault.errorCode, isFault ? flags | Cpu.RF : flags));
  }

  /** Delivers a maskable interrupt; the caller has checked IF and the interrupt shadow. */
  public static void interrupt(Cpu c, int vector) {
    deliver(c, new Event(Source.INTERRUPT, vector, -1, c.rflags()));
  }

  /** Delivers an NMI unless one is being handled; it blocks further ones until IRET. Returns whether it was taken. */
  public static boolean nonMaskable(Cpu c) {
    if (c.nmiBlocked) {
      return false;
    }
    c.nmiBlocked = true;
    deliver(c, new Event(Source.NMI, Fault.NMI, -1, c.rflags()));
    return true;
  }

  /** INT n: IOPL-sensitive in virtual-8086 mode (SDM 3A 20.3). */
  public static void softwareInterrupt(Cpu c, int vector) {
    if (c.v86() && (c.sysFlags & Cpu.IOPL) != Cpu.IOPL) {
      throw c.gp(0);
    }
    var told = new dev.trapline.vm.event.Event.Interrupt(vector, true);
    if (Telling.may(c, EventKind.INT, told)) {
      Telling.happened(c, EventKind.INT, told);
      enter(c, new Event(Source.SOFTWARE, vector, -1, c.rflags()));
    }
  }

  /** INT3 and INTO: as INT n, but never IOPL-sensitive. */
  public static void softwareException(Cpu c, int vector) {
    if (c.svm.intercepts(ExitCode.EXCEPTION + vector)) {
      VmExit e = c.svm.exceptionExit(c, vector, -1);
      e.instruction = true;
      throw e;
    }
    enterTold(c, new Event(Source.TRAP, vector, -1, c.rflags()));
  }

  /**
   * Delivers what VMRUN injects (APM2 15.20): no intercept is asked for the event itself, and a software event returns behind its
   * instruction.
   *
   * @param word as EVENTINJ has it
   * @param next where software events return to
   */
  public static void inject(Cpu c, long word, long next) {
    int vector = EventWord.vector(word);
    long flags = c.rflags();
    boolean trap = vector == Fault.BP || vector == Fault.OF;
    Source source = switch (EventWord.type(word)) {
      case EventWord.INTR -> Source.INTERRUPT;
      case EventWord.NMI -> Source.NMI;
      case EventWord.SOFTWARE -> Source.SOFTWARE;
      default -> trap ? Source.TRAP : Source.EXCEPTION;
    };
    boolean fault = source == Source.EXCEPTION && vector != Fault.DB && vector != Fault.DF && vector != Fault.MC;
    c.nmiBlocked |= source == Source.NMI;
    long at = c.rip;
    c.rip = source == Source.SOFTWARE || source == Source.TRAP ? next : c.rip;
    int shown = source == Source.NMI ? Fault.NMI : vector;
    injected(c, new Event(source, shown, (int) EventWord.errorCode(word), fault ? flags | Cpu.RF : flags, true), at);
  }

  private static void injected(Cpu c, Event e, long at) {
    c.clockExact = true;
    c.halted = false;
    try {
      enterTold(c, e);
    } catch (Fault f) {
      c.rip = at;
      again(c, e);
    } catch (VmExit x) {
      c.rip = at;
      throw x;
    }
  }

  /** INT1: a debug trap that ignores the gate's DPL and leaves DR6 alone. */
  public static void icebp(Cpu c) {
    enterTold(c, new Event(Source.EXCEPTION, Fault.DB, -1, c.rflags()));
  }

  /** A debug exception with its causes for DR6. */
  static void debug(Cpu c, long causes) {
    DebugRegisters.report(c, causes);
    deliver(c, new Event(Source.EXCEPTION, Fault.DB, -1, c.rflags()));
  }

  // ---- combination of faults

  private static boolean deliver(Cpu c, Event first) {
    c.clockExact = true;
    c.halted = false;
    c.debugPending = 0;
    if (c.svm.guest && first.source == Source.EXCEPTION) {
      c.svm.exception(c, first.vector, first.errorCode);
    }
    if (first.vector == Fault.PF && first.source == Source.EXCEPTION) {
      c.cr2 = c.fault.address;
    }
    return attempt(c, first);
  }

  private static boolean attempt(Cpu c, Event first) {
    try {
      return enterTold(c, first);
    } catch (Fault f) {
      again(c, first);
      return true;
    }
  }

  /** A fault came up while an event was being delivered: it, or what both make, is delivered instead. */
  private static void again(Cpu c, Event failed) {
    if (c.svm.guest) {
      c.svm.exception(c, c.fault.vector, c.fault.errorCode);
    }
    Event next = combine(c, failed);
    if (next == null) {
      shutDown(c, failed, c.fault);
      return;
    }
    if (c.svm.guest && next.vector == Fault.DF) {
      c.svm.exception(c, next.vector, next.errorCode);
    }
    attempt(c, next);
  }

  /**
   * Enters the handler of an event, unless who listens wants something else; what INT n delivers is told by its door, INT3 and INTO are
   * exceptions to a listener.
   *
   * @return false if the event is lost
   */
  private static boolean enterTold(Cpu c, Event first) {
    Event e = first;
    EventKind kind = e.external() ? EventKind.IRQ : EventKind.EXC;
    if (Telling.heard(c, kind)) {
      e = asked(c, e);
      if (e == null) {
        return false;
      }
      c.events.happened(shown(c, e));
    }
    enter(c, e);
    return true;
  }

  private static dev.trapline.vm.event.Event shown(Cpu c, Event e) {
    return e.external() ? new dev.trapline.vm.event.Event.Interrupt(e.vector, false)
        : new dev.trapline.vm.event.Event.Raised(e.vector, e.errorCode, e.vector == Fault.PF ? c.cr2 : 0);
  }

  /** The event to deliver after who listens was asked; null for none. */
  private static Event asked(Cpu c, Event e) {
    return switch (c.events.before(shown(c, e))) {
      case null -> e;
      case Instead.Raise r when r.vector() < FIRST_EXTERNAL && r.vector() != Fault.NMI ->
          new Event(Source.EXCEPTION, r.vector(), r.errorCode(), e.flags);
      case Instead.Raise r -> new Event(Source.INTERRUPT, r.vector(), -1, e.flags);
      default -> null;
    };
  }

  /** The event to deliver after {@code c.fault} came up while delivering {@code e}; null for the triple fault. */
  private static Event combine(Cpu c, Event e) {
    int first = e.vector;
    int second = c.fault.vector;
    boolean serious = contributory(second) || second == Fault.PF;
    long flags = e.flags | Cpu.RF;
    if (second == Fault.PF) {
      c.cr2 = c.fault.address;
    }
    if (e.source == Source.EXCEPTION) {
      if (first == Fault.DF && serious) {
        return null;
      }
      if (contributory(first) && contributory(second) || first == Fault.PF && serious) {
        return new Event(Source.EXCEPTION, Fault.DF, 0, flags);
      }
    }
    return new Event(Source.EXCEPTION, second, c.fault.errorCode, flags);
  }

  private static boolean contributory(int vector) {
    return (CONTRIBUTORY >> vector & 1) != 0;
  }

  private static void shutDown(Cpu c, Event e, Fault f) {
    if (c.svm.intercepts(ExitCode.SHUTDOWN)) {
      throw c.svm.exit(ExitCode.SHUTDOWN, 0, 0);
    }
    c.shutdown = true;
    c.attention = true;
    c.shutdownReason = "triple fault: " + Fault.name(f.vector) + (f.errorCode >= 0 ? "(" + Integer.toHexString(f.errorCode) + ")" : "")
        + " while delivering " + Fault.name(e.vector) + " at " + Integer.toHexString(c.seg[Cpu.CS].selector) + ":"
        + Long.toHexString(c.rip);
  }

  // ---- entering the handler

  private static void enter(Cpu c, Event e) {
    c.svm.delivering(e.source.type, e.vector, pushesError(e) ? e.errorCode : -1);
    long from = c.rip;
    if (!c.protectedMode()) {
      enterReal(c, e);
    } else if (c.longMode()) {
      enterLong(c, e);
    } else {
      enterProtected(c, e);
    }
    LastBranch.interrupted(c, from, c.rip);
    c.svm.delivering = 0;
    c.shadow = false;
    DebugRegisters.entered(c);
  }

  private static void enterReal(Cpu c, Event e) {
    int at = e.vector * 4;
    if (at + 3 > (c.idtLimit & 0xffff)) {
      throw c.gp(e.gateError());
    }
    long pointer = c.mem.readSystem(c.idtBase + at, 4);
    Frame stack = Frame.current(c, e.ext());
    stack.push(e.flags & 0xffff, 16);
    stack.push(c.seg[Cpu.CS].selector, 16);
    stack.push(c.rip, 16);
    stack.commit();
    Segments.loadReal(c, c.seg[Cpu.CS], (int) (pointer >>> 16));
    c.rip = pointer & 0xffff;
    clear(c, Cpu.IF | Cpu.TF | Cpu.AC | Cpu.RF);
  }

  /** Clears flags and settles the mode. */
  private static void clear(Cpu c, int flags) {
    c.sysFlags &= ~flags;
    c.modeChanged();
  }

  private static void enterProtected(Cpu c, Event e) {
    int at = e.vector * 8;
    if (at + 7 > (c.idtLimit & 0xffff)) {
      throw c.gp(e.gateError());
    }
    Descriptor gate = new Descriptor(0, c.idtBase + at, c.mem.readSystem(c.idtBase + at, 8), 0);
    boolean known = switch (gate.type()) {
      case Descriptor.TASK_GATE, Descriptor.INTERRUPT16, Descriptor.TRAP16, Descriptor.INTERRUPT, Descriptor.TRAP -> gate.system();
      default -> false;
    };
    requireGate(c, e, gate, known);
    if (gate.type() == Descriptor.TASK_GATE) {
      throughTask(c, e, gate);
    } else {
      throughGate(c, e, gate);
    }
  }

  private static void requireGate(Cpu c, Event e, Descriptor gate, boolean known) {
    if (!known || e.software() && gate.dpl() < c.cpl) {
      throw c.gp(e.gateError());
    }
    if (!gate.present()) {
      throw c.raise(Fault.NP, e.gateError());
    }
  }

  private static void throughTask(Cpu c, Event e, Descriptor gate) {
    boolean wasRf = c.flag(Cpu.RF);
    c.sysFlags |= (int) e.flags & Cpu.RF;
    try {
      TaskSwitch.throughGate(c, gate, TaskSwitch.Reason.INTERRUPT, e.ext());
    } catch (Fault f) {
      c.sysFlags = wasRf ? c.sysFlags : c.sysFlags & ~Cpu.RF;
      throw f;
    }
    if (pushesError(e)) {
      Frame stack = Frame.current(c, e.ext());
      stack.push(e.errorCode, (c.tr.access & 8) != 0 ? 32 : 16);
      stack.commit();
    }
  }

  private static boolean pushesError(Event e) {
    return e.injected ? e.errorCode != -1 : e.errorCode >= 0 && e.vector < 32 && (WITH_ERROR >> e.vector & 1) != 0;
  }

  private static void throughGate(Cpu c, Event e, Descriptor gate) {
    Descriptor code = FarTransfer.target(c, gate.gateSelector(), e.ext());
    if (!code.isCode() || code.dpl() > c.cpl) {
      throw c.gp(code.error() | e.ext());
    }
    if (!code.present()) {
      throw c.raise(Fault.NP, code.error() | e.ext());
    }
    boolean inner = !code.conforming() && code.dpl() < c.cpl;
    if (c.v86() && (!inner || code.dpl() != 0)) {
      throw c.gp(code.error() | e.ext());
    }
    int bits = gate.type() >= 8 ? 32 : 16;
    if (inner) {
      throughInner(c, e, gate, code, bits);
    } else {
      Frame stack = Frame.current(c, e.ext());
      pushState(c, e, stack, bits);
      Descriptor marked = FarTransfer.checked(c, code, gate.gateOffset(), e.ext());
      stack.commit();
      FarTransfer.commit(c, marked, gate.gateOffset(), c.cpl);
    }
    clear(c, Cpu.TF | Cpu.NT | Cpu.VM | Cpu.RF | (isInterruptGate(gate) ? Cpu.IF : 0));
  }

  private static void throughInner(Cpu c, Event e, Descriptor gate, Descriptor code, int bits) {
    NewStack stack = NewStack.fromTask(c, code.dpl(), e.ext());
    Descriptor ss = stack.marked(c);
    Frame to = stack.frame();
    boolean fromV86 = c.v86();
    if (fromV86) {
      for (int i : new int[] {Cpu.GS, Cpu.FS, Cpu.DS, Cpu.ES}) {
        to.push(c.seg[i].selector, bits);
      }
    }
    to.push(c.seg[Cpu.SS].selector, bits);
    to.push(c.r[Cpu.RSP], bits);
    pushState(c, e, to, bits);
    Descriptor marked = FarTransfer.checked(c, code, gate.gateOffset(), e.ext());
    stack.install(c, ss);
    if (fromV86) {
      c.sysFlags &= ~Cpu.VM;
      for (int i : new int[] {Cpu.GS, Cpu.FS, Cpu.DS, Cpu.ES}) {
        Segments.loadNull(c.seg[i], 0);
      }
    }
    FarTransfer.commit(c, marked, gate.gateOffset(), code.dpl());
    to.commit();
  }

  private static void pushState(Cpu c, Event e, Frame stack, int bits) {
    stack.push(e.flags, bits);
    stack.push(c.seg[Cpu.CS].selector, bits);
    stack.push(c.rip, bits);
    if (pushesError(e)) {
      stack.push(e.errorCode, bits);
    }
  }

  private static boolean isInterruptGate(Descriptor gate) {
    return (gate.type() & 7) == 6;
  }

  // ---- long mode (SDM 3A 6.14)

  private static void enterLong(Cpu c, Event e) {
    int at = e.vector * 16;
    if (at + 15 > (c.idtLimit & 0xffff)) {
      throw c.gp(e.gateError());
    }
    Descriptor gate = new Descriptor(0, c.idtBase + at, c.mem.readSystem(c.idtBase + at, 8), c.mem.readSystem(c.idtBase + at + 8, 8));
    requireGate(c, e, gate, gate.system() && (gate.type() == Descriptor.INTERRUPT || gate.type() == Descriptor.TRAP));
    Descriptor code = FarTransfer.target(c, gate.gateSelector(), e.ext());
    if (!code.isCode() || code.dpl() > c.cpl || !FarTransfer.isLong(code) || code.big()) {
      throw c.gp(code.error() | e.ext());
    }
    if (!code.present()) {
      throw c.raise(Fault.NP, code.error() | e.ext());
    }
    int cpl = code.conforming() ? c.cpl : code.dpl();
    boolean inner = cpl < c.cpl;
    NewStack stack = inner || gate.gateIst() != 0 ? NewStack.inLong(c, cpl, gate.gateIst(), e.ext()) : null;
    long rsp = (stack != null ? stack.frame().sp : c.r[Cpu.RSP]) & -16;
    Frame to = Frame.at64(c, rsp, cpl, e.ext());
    to.push(c.seg[Cpu.SS].selector, 64);
    to.push(c.r[Cpu.RSP], 64);
    pushState(c, e, to, 64);
    Descriptor marked = FarTransfer.checked(c, code, gate.gateOffset(), e.ext());
    if (inner) {
      stack.install(c, null);
    }
    FarTransfer.commit(c, marked, gate.gateOffset(), cpl);
    to.commit();
    clear(c, Cpu.TF | Cpu.NT | Cpu.VM | Cpu.RF | (isInterruptGate(gate) ? Cpu.IF : 0));
  }
}
