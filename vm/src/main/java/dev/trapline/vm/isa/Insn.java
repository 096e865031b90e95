package dev.trapline.vm.isa;

import java.util.List;

/**
 * A decoded instruction: a row with its operands resolved. Immutable and free of position, so one object serves every
 * place the same bytes stand at.
 */
public final class Insn {
  public static final int LOCK = 1;
  /** F3. */
  public static final int REP = 2;
  /** F2. */
  public static final int REPNE = 4;
  public static final int OPSIZE = 8;
  public static final int ADDRSIZE = 0x10;
  public static final int REX = 0x20;
  public static final int REX_W = 0x40;
  /** A segment override is present and has effect. */
  public static final int SEGMENT = 0x80;

  public final Row row;
  /** Length in bytes, 1 to 15. */
  public final int length;
  /** Effective operand size, 16, 32 or 64. */
  public final int opBits;
  /** Effective address size, 16, 32 or 64. */
  public final int addrBits;
  /** Prefix bits as above. */
  public final int prefixes;
  /** Segment override 0 to 5, or -1. */
  public final int segment;
  /** Whether it was decoded in 64-bit mode. */
  public final boolean mode64;
  /** The ModRM byte, or -1 if the form has none. */
  public final int modrm;
  public final List<Operand> operands;

  Insn(Row row, int length, int opBits, int addrBits, int prefixes, int segment, boolean mode64, int modrm, List<Operand> operands) {
    this.row = row;
    this.length = length;
    this.opBits = opBits;
    this.addrBits = addrBits;
    this.prefixes = prefixes;
    this.segment = segment;
    this.mode64 = mode64;
    this.modrm = modrm;
    this.operands = operands;
  }

  public boolean has(int prefix) {
    return (prefixes & prefix) != 0;
  }

  public Operand op(int i) {
    return operands.get(i);
  }

  /** Whether it must be the last of a block: its row says so, or it repeats. */
  public boolean endsBlock() {
    return row.is(Attr.ENDS) || repeats();
  }

  /** Whether a repeat prefix has effect (SDM 2B REP). */
  public boolean repeats() {
    return (prefixes & (REP | REPNE)) != 0 && (row.is(Attr.REP) || row.is(Attr.REPZ));
  }

  /** The memory operand, or null. */
  public Operand.Mem mem() {
    for (Operand o : operands) {
      if (o instanceof Operand.Mem m) {
        return m;
      }
    }
    return null;
  }

  /** The segment of an implicit DS:rSI access (string instructions, XLAT): the override if there is one. */
  public int dataSegment() {
    return segment >= 0 ? segment : 3;
  }
}
