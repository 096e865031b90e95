package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import java.util.ArrayList;
import java.util.List;

/**
 * What an operation's code depends on, and nothing that may sit in a field: row, operand size, the kind of each operand
 * and how a memory address is formed. Equal shapes share a class.
 *
 * @param rowId row of the instruction set
 * @param opBits effective operand size
 * @param kinds kind of each operand
 * @param address how the memory operand's address is formed; null without one
 * @param flagsDead whether the flag rule is left out, see {@link FlagLiveness}
 */
record OpShape(int rowId, int opBits, List<Kind> kinds, Address address, boolean flagsDead) {
  /** Where an operand's value is. */
  enum Kind { GPR8, GPR8H, GPR16, GPR32, GPR64, SEG, MEM, IMM, XMM, OTHER }

  /**
   * An address computation.
   *
   * @param bits address size
   * @param indexed whether there is an index register
   * @param ripRelative whether the base is the next instruction's address
   * @param linear how an offset becomes a linear address
   */
  record Address(int bits, boolean indexed, boolean ripRelative, Linear linear) {}

  /** From offset to linear address. */
  enum Linear {
    /** The offset itself: flat segments, or 64-bit mode without a segment base. */
    FLAT,
    /** Segment base plus offset, no check: FS and GS in 64-bit mode. */
    BASED,
    /** Base, limit and rights: everything else. */
    CHECKED
  }

  static OpShape of(Insn in, int mode, boolean flagsDead) {
    var kinds = new ArrayList<Kind>(in.operands.size());
    Address address = null;
    for (Operand o : in.operands) {
      kinds.add(kind(o));
      if (o instanceof Operand.Mem m) {
        address = new Address(m.addrBits(), m.index() != Operand.Mem.NONE, m.base() == Operand.Mem.RIP, linear(m, mode));
      }
    }
    return new OpShape(in.row.id(), in.opBits, List.copyOf(kinds), address, flagsDead);
  }

  /** The same as one number, cheap to make and to look up: instructions with the same number have the same shape. */
  static long key(Insn in, int mode, boolean flagsDead) {
    long key = 1; // marks where the operands begin, so that a short list is never a piece of a long one
    for (int i = 0; i < in.operands.size(); i++) {
      Operand o = in.operands.get(i);
      key = key << 4 | kind(o).ordinal() + 1;
      if (o instanceof Operand.Mem m) {
        boolean indexed = m.index() != Operand.Mem.NONE;
        boolean relative = m.base() == Operand.Mem.RIP;
        key = key << 7 | m.addrBits() >> 4 << 4 | linear(m, mode).ordinal() << 2 | (indexed ? 2 : 0) | (relative ? 1 : 0);
      }
    }
    key = key << 3 | in.opBits >> 4;
    return (long) in.row.id() << 40 | key << 2 | (in.mode64 ? 2 : 0) | (flagsDead ? 1 : 0);
  }

  private static Kind kind(Operand o) {
    return switch (o) {
      case Operand.Mem m -> Kind.MEM;
      case Operand.Imm i -> Kind.IMM;
      case Operand.Rel r -> Kind.IMM;
      case Operand.Far f -> Kind.OTHER;
      case Operand.Reg r when r.file() == RegFile.SEG -> Kind.SEG;
      case Operand.Reg r when r.file().isGpr() -> Kind.values()[r.file().ordinal()];
      case Operand.Reg r -> r.file() == RegFile.XMM ? Kind.XMM : Kind.OTHER;
    };
  }

  private static Linear linear(Operand.Mem m, int mode) {
    if ((mode & Cpu.M_64) != 0) {
      return m.seg() >= Cpu.FS ? Linear.BASED : Linear.FLAT;
    }
    return (mode & Cpu.M_FLAT) != 0 && m.seg() < Cpu.FS && m.seg() != Cpu.CS ? Linear.FLAT : Linear.CHECKED;
  }
}
