package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import java.util.ArrayList;
import java.util.List;

/**
 * An effective address taken apart into base, index and displacement as NASM does (manual 3.3): {@code [eax*2]} becomes
 * {@code [eax+eax]}, {@code [eax*5]} becomes {@code [eax+eax*4]}.
 *
 * @param bits address size
 * @param base register index, {@link Operand.Mem#NONE} or {@link Operand.Mem#RIP}
 * @param index register index or {@link Operand.Mem#NONE}
 * @param value the constant part
 * @param relative whether {@code value} is a target to be made relative to the next instruction
 * @param dispBytes displacement bytes, or {@link Encoder#SHORTEST}
 */
record Address(int bits, int base, int index, int shift, Value value, boolean relative, int dispBytes) {
  /** Stand-ins in expressions; no file has such an index. */
  static final Operand.Reg RIP = new Operand.Reg(RegFile.GPR64, Operand.Mem.RIP);
  static final Operand.Reg EIP = new Operand.Reg(RegFile.GPR32, Operand.Mem.RIP);

  private static final int NONE = Operand.Mem.NONE;
  private static final int SP = 4;
  private static final int BP = 5;

  /** What the code around an operand decides. */
  record Context(int codeBits, int addrBits, boolean defaultRelative, int segment, boolean alone) {}

  static Address of(Arg.Memory m, Value v, Context c) {
    int bits = addressBits(m, v, c);
    if (v.regs().isEmpty()) {
      return absolute(m, v, c, bits);
    }
    if (v.regs().getFirst().reg().index() == Operand.Mem.RIP) {
      if (v.regs().size() > 1 || c.codeBits != 64) {
        throw new SourceError("rip can stand only alone with a displacement, in 64-bit code");
      }
      return new Address(bits, Operand.Mem.RIP, NONE, 0, v, v.base() != null, 4);
    }
    return bits == 16 ? small(m, v) : large(m, v, bits);
  }

  private static int addressBits(Arg.Memory m, Value v, Context c) {
    int bits = 0;
    for (Value.Term t : v.regs()) {
      int width = t.reg().bits();
      if (!t.reg().file().isGpr() || width == 8) {
        throw new SourceError("this register cannot stand in an address");
      }
      if (bits != 0 && bits != width) {
        throw new SourceError("registers of different widths in one address");
      }
      bits = width;
    }
    boolean displacementOnly = c.codeBits == 64 && m.addrBits() == 32;
    int asked = m.addrBits() != 0 && !displacementOnly ? m.addrBits() : c.addrBits;
    bits = bits != 0 ? bits : asked != 0 ? asked : c.codeBits;
    if (bits == 64 && c.codeBits != 64 || bits == 16 && c.codeBits == 64) {
      throw new SourceError(bits + "-bit addresses do not exist in " + c.codeBits + "-bit code");
    }
    return bits;
  }

  private static Address absolute(Arg.Memory m, Value v, Context c, int bits) {
    int segment = m.segment() >= 0 ? m.segment() : c.segment;
    boolean wanted = m.relative() != null ? m.relative() : c.defaultRelative && segment < 4 && m.addrBits() != 64;
    boolean relative = c.codeBits == 64 && wanted && (v.base() != null || !v.known() || c.alone);
    if (bits == 64 && !relative && m.addrBits() == 0 && c.addrBits == 0 && v.simple() && v.number() >>> 31 == 1) {
      bits = 32; // the upper half of 4 GiB cannot be reached by sign extension
    }
    return new Address(bits, relative ? Operand.Mem.RIP : NONE, NONE, 0, v, relative, bits == 16 ? 2 : 4);
  }

  private static int dispBytes(Arg.Memory m, Value v, int full) {
    if (m.dispBits() != 0) {
      return Math.min(m.dispBits() / 8, full);
    }
    return v.simple() ? Encoder.SHORTEST : full;
  }

  private static Address small(Arg.Memory m, Value v) {
    int base = NONE;
    int index = NONE;
    for (Value.Term t : v.regs()) {
      int r = t.reg().index();
      boolean isIndex = r == 6 || r == 7;
      if (t.factor() != 1 || !isIndex && r != 3 && r != BP || (isIndex ? index : base) != NONE) {
        throw new SourceError("16-bit addresses are made of bx or bp plus si or di");
      }
      if (isIndex) {
        index = r;
      } else {
        base = r;
      }
    }
    if (base == NONE) {
      base = index;
      index = NONE;
    }
    return new Address(16, base, index, 0, v, false, dispBytes(m, v, 2));
  }

  /** A register with its factor, while roles are still open. */
  private record Part(int reg, long factor) {}

  private static Address large(Arg.Memory m, Value v, int bits) {
    List<Part> parts = new ArrayList<>();
    for (Value.Term t : v.regs()) {
      split(parts, t, v.regs().size() == 1, m.nosplit());
    }
    if (parts.size() > 2) {
      throw new SourceError("an address has at most a base and an index register");
    }
    Part base = null;
    Part index = null;
    for (Part p : parts) {
      if (p.factor == 1 && base == null) {
        base = p;
      } else if (index == null) {
        index = p;
      } else {
        throw new SourceError("only one register of an address can be scaled");
      }
    }
    if (index != null && index.factor == 1 && index.reg == SP) { // the stack pointer can only be the base
      Part other = base;
      base = index;
      index = other;
    }
    if (index != null && index.reg == SP) {
      throw new SourceError("the stack pointer cannot be an index");
    }
    int shift = index == null ? 0 : shift(index.factor);
    return new Address(bits, base == null ? NONE : base.reg, index == null ? NONE : index.reg, shift, v, false, dispBytes(m, v, 4));
  }

  private static void split(List<Part> parts, Value.Term t, boolean alone, boolean nosplit) {
    int r = t.reg().index();
    long f = t.factor();
    if (f == 3 || f == 5 || f == 9) {
      parts.add(new Part(r, 1));
      parts.add(new Part(r, f - 1));
    } else if (f == 2 && alone && !nosplit) {
      parts.add(new Part(r, 1));
      parts.add(new Part(r, 1));
    } else {
      parts.add(new Part(r, f));
    }
  }

  private static int shift(long factor) {
    if (factor < 1 || factor > 8 || Long.bitCount(factor) != 1) {
      throw new SourceError("a register in an address can be scaled by 1, 2, 4 or 8, not " + factor);
    }
    return Long.numberOfTrailingZeros(factor);
  }

  /** The operand for an instruction; {@code end} is the address of the next one. */
  Operand.Mem operand(int dataBits, int segment, long end) {
    long disp = value.absolute() - (relative ? end : 0);
    int seg = segment >= 0 ? segment : base == SP || base == BP ? 2 : 3;
    return new Operand.Mem(seg, base, index, shift, fit(disp), bits, dataBits, dispBytes);
  }

  private long fit(long disp) {
    if (bits == 64 && base == NONE && index == NONE) {
      return disp;
    }
    boolean fits = bits == 16 ? disp >= -0x8000 && disp <= 0xffff
        : bits == 32 ? disp >= Integer.MIN_VALUE && disp <= 0xffffffffL : disp == (int) disp;
    if (!fits && value.known()) {
      throw new SourceError("displacement 0x" + Long.toHexString(disp) + " does not fit in " + Math.min(bits, 32) + " bits");
    }
    int width = Math.min(bits, 32);
    return disp << (64 - width) >> (64 - width);
  }
}
