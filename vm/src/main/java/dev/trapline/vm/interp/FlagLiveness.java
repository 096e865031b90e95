package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.insn.Shape;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import java.util.List;

/**
 * Finds the instructions of a block whose flags nobody can see: overwritten by a later instruction, with nothing between
 * that reads flags, faults, or could end the block early. Such a block has two sets of operations; the one without the dead
 * flags runs only when the whole block does, so that every point at which the processor may be looked at is exact.
 */
final class FlagLiveness {
  private FlagLiveness() {}

  /** For each instruction (null: undefined opcode) whether its flags are dead. */
  static boolean[] dead(List<Insn> block) {
    boolean[] dead = new boolean[block.size()];
    boolean overwritten = false;
    for (int i = block.size() - 1; i >= 0; i--) {
      Insn in = block.get(i);
      if (in == null || !registersOnly(in)) {
        overwritten = false;
        continue;
      }
      FlagRule rule = in.row.flagRule();
      dead[i] = overwritten && rule != FlagRule.NONE;
      if (readsFlags(in.row)) {
        overwritten = false;
      } else if (writesAll(in.row)) {
        overwritten = true;
      }
    }
    return dead;
  }

  /** A pure function over registers and immediates: it can neither fault nor be the last thing seen of a block. */
  private static boolean registersOnly(Insn in) {
    if (in.row.is(Attr.ENDS) || in.row.is(Attr.CPL0) || in.row.flagRule() == FlagRule.SELF || in.row.feature().usesFpu()) {
      return false;
    }
    if (!(in.row.sem() instanceof Shape.Pure)) {
      return false;
    }
    for (Operand o : in.operands) {
      if (o instanceof Operand.Mem m && m.bits() != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean readsFlags(Row row) {
    boolean ruleKeepsSome = row.flagRule() != FlagRule.NONE && !writesAll(row);
    return row.flagsRead() != 0 || row.is(Attr.CARRY) || row.condition() >= 0 || ruleKeepsSome;
  }

  private static boolean writesAll(Row row) {
    return switch (row.flagRule()) {
      case ADD, SUB, NEG, LOGIC -> row.flagsWritten() == Flags.OSZAPC;
      default -> false;
    };
  }
}
