package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;

/** An operand as written, before a form has been chosen. Widths are in bits, 0 where the source states none. */
sealed interface Arg {
  /** How far a branch target may be. */
  enum Distance { ANY, SHORT, NEAR, FAR }

  /** A register; {@code to} marks the x87 destination of {@code fadd to st1}. */
  record Register(Operand.Reg reg, boolean to) implements Arg {}

  /** A number or branch target. */
  record Number(Expr value, int bits, boolean strict, Distance distance) implements Arg {}

  /** {@code selector:offset}. */
  record Pointer(Expr selector, Expr offset, int bits) implements Arg {}

  /**
   * An address in brackets.
   *
   * @param bits width of what is there
   * @param segment override 0 to 5, or -1
   * @param addrBits address size asked for by a keyword
   * @param dispBits displacement width asked for by a keyword
   * @param relative true {@code rel}, false {@code abs}, null neither
   * @param nosplit keep {@code [reg*2]} as an index
   * @param far {@code call far [x]}
   */
  record Memory(int bits, int segment, Expr address, int addrBits, int dispBits, Boolean relative, boolean nosplit, boolean far)
      implements Arg {}
}
