package dev.trapline.vm.cpu;

/**
 * Far JMP, CALL and RET: direct, through call gates, to tasks (SDM 3A 5.8, SDM 2A CALL, JMP, RET; APM2 4.11). On entry
 * {@code c.rip} is the address of the next instruction, the return address; nothing changes if a fault is thrown.
 */
public final class FarTransfer {
  private FarTransfer() {}

  static boolean realAddressing(Cpu c) {
    return !c.protectedMode() || c.v86();
  }

  static boolean canonical(long address) {
    return address >> 47 == address >> 63;
  }

  // ---- JMP

  /** Far JMP; the offset is already cut to the operand size. */
  public static void jump(Cpu c, int selector, long offset) {
    selector &= 0xffff;
    if (realAddressing(c)) {
      enterReal(c, selector, offset);
      return;
    }
    Descriptor d = target(c, selector, 0);
    if (d.system()) {
      jumpSystem(c, d);
    } else {
      enter(c, codeFor(c, d, c.cpl), offset, c.cpl);
    }
  }

  private static void jumpSystem(Cpu c, Descriptor d) {
    if (isCallGate(c, d)) {
      requireGate(c, d);
      Descriptor code = target(c, d.gateSelector(), 0);
      boolean allowed = code.isCode() && (code.conforming() ? code.dpl() <= c.cpl : code.dpl() == c.cpl);
      requireCode(c, code, allowed);
      requireLong(c, code);
      enter(c, code, d.gateOffset(), c.cpl);
    } else {
      taskOf(c, d, TaskSwitch.Reason.JMP);
    }
  }

  // ---- CALL

  /** Far CALL; return address and selector are pushed with the operand size. */
  public static void call(Cpu c, int selector, long offset, int opBits) {
    selector &= 0xffff;
    if (realAddressing(c)) {
      Frame stack = Frame.current(c, 0);
      pushReturn(c, stack, opBits);
      enterReal(c, selector, offset);
      stack.commit();
      return;
    }
    Descriptor d = target(c, selector, 0);
    if (d.system()) {
      callSystem(c, d);
      return;
    }
    Descriptor code = codeFor(c, d, c.cpl);
    Frame stack = Frame.current(c, 0);
    pushReturn(c, stack, opBits);
    enter(c, code, offset, c.cpl);
    stack.commit();
  }

  private static void pushReturn(Cpu c, Frame stack, int bits) {
    stack.push(c.seg[Cpu.CS].selector, bits);
    stack.push(c.rip, bits);
  }

  private static void callSystem(Cpu c, Descriptor d) {
    if (!isCallGate(c, d)) {
      taskOf(c, d, TaskSwitch.Reason.CALL);
      return;
    }
    requireGate(c, d);
    Descriptor code = target(c, d.gateSelector(), 0);
    requireCode(c, code, code.isCode() && code.dpl() <= c.cpl);
    requireLong(c, code);
    if (!code.conforming() && code.dpl() < c.cpl) {
      callInner(c, d, code);
      return;
    }
    Frame stack = Frame.current(c, 0);
    pushReturn(c, stack, gateBits(c, d));
    enter(c, code, d.gateOffset(), c.cpl);
    stack.commit();
  }

  private static int gateBits(Cpu c, Descriptor gate) {
    return c.longMode() ? 64 : gate.type() == Descriptor.CALL16 ? 16 : 32;
  }

  private static void callInner(Cpu c, Descriptor gate, Descriptor code) {
    int cpl = code.dpl();
    int bits = gateBits(c, gate);
    NewStack stack = c.longMode() ? NewStack.inLong(c, cpl, 0, 0) : NewStack.fromTask(c, cpl, 0);
    Frame to = stack.frame();
    to.push(c.seg[Cpu.SS].selector, bits);
    to.push(c.r[Cpu.RSP], bits);
    if (!c.longMode()) {
      Frame from = Frame.current(c, 0);
      for (int i = gate.gateParameters() - 1; i >= 0; i--) {
        to.push(from.peek(i * bits / 8, bits), bits);
      }
    }
    pushReturn(c, to, bits);
    Descriptor marked = checked(c, code, gate.gateOffset(), 0);
    stack.install(c, stack.marked(c));
    commit(c, marked, gate.gateOffset(), cpl);
    to.commit();
  }

  // ---- RET

  /** Far RET, releasing {@code release} bytes of parameters. */
  public static void ret(Cpu c, int opBits, int release) {
    Frame stack = Frame.current(c, 0);
    long offset = stack.pop(opBits);
    int selector = (int) stack.pop(opBits) & 0xffff;
    if (realAddressing(c)) {
      stack.skip(release);
      enterReal(c, selector, offset);
      stack.commit();
      return;
    }
    Descriptor code = returnTarget(c, selector);
    int rpl = selector & 3;
    stack.skip(release);
    if (rpl == c.cpl) {
      enter(c, code, offset, rpl);
      stack.commit();
      return;
    }
    long rsp = stack.pop(opBits);
    int ss = (int) stack.pop(opBits) & 0xffff;
    outer(c, code, offset, ss, rsp);
    Stack.setPointer(c, c.r[Cpu.RSP] + release);
  }

