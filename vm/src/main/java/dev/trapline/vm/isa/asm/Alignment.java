package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Brings the operands of a source line in line with a row's: operands that may be left out are supplied, implied ones dropped. */
final class Alignment {
  private static final Set<String> TEN = Set.of("aam", "aad");

  private Alignment() {}

  /**
   * The operands, one for each of the row's; null inside the list for those of string instructions, which follow from the row.
   *
   * @return null if the counts cannot be brought together
   */
  static List<Val> of(Row row, String mnemonic, List<Val> given) {
    int n = row.operands().size();
    List<Val> vals = new ArrayList<>(given);
    if (loopCount(row, vals) != 0 || n == 0 && vals.size() == 1 && mnemonic.startsWith("xlat") && vals.getFirst() instanceof Val.Mem) {
      vals.removeLast();
    }
    if (vals.isEmpty() && strings(row)) {
      row.operands().forEach(o -> vals.add(null));
    } else if (vals.isEmpty() && n == 2 && row.feature() == Feature.X87) {
      row.operands().forEach(o -> vals.add(stack(o.place() == Place.ST_I ? 1 : 0)));
    } else if (vals.size() == n - 1) {
      insert(row, mnemonic, vals);
    } else if (vals.size() == n + 1 && row.feature() == Feature.X87) {
      vals.remove(stack(0));
    }
    return vals.size() == n ? vals : null;
  }

  /** Whether the kinds of operands fit, widths aside: most rows of a mnemonic are ruled out by this alone. */
  static boolean couldTake(Row row, List<Val> vals) {
    for (int i = 0; i < vals.size(); i++) {
      if (!couldTake(row.operands().get(i).place(), vals.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean couldTake(Place place, Val v) {
    return switch (v) {
      case null -> true;
      case Val.Num n -> place == Place.I || place == Place.J || place == Place.ONE;
      case Val.Ptr p -> place == Place.A;
      case Val.Mem m -> place.mayBeMemory() || place == Place.O || place == Place.X || place == Place.Y;
      case Val.Reg r -> takesRegister(place, r.reg().file());
    };
  }

  /** Whether a place may hold a register of a file, widths aside. */
  static boolean takesRegister(Place place, RegFile file) {
    return switch (place) {
      case E, R, G, Z, FIXED_GPR -> file.isGpr();
      case S, FIXED_SEG -> file == RegFile.SEG;
      case C -> file == RegFile.CR;
      case D -> file == RegFile.DR;
      case V, W, U, FIXED_XMM -> file == RegFile.XMM;
      case P, Q, N -> file == RegFile.MMX;
      case ST_I, FIXED_ST -> file == RegFile.ST;
      case M, I, J, A, O, X, Y, ONE -> false;
    };
  }

  /** {@code loop label, ecx}: the width of the register that names the address size; else 0. */
  static int loopCount(Row row, List<Val> vals) {
    boolean branch = vals.size() == 2 && row.operands().size() == 1 && row.operands().getFirst().place() == Place.J;
    return branch && vals.get(1) instanceof Val.Reg r && r.reg().index() == 1 && r.reg().bits() >= 16 ? r.reg().bits() : 0;
  }

  private static boolean strings(Row row) {
    boolean any = row.operands().stream().anyMatch(o -> o.place() == Place.X || o.place() == Place.Y);
    return any && row.operands().stream().allMatch(o -> o.place() == Place.X || o.place() == Place.Y || o.place() == Place.FIXED_GPR);
  }

  private static Val stack(int i) {
    return new Val.Reg(new Operand.Reg(RegFile.ST, i), false);
  }

  private static void insert(Row row, String mnemonic, List<Val> vals) {
    List<OperandSpec> specs = row.operands();
    if (specs.getLast().place() == Place.FIXED_XMM) {
      vals.add(new Val.Reg(new Operand.Reg(RegFile.XMM, 0), false));
    } else if (specs.getFirst().place() == Place.FIXED_ST) {
      boolean to = !vals.isEmpty() && vals.getFirst() instanceof Val.Reg r && r.to();
      if (!to) {
        vals.addFirst(stack(0));
      }
    } else if (specs.getLast().place() == Place.FIXED_ST) {
      vals.add(stack(0));
    } else if (mnemonic.equals("imul") && specs.size() == 3) {
      vals.addFirst(vals.getFirst());
    } else if (vals.isEmpty() && specs.getFirst().place() == Place.ST_I) {
      vals.add(stack(1));
    } else if (vals.isEmpty() && TEN.contains(mnemonic)) {
      vals.add(Val.Num.of(10));
    }
  }
}
