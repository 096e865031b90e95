package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;

/** What generated operations call: the checks before an instruction and the register writes that keep other bits. */
final class Support {
  private static final int CR0_MP = 2;
  private static final int CR0_EM = 4;
  private static final int CR0_TS = 8;
  private static final int CR4_OSFXSR = 0x200;

  private Support() {}

  static void requireCpl0(Cpu c) {
    if (c.cpl != 0) {
      throw c.gp(0);
    }
  }

  /** x87: CR0.EM or CR0.TS gives #NM (SDM 3A 2.5). */
  static void requireX87(Cpu c) {
    if ((c.cr0 & (CR0_EM | CR0_TS)) != 0) {
      throw c.raise(Fault.NM);
    }
  }

  /** WAIT: #NM only when MP and TS are both set. */
  static void requireWait(Cpu c) {
    if ((c.cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS)) {
      throw c.raise(Fault.NM);
    }
  }

  /**
   * MMX, and SSE on MMX registers only, which needs no OSFXSR (SDM 2A table 2-27): EM gives #UD, TS gives #NM (SDM 3A 12.1), a
   * pending x87 exception is reported first.
   */
  static void requireMmx(Cpu c) {
    if ((c.cr0 & CR0_EM) != 0) {
      throw c.ud();
    }
    if ((c.cr0 & CR0_TS) != 0) {
      throw c.raise(Fault.NM);
    }
    c.reportX87();
  }

  /** Instructions on both MMX and XMM registers (CVTPI2PS, MOVQ2DQ). */
  static void requireSseAndMmx(Cpu c) {
    requireSse(c);
    requireMmx(c);
  }

  /** SSE: EM set or OSFXSR clear gives #UD, TS gives #NM (SDM 3A 13.1). */
  static void requireSse(Cpu c) {
    if ((c.cr0 & CR0_EM) != 0 || (c.cr4 & CR4_OSFXSR) == 0) {
      throw c.ud();
    }
    if ((c.cr0 & CR0_TS) != 0) {
      throw c.raise(Fault.NM);
    }
  }

  /** A 16-byte operand of most SSE instructions must be aligned (SDM 1 10.4.1.1). */
  static void requireAligned(Cpu c, long linear) {
    if ((linear & 15) != 0) {
      throw c.gp(0);
    }
  }

  static long selector(Cpu c, int segment) {
    return c.seg[segment].selector & 0xffff;
  }

  static long segmentBase(Cpu c, int segment) {
    return c.seg[segment].base;
  }

  static void put8(long[] r, int i, long v) {
    r[i] = r[i] & ~0xffL | v & 0xff;
  }

  static void put8H(long[] r, int i, long v) {
    r[i] = r[i] & ~0xff00L | (v & 0xff) << 8;
  }

  static void put16(long[] r, int i, long v) {
    r[i] = r[i] & ~0xffffL | v & 0xffff;
  }
}