  /** The code descriptor RET and IRET return to, with their checks. */
  static Descriptor returnTarget(Cpu c, int selector) {
    Descriptor code = target(c, selector, 0);
    int rpl = selector & 3;
    boolean ok = code.isCode() && rpl >= c.cpl && (code.conforming() ? code.dpl() <= rpl : code.dpl() == rpl);
    requireCode(c, code, ok);
    requireLong(c, code);
    return code;
  }

  /** Completes a return to an outer level: the stack, the code, and registers that level must not see. */
  static void outer(Cpu c, Descriptor code, long offset, int ss, long rsp) {
    int cpl = code.rpl();
    Descriptor stack = null;
    if (Segments.isNull(ss)) {
      if (!(c.longMode() && isLong(code)) || cpl == 3) {
        throw c.gp(0);
      }
    } else {
      stack = Segments.stackDescriptor(c, ss, cpl, Fault.GP, 0);
    }
    Descriptor marked = checked(c, code, offset, 0);
    if (stack == null) {
      Segments.loadNull(c.seg[Cpu.SS], ss);
    } else {
      Segments.markAccessed(c, stack).into(c.seg[Cpu.SS], ss);
    }
    commit(c, marked, offset, cpl);
    Stack.setPointer(c, rsp);
    Segments.dropPrivileged(c);
    c.modeChanged();
  }

  // ---- targets

  /** The descriptor of a transfer's target selector. */
  static Descriptor target(Cpu c, int selector, int ext) {
    if (Segments.isNull(selector)) {
      throw c.gp(ext);
    }
    return Segments.fetch(c, selector, Fault.GP, ext);
  }

  static boolean isLong(Descriptor d) {
    return d.wide();
  }

  private static void requireLong(Cpu c, Descriptor code) {
    if (c.longMode() && isLong(code) && code.big()) {
      throw c.gp(code.error());
    }
  }

  private static Descriptor codeFor(Cpu c, Descriptor d, int cpl) {
    boolean ok = d.isCode() && (d.conforming() ? d.dpl() <= cpl : d.rpl() <= cpl && d.dpl() == cpl);
    requireCode(c, d, ok);
    requireLong(c, d);
    return d;
  }

  /** Whether far JMP and CALL could go to a code segment, by the processor's tables; nothing changes. */
  public static boolean reachable(Cpu c, int selector) {
    try {
      return codeFor(c, target(c, selector, 0), c.cpl).present();
    } catch (Fault f) {
      return false;
    }
  }

  private static void requireCode(Cpu c, Descriptor d, boolean ok) {
    if (!ok) {
      throw c.gp(d.error());
    }
    if (!d.present()) {
      throw c.raise(Fault.NP, d.error());
    }
  }

  /** Whether it is a call gate; long mode knows only the 16-byte one, which must lead to 64-bit code. */
  private static boolean isCallGate(Cpu c, Descriptor d) {
    return d.type() == Descriptor.CALL || d.type() == Descriptor.CALL16 && !c.longMode();
  }

  private static void requireGate(Cpu c, Descriptor gate) {
    if (gate.dpl() < c.cpl || gate.rpl() > gate.dpl() || c.longMode() && (gate.high() >>> 40 & 0x1f) != 0) {
      throw c.gp(gate.error());
    }
    if (!gate.present()) {
      throw c.raise(Fault.NP, gate.error());
    }
    if (c.longMode() && !Segments.isNull(gate.gateSelector())) {
      Descriptor code = Segments.fetch(c, gate.gateSelector());
      if (!code.isCode() || !isLong(code) || code.big()) {
        throw c.gp(code.error());
      }
    }
  }

  private static void taskOf(Cpu c, Descriptor d, TaskSwitch.Reason reason) {
    boolean gate = d.type() == Descriptor.TASK_GATE;
    if (c.longMode() || !gate && !d.isTss() || d.dpl() < c.cpl || d.dpl() < d.rpl()) {
      throw c.gp(d.error());
    }
    if (gate) {
      if (!d.present()) {
        throw c.raise(Fault.NP, d.error());
      }
      TaskSwitch.throughGate(c, d, reason, 0);
    } else {
      TaskSwitch.to(c, d, reason, 0, Fault.GP);
    }
  }

  // ---- entering

  private static void enterReal(Cpu c, int selector, long offset) {
    long limit = c.v86() ? 0xffff : c.seg[Cpu.CS].limit;
    if (offset > limit) {
      throw c.gp(0);
    }
    Segments.loadReal(c, c.seg[Cpu.CS], selector);
    c.rip = offset;
    c.modeChanged();
  }

  /** Checks the offset, marks the code segment accessed and goes there. */
  static void enter(Cpu c, Descriptor code, long offset, int cpl) {
    commit(c, checked(c, code, offset, 0), offset, cpl);
  }

  /** Checks an offset against its code segment and marks that accessed: the last steps that may fault. */
  static Descriptor checked(Cpu c, Descriptor code, long offset, int ext) {
    boolean inside = c.longMode() && isLong(code) ? canonical(offset) : offset <= code.limit();
    if (!inside) {
      throw c.gp(ext);
    }
    return Segments.markAccessed(c, code);
  }

  /** Loads CS and the instruction pointer. */
  static void commit(Cpu c, Descriptor code, long offset, int cpl) {
    code.into(c.seg[Cpu.CS], code.selector() & 0xfffc | cpl);
    c.rip = offset;
    c.cpl = cpl;
    c.modeChanged();
  }
}
