package dev.trapline.vm.isa;

/** A decoded operand. Values are ready to use: displacements and immediates are sign-extended where the form says so. */
public sealed interface Operand {
  /** Width of the value in bits; 0 where an operand has no data of its own (LEA's memory, INVLPG's). */
  int bits();

  /** A register. */
  record Reg(RegFile file, int index) implements Operand {
    @Override
    public int bits() {
      return file.bits;
    }
  }

  /**
   * A memory reference.
   *
   * @param seg segment register in effect, 0 to 5 (ES CS SS DS FS GS)
   * @param base general-purpose register index, {@link #NONE}, or {@link #RIP}
   * @param index general-purpose register index or {@link #NONE}
   * @param shift log2 of the scale, 0 to 3
   * @param disp displacement, sign-extended (an absolute address for a moffs operand)
   * @param addrBits effective address size, 16, 32 or 64
   * @param dispBytes how many bytes encoded the displacement, 0 to 8
   */
  record Mem(int seg, int base, int index, int shift, long disp, int addrBits, int bits, int dispBytes) implements Operand {
    public static final int NONE = 16;
    public static final int RIP = 17;
  }

  /**
   * An immediate.
   *
   * @param value sign- or zero-extended to 64 bits as the form says
   * @param bits width of the operand it is used as
   * @param encodedBytes bytes it takes in the instruction, 0 for the implied constant of a shift by one
   */
  record Imm(long value, int bits, int encodedBytes) implements Operand {}

  /**
   * A branch displacement relative to the next instruction.
   *
   * @param value the displacement, sign-extended
   * @param bits operand size: the target is cut to it outside 64-bit mode
   */
  record Rel(long value, int bits) implements Operand {}

  /** A far pointer in the instruction; {@code bits} is the width of the offset. */
  record Far(int selector, long offset, int bits) implements Operand {}
}
