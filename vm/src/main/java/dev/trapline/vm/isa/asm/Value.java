package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;
import java.util.ArrayList;
import java.util.List;

/**
 * The value of an expression: a number, plus the start of a section (a label), plus registers (in an address).
 *
 * @param number the constant part
 * @param base the section whose start is to be added, or null
 * @param regs registers with their factors, in the order written
 * @param known false if a symbol without a value yet takes part
 */
record Value(long number, Section base, List<Term> regs, boolean known) {
  /** A register times a factor. */
  record Term(Operand.Reg reg, long factor) {}

  static final Value UNKNOWN = new Value(0, null, List.of(), false);

  static Value of(long number) {
    return new Value(number, null, List.of(), true);
  }

  static Value of(Operand.Reg reg) {
    return new Value(0, null, List.of(new Term(reg, 1)), true);
  }

  static Value of(long number, Section base) {
    return new Value(number, base, List.of(), true);
  }

  /** Known, and the same wherever the program is loaded: only such values take part in choosing the shortest form. */
  boolean simple() {
    return known && base == null;
  }

  /** The address or number; section starts are added. */
  long absolute() {
    return base == null ? number : number + base.address();
  }

  /** The number, which must not depend on a register or a section. */
  long scalar(String what) {
    if (!regs.isEmpty()) {
      throw new SourceError(what + " must be a number, not a register");
    }
    if (base != null) {
      throw new SourceError(what + " must be a constant: subtract a label of the same section, such as $-$$");
    }
    return number;
  }

  Value plus(Value o) {
    if (base != null && o.base != null) {
      throw new SourceError("two labels cannot be added");
    }
    return new Value(number + o.number, base != null ? base : o.base, merge(o, 1), known && o.known);
  }

  Value minus(Value o) {
    if (o.base != null && o.base != base) {
      throw new SourceError("labels of different sections cannot be subtracted");
    }
    return new Value(number - o.number, o.base != null ? null : base, merge(o, -1), known && o.known);
  }

  Value times(Value o) {
    if (!o.regs.isEmpty()) {
      if (!regs.isEmpty()) {
        throw new SourceError("two registers cannot be multiplied");
      }
      return o.times(this);
    }
    long factor = o.scalar("a factor");
    if (base != null && factor != 1) {
      throw new SourceError("a label cannot be multiplied");
    }
    var scaled = regs.stream().map(t -> new Term(t.reg, t.factor * factor)).toList();
    return new Value(number * factor, base, scaled, known && o.known);
  }

  private List<Term> merge(Value o, long sign) {
    if (o.regs.isEmpty()) {
      return regs;
    }
    var sum = new ArrayList<>(regs);
    for (Term t : o.regs) {
      int at = 0;
      while (at < sum.size() && !sum.get(at).reg.equals(t.reg)) {
        at++;
      }
      if (at < sum.size()) {
        sum.set(at, new Term(t.reg, sum.get(at).factor + sign * t.factor));
      } else {
        sum.add(new Term(t.reg, sign * t.factor));
      }
    }
    sum.removeIf(t -> t.factor == 0);
    return List.copyOf(sum);
  }
}
