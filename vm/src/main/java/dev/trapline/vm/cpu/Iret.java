package dev.trapline.vm.cpu;

/** IRET in all modes (SDM 2A IRET; APM3 IRET). Nothing changes if a fault is thrown. */
public final class Iret {
  private static final int ARITHMETIC = 0x8d5;

  private Iret() {}

  /** Returns with the operand size of the instruction, 16, 32 or 64. */
  public static void execute(Cpu c, int opBits) {
    if (!c.protectedMode()) {
      real(c, opBits, Cpu.IOPL);
    } else if (c.v86()) {
      if ((c.sysFlags & Cpu.IOPL) != Cpu.IOPL) {
        throw c.gp(0);
      }
      real(c, opBits, 0);
    } else if (c.flag(Cpu.NT)) {
      nested(c);
    } else {
      protectedMode(c, opBits);
    }
    c.nmiBlocked = false;
  }

  private static void nested(Cpu c) {
    if (c.longMode()) {
      throw c.gp(0);
    }
    TaskSwitch.back(c);
  }

  private static void real(Cpu c, int opBits, int iopl) {
    Frame stack = Frame.current(c, 0);
    long ip = stack.pop(opBits);
    int selector = (int) stack.pop(opBits) & 0xffff;
    int flags = (int) stack.pop(opBits);
    if (ip > c.seg[Cpu.CS].limit) {
      throw c.gp(0);
    }
    stack.commit();
    Segments.loadReal(c, c.seg[Cpu.CS], selector);
    c.rip = ip;
    int mask = ARITHMETIC | Cpu.TF | Cpu.IF | Cpu.DF | Cpu.NT | iopl | (opBits == 32 ? Cpu.RF | Cpu.AC | Cpu.ID : 0);
    loadFlags(c, flags, mask);
  }

  private static void loadFlags(Cpu c, int flags, int mask) {
    c.rflags(flags & mask | c.rflags() & ~mask);
    c.resuming = false; // an RF loaded here is for the next instruction
    c.modeChanged();
  }

  private static void protectedMode(Cpu c, int opBits) {
    Frame stack = Frame.current(c, 0);
    long ip = stack.pop(opBits);
    int selector = (int) stack.pop(opBits) & 0xffff;
    int flags = (int) stack.pop(opBits);
    if ((flags & Cpu.VM) != 0 && c.cpl == 0 && opBits == 32 && !c.longMode()) {
      toV86(c, stack, ip, selector, flags);
      return;
    }
    Descriptor code = FarTransfer.returnTarget(c, selector);
    int mask = flagMask(c, opBits);
    if (code.rpl() > c.cpl || c.mode64()) {
      long rsp = stack.pop(opBits);
      int ss = (int) stack.pop(opBits) & 0xffff;
      FarTransfer.outer(c, code, ip, ss, rsp);
    } else {
      FarTransfer.enter(c, code, ip, c.cpl);
      stack.commit();
    }
    loadFlags(c, flags, mask);
  }

  /** Flags IRET may change at the level it is executed at. */
  private static int flagMask(Cpu c, int opBits) {
    int iopl = c.sysFlags >> 12 & 3;
    return ARITHMETIC | Cpu.TF | Cpu.DF | Cpu.NT | (opBits >= 32 ? Cpu.RF | Cpu.AC | Cpu.ID : 0)
        | (c.cpl <= iopl ? Cpu.IF : 0) | (c.cpl == 0 ? Cpu.IOPL : 0) | (c.cpl == 0 && opBits >= 32 ? Cpu.VIF | Cpu.VIP : 0);
  }

  /** SDM 3A 20.2.3: the full frame with the data segments. */
  private static void toV86(Cpu c, Frame stack, long ip, int selector, int flags) {
    long sp = stack.pop(32);
    int[] selectors = new int[6];
    selectors[Cpu.CS] = selector;
    for (int i : new int[] {Cpu.SS, Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS}) {
      selectors[i] = (int) stack.pop(32) & 0xffff;
    }
    if (ip > 0xffff) {
      throw c.gp(0);
    }
    c.rflags(flags);
    for (int i = 0; i < 6; i++) {
      Segments.loadReal(c, c.seg[i], selectors[i]);
    }
    c.r[Cpu.RSP] = sp;
    c.rip = ip & 0xffff;
    c.cpl = 3;
    c.modeChanged();
  }
}
