package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.mmu.Access;

/**
 * Operands of wide functions, which fetch and store for themselves: general registers, immediates and memory of at most 64
 * bits. Ordinary rows never come here; an engine marshals for them.
 */
final class Operands {
  private Operands() {}

  /** Effective address of a memory operand, cut to the address size (SDM 1 3.7.5). */
  static long offset(Cpu c, Operand.Mem m) {
    long base = m.base() == Operand.Mem.RIP ? c.nextRip : c.r[m.base()];
    long ea = base + (c.r[m.index()] << m.shift()) + m.disp();
    return switch (m.addrBits()) {
      case 16 -> ea & 0xffff;
      case 32 -> ea & 0xffffffffL;
      default -> ea;
    };
  }

  /** Linear address of a memory operand after the checks of its segment. */
  static long linear(Cpu c, Operand.Mem m, int bytes, Access access) {
    return linear(c, m.seg(), offset(c, m), bytes, access);
  }

  /** {@link Cpu#linear} with a shortcut for flat segments. */
  static long linear(Cpu c, int segment, long offset, int bytes, Access access) {
    if ((c.mode & Cpu.M_FLAT) != 0 && segment < Cpu.FS && segment != Cpu.CS) {
      return offset;
    }
    return c.linear(segment, offset, bytes, access);
  }

  /** Value of a general register, immediate or memory operand, zero-extended. */
  static long get(Cpu c, Operand o) {
    return switch (o) {
      case Operand.Reg r -> gpr(c, r);
      case Operand.Imm i -> cut(i.value(), i.bits());
      case Operand.Mem m -> c.mem.read(linear(c, m, m.bits() / 8, Access.READ), m.bits() / 8);
      case Operand.Rel r -> r.value();
      case Operand.Far f -> f.offset();
    };
  }

  /** Value of operand {@code i}, zero-extended. */
  static long get(Cpu c, Insn in, int i) {
    return get(c, in.op(i));
  }

  /** Value of an operand that is stored to later: memory raises the store's fault now. */
  static long getForWrite(Cpu c, Operand o) {
    if (o instanceof Operand.Mem m) {
      return c.mem.readForWrite(linear(c, m, m.bits() / 8, Access.WRITE), m.bits() / 8);
    }
    return get(c, o);
  }

  /** Stores into a general register or memory operand. */
  static void set(Cpu c, Operand o, long value) {
    if (o instanceof Operand.Mem m) {
      c.mem.write(linear(c, m, m.bits() / 8, Access.WRITE), m.bits() / 8, value);
    } else {
      gpr(c, (Operand.Reg) o, value);
    }
  }

  /** A general register, zero-extended. */
  static long gpr(Cpu c, Operand.Reg reg) {
    long v = c.r[reg.index()];
    return switch (reg.file()) {
      case GPR8 -> v & 0xff;
      case GPR8H -> v >>> 8 & 0xff;
      case GPR16 -> v & 0xffff;
      case GPR32 -> v & 0xffffffffL;
      case GPR64 -> v;
      default -> throw new IllegalStateException(reg + " is not a general register");
    };
  }

  /** Writes a general register: 32-bit writes clear the upper half, narrower ones keep the rest (SDM 1 3.4.1.1). */
  static void gpr(Cpu c, Operand.Reg reg, long value) {
    int i = reg.index();
    long old = c.r[i];
    c.r[i] = switch (reg.file()) {
      case GPR8 -> old & ~0xffL | value & 0xff;
      case GPR8H -> old & ~0xff00L | (value & 0xff) << 8;
      case GPR16 -> old & ~0xffffL | value & 0xffff;
      case GPR32 -> value & 0xffffffffL;
      case GPR64 -> value;
      default -> throw new IllegalStateException(reg + " is not a general register");
    };
  }

  /** Writes AL, AX, EAX or RAX. */
  static void setAccumulator(Cpu c, int bits, long value) {
    long old = c.r[Cpu.RAX];
    c.r[Cpu.RAX] = switch (bits) {
      case 8 -> old & ~0xffL | value & 0xff;
      case 16 -> old & ~0xffffL | value & 0xffff;
      case 32 -> value & 0xffffffffL;
      default -> value;
    };
  }

  /** Zero-extends the low {@code bits} of a value. */
  static long cut(long value, int bits) {
    return value << (64 - bits) >>> (64 - bits);
  }
}
