package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.softfloat.FpEnv;

/** Fetching and storing vector operands: XMM and MMX registers, memory of 8 to 128 bits, general registers, immediates. */
final class Vec {
  private static final int MASKS = 0x1f80;
  private static final int CR4_OSXMMEXCPT = 0x400;
  private static final int BEFORE = FpEnv.IE | FpEnv.DE | FpEnv.ZE;

  private Vec() {}

  /**
   * Operand {@code i}: its low 64 bits, zero-extended if it is narrower; {@link Cpu#high} receives the high 64 bits of an
   * XMM register or 128-bit memory operand, else zero.
   */
  static long fetch(Cpu c, Insn in, int i) {
    return switch (in.op(i)) {
      case Operand.Reg r -> register(c, r);
      case Operand.Mem m -> memory(c, in, m);
      case Operand.Imm v -> scalar(c, v.value() & 0xff);
      default -> throw new IllegalStateException(in.row + ": operand " + i);
    };
  }

  private static long register(Cpu c, Operand.Reg r) {
    if (r.file() == RegFile.XMM) {
      c.high = c.xmm[2 * r.index() + 1];
      return c.xmm[2 * r.index()];
    }
    return scalar(c, r.file() == RegFile.MMX ? c.x87.sig[r.index()] : Operands.gpr(c, r));
  }

  private static long scalar(Cpu c, long value) {
    c.high = 0;
    return value;
  }

  private static long memory(Cpu c, Insn in, Operand.Mem m) {
    if (m.bits() != 128) {
      return scalar(c, Operands.get(c, m));
    }
    return c.mem.read128(linear128(c, in, m, Access.READ));
  }

  private static long linear128(Cpu c, Insn in, Operand.Mem m, Access access) {
    long lin = Operands.linear(c, m, 16, access);
    if ((lin & 15) != 0 && in.row.is(Attr.ALIGNED)) {
      throw c.gp(0);
    }
    return lin;
  }

  /** Stores into operand 0, cut to its width; {@code high} counts for 128-bit destinations only. */
  static void store(Cpu c, Insn in, long low, long high) {
    switch (in.op(0)) {
      case Operand.Reg r when r.file() == RegFile.XMM -> xmm(c, r.index(), low, high);
      case Operand.Reg r when r.file() == RegFile.MMX -> c.x87.mmx(r.index(), low);
      case Operand.Mem m when m.bits() == 128 -> c.mem.write128(linear128(c, in, m, Access.WRITE), low, high);
      default -> Operands.set(c, in.op(0), low);
    }
  }

  static void xmm(Cpu c, int i, long low, long high) {
    c.xmm[2 * i] = low;
    c.xmm[2 * i + 1] = high;
  }

  /** Whether operand {@code i} is an XMM register. */
  static boolean isXmm(Insn in, int i) {
    return in.op(i) instanceof Operand.Reg r && r.file() == RegFile.XMM;
  }

  /** The last operand if it is an immediate byte, zero-extended; else zero. */
  static long imm(Insn in) {
    return in.operands.getLast() instanceof Operand.Imm i ? i.value() & 0xff : 0;
  }

  /** An instruction that only read operand {@code i} from an MMX register still leaves the x87 in MMX state (SDM 1 9.6.2). */
  static void leaveMmx(Cpu c, Insn in, int i) {
    if (in.op(i) instanceof Operand.Reg r && r.file() == RegFile.MMX) {
      c.x87.mmx(r.index());
    }
  }

  /** The environment of a floating-point instruction; {@link #end} must follow before the result is stored. */
  static FpEnv begin(Cpu c) {
    c.sse.mxcsr(c.mxcsr);
    if ((c.mxcsr & MASKS) != MASKS) {
      c.sse.flags = 0; // sticky flags of earlier instructions raise nothing (SDM 1 11.5.3)
    }
    return c.sse;
  }

  /**
   * Makes the flags sticky and raises #XM, or #UD if the operating system did not enable it. If an exception known before the
   * computation is unmasked in any lane, those known only after it are reported for no lane (SDM 1 11.5.3.2).
   */
  static void end(Cpu c, FpEnv e) {
    int unmasked = e.unmasked();
    c.mxcsr |= (unmasked & BEFORE) != 0 ? e.flags & BEFORE : e.flags;
    if (unmasked != 0) {
      throw (c.cr4 & CR4_OSXMMEXCPT) != 0 ? c.raise(Fault.XM) : c.ud();
    }
  }
}
