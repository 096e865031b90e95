package dev.trapline.vm.isa.asm;

import java.util.List;

/** What one source line asks for. */
sealed interface Statement {
  /**
   * An instruction.
   *
   * @param prefixes {@link dev.trapline.vm.isa.Insn#LOCK} and so on
   * @param opBits operand size asked for by o16, o32, o64, or 0
   * @param addrBits address size asked for by a16, a32, a64, or 0
   * @param segment segment prefix, or -1
   */
  record Instruction(String mnemonic, List<Arg> args, int prefixes, int opBits, int addrBits, int segment)
      implements Statement {}

  /** {@code name:}, or a name alone. */
  record Label(String name) implements Statement {}

  record Equ(String name, Expr value) implements Statement {}

  /** {@code db} and the like: unit in bytes. */
  record Data(int unit, List<Item> items) implements Statement {
    /** One value, repeated by {@code dup}. */
    record Item(Expr value, Expr count, List<Item> group) {}
  }

  /** {@code resb} and the like, in bytes. */
  record Reserve(int unit, Expr count) implements Statement {}

  record Times(Expr count, Statement body) implements Statement {}

  record Align(Expr to, Statement fill) implements Statement {}

  record Include(String file, Expr skip, Expr length) implements Statement {}

  record Org(Expr origin) implements Statement {}

  record Bits(int bits) implements Statement {}

  /** {@code default rel} and {@code default abs}. */
  record Default(boolean relative) implements Statement {}

  record SwitchSection(String name, List<Attribute> attributes) implements Statement {
    record Attribute(String key, Expr value, String word) {}
  }

  /** {@code absolute address}: labels without bytes. */
  record Absolute(Expr address) implements Statement {}

  /** Pads an instance of a structure up to a member ({@code at}, {@code iend}). */
  record PadTo(Expr offset) implements Statement {}

  /** Begins an instance of a structure. */
  record Instance() implements Statement {}
}
