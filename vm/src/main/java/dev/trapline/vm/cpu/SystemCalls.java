package dev.trapline.vm.cpu;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT with AMD's rules (APM2 6.1, APM3): SYSCALL works in legacy mode too, SYSENTER does not in
 * long mode, SYSRET does not check its target and leaves the hidden part of SS alone.
 */
public final class SystemCalls {
  private static final int CODE64 = 0xa09b;
  private static final int CODE32 = 0xc09b;
  private static final int DATA = 0xc093;
  private static final int USER = 0x60;
  private static final long FLAT = 0xffffffffL;

  private SystemCalls() {}

  private static void requireEnabled(Cpu c) {
    if ((c.efer & Control.SCE) == 0) {
      throw c.ud();
    }
  }

  public static void syscall(Cpu c) {
    requireEnabled(c);
    long star = c.msrs.at(Msrs.STAR);
    int cs = (int) (star >>> 32) & 0xfffc;
    if (c.longMode()) {
      boolean from64 = c.mode64();
      long flags = c.rflags() & ~(long) Cpu.RF;
      c.r[Cpu.RCX] = c.rip;
      c.r[11] = flags;
      c.rip = c.msrs.at(from64 ? Msrs.LSTAR : Msrs.CSTAR);
      c.rflags(flags & ~c.msrs.at(Msrs.SFMASK));
      enter(c, cs, CODE64);
    } else {
      c.r[Cpu.RCX] = c.rip & 0xffffffffL;
      c.rip = star & 0xffffffffL;
      c.sysFlags &= ~(Cpu.VM | Cpu.IF | Cpu.RF);
      enter(c, cs, CODE32);
    }
    c.stepping &= c.flag(Cpu.TF);
  }

  private static void enter(Cpu c, int cs, int code) {
    c.seg[Cpu.CS].set(cs, 0, FLAT, code);
    c.seg[Cpu.SS].set(cs + 8 & 0xffff, 0, FLAT, DATA);
    c.cpl = 0;
    c.modeChanged();
  }

  /** SYSRET; {@code wide} (REX.W) returns to 64-bit code. */
  public static void sysret(Cpu c, boolean wide) {
    requireEnabled(c);
    int base = (int) (c.msrs.at(Msrs.STAR) >>> 48);
    c.seg[Cpu.SS].selector = base + 8 & 0xffff;
    if (c.mode64()) {
      int cs = (wide ? base + 16 : base) & 0xfffc | 3;
      c.rip = wide ? c.r[Cpu.RCX] : c.r[Cpu.RCX] & 0xffffffffL;
      c.seg[Cpu.CS].set(cs, 0, FLAT, (wide ? CODE64 : CODE32) | USER);
      c.rflags(c.r[11] & ~(long) (Cpu.RF | Cpu.VM));
    } else {
      c.rip = c.r[Cpu.RCX] & 0xffffffffL;
      c.seg[Cpu.CS].set(base & 0xfffc | 3, 0, FLAT, CODE32 | USER);
      c.sysFlags |= Cpu.IF;
    }
    c.cpl = 3;
    c.modeChanged();
  }

  private static int target(Cpu c, boolean privileged) {
    if (privileged && c.cpl != 0) {
      throw c.gp(0); // also in long mode, where the instruction does not exist (silicon vectors)
    }
    if (c.longMode()) {
      throw c.ud();
    }
    int cs = (int) c.msrs.at(Msrs.SYSENTER_CS) & 0xfffc;
    if (!c.protectedMode() || cs == 0) {
      throw c.gp(0);
    }
    return cs;
  }

  public static void sysenter(Cpu c) {
    int cs = target(c, false);
    c.sysFlags &= ~(Cpu.VM | Cpu.IF | Cpu.RF);
    c.r[Cpu.RSP] = c.msrs.at(Msrs.SYSENTER_ESP) & 0xffffffffL;
    c.rip = c.msrs.at(Msrs.SYSENTER_EIP) & 0xffffffffL;
    enter(c, cs, CODE32);
  }

  public static void sysexit(Cpu c) {
    int cs = target(c, true);
    c.rip = c.r[Cpu.RDX] & 0xffffffffL;
    c.r[Cpu.RSP] = c.r[Cpu.RCX] & 0xffffffffL;
    c.seg[Cpu.CS].set(cs + 16 & 0xffff | 3, 0, FLAT, CODE32 | USER);
    c.seg[Cpu.SS].set(cs + 24 & 0xffff | 3, 0, FLAT, DATA | USER);
    c.cpl = 3;
    c.modeChanged();
  }
}
