package dev.trapline.vm.cpu.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.Row;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The table as a whole: no encoding has two meanings, and every row is complete and fits what engines marshal. */
class TableAuditTest {
  /** The special cases that stand before a general row of the same encoding. */
  private static final Set<String> SPECIAL_CASES = Set.of("pause before nop", "pause before xchg", "nop before xchg",
      "endbr64 before nop", "endbr32 before nop");

  @Test
  void noEncodingBelongsToTwoRows() {
    var overlaps = new TreeSet<String>();
    for (Row.OpMap map : Row.OpMap.values()) {
      for (int opcode = 0; opcode < 256; opcode++) {
        List<Row> rows = rowsAt(map, opcode);
        if (rows.size() > 1) {
          overlaps.addAll(overlaps(rows));
        }
      }
    }
    assertEquals(Set.of(), overlaps);
  }

  private static List<Row> rowsAt(Row.OpMap map, int opcode) {
    return X86.set().rows().stream().filter(r -> r.enc().map() == map
        && (r.enc().plusReg() ? r.enc().opcode() == (opcode & 0xf8) : r.enc().opcode() == opcode)).toList();
  }

  private static Set<String> overlaps(List<Row> rows) {
    var found = new TreeSet<String>();
    for (int bits : new int[] {16, 32, 64}) {
      for (int variant = 0; variant < 3 * 2 * 2 * 4; variant++) {
        var prefixes = new Prefixes(bits, variant % 3, (variant / 3 & 1) != 0, (variant / 6 & 1) != 0, bits == 64 ? variant / 12 : 0);
        List<Row> possible = rows.stream().filter(r -> prefixes.allow(r)).toList();
        if (possible.size() > 1) {
          overlapsInModRm(possible, found);
        }
      }
    }
    return found;
  }

  private static void overlapsInModRm(List<Row> rows, Set<String> found) {
    for (int modrm = 0; modrm < 256; modrm++) {
      Row first = null;
      for (Row row : rows) {
        if (!modRmAllows(row, modrm)) {
          continue;
        }
        if (first != null && !SPECIAL_CASES.contains(first.mnemonic() + " before " + row.mnemonic())) {
          found.add(first + "  and  " + row);
        }
        first = first == null ? row : first;
      }
    }
  }

  private static boolean modRmAllows(Row row, int modrm) {
    Row.Encoding e = row.enc();
    if (!e.modrm()) {
      return true;
    }
    if (e.fixedModrm() >= 0) {
      return e.fixedModrm() == modrm;
    }
    if (e.digit() >= 0 && e.digit() != (modrm >> 3 & 7)) {
      return false;
    }
    boolean register = modrm >= 0xc0;
    return row.operands().stream().noneMatch(o -> register ? o.place() == OperandSpec.Place.M : o.place().registerOnly());
  }

  /** A choice of code size and prefixes; {@code rex} has W in bit 1 and B in bit 0. */
  private record Prefixes(int bits, int repeat, boolean p66, boolean p67, int rex) {
    boolean allow(Row row) {
      Row.Encoding e = row.enc();
      boolean mode64 = bits == 64;
      boolean prefix = switch (e.prefix()) {
        case ANY -> true;
        case NP -> !p66 && repeat == 0;
        case P66 -> p66 && repeat == 0;
        case F2 -> repeat == 1;
        case F3 -> repeat == 2;
      };
      return prefix && !row.is(mode64 ? Attr.NO64 : Attr.ONLY64)
          && (e.opBits() == 0 || e.opBits() == operandSize(row)) && (e.addrBits() == 0 || e.addrBits() == addressSize())
          && (e.rexW() < 0 || e.rexW() == rex >> 1) && !(e.noRexB() && (rex & 1) != 0);
    }

    private int operandSize(Row row) {
      boolean wide = rex >> 1 != 0;
      if (bits == 64 && row.is(Attr.D64)) {
        return p66 && !wide ? 16 : 64;
      }
      int plain = bits == 64 ? wide ? 64 : p66 ? 16 : 32 : bits == 32 ^ p66 ? 32 : 16;
      return row.enc().prefix() == Row.Prefix.P66 && plain == 16 && row.enc().opBits() != 16 ? 32 : plain;
    }

    private int addressSize() {
      return bits == 64 ? p67 ? 32 : 64 : bits == 32 ^ p67 ? 32 : 16;
    }
  }

  @Test
  void everyRowNamesItsManualSectionAndItsSemantics() {
    for (Row row : X86.set().rows()) {
      assertTrue(row.spec().matches("(SDM|APM)[ 1-5].*"), () -> row + ": manual section expected, found '" + row.spec() + "'");
      assertNotNull(row.sem(), () -> row + " has no semantics");
    }
  }

  @Test
  void functionsTakeWhatTheirRowsOffer() {
    var misfits = new ArrayList<String>();
    for (Row row : X86.set().rows()) {
      Method function = function(row);
      if (Arrays.asList(function.getParameterTypes()).contains(Insn.class)) {
        continue;
      }
      int longs = (int) Arrays.stream(function.getParameterTypes()).filter(p -> p == long.class).count() - (row.is(Attr.CARRY) ? 1 : 0);
      int operands = row.operands().size();
      boolean returns = function.getReturnType() == long.class;
      if (longs != operands && !(returns && longs == operands - 1)) {
        misfits.add(row + ": " + operands + " operands, function takes " + longs);
      }
      if (returns && operands == 0) {
        misfits.add(row + ": a result and no operand to store it in");
      }
      if (row.operands().stream().anyMatch(o -> !marshallable(o))) {
        misfits.add(row + ": an operand that engines do not marshal needs a function that takes the instruction");
      }
    }
    assertEquals(List.of(), misfits);
  }

  private static boolean marshallable(OperandSpec o) {
    return switch (o.place()) {
      case E, R, M, G, Z, I, J, O, S, X, Y, FIXED_GPR, FIXED_SEG, ONE -> Set.of("b", "w", "d", "q", "v", "z", "y", "m", "bs", "n", "addr")
          .contains(o.size());
      default -> false;
    };
  }

  private static Method function(Row row) {
    if (row.sem() instanceof Shape.Wide) {
      return Shape.Wide.class.getMethods()[0];
    }
    for (Class<?> i : row.sem().getClass().getInterfaces()) {
      for (Method m : i.getMethods()) {
        if (Modifier.isAbstract(m.getModifiers())) {
          return m;
        }
      }
    }
    throw new AssertionError(row + ": semantics implement no shape");
  }

  @Test
  void flagSetsAreConsistent() {
    for (Row row : X86.set().rows()) {
      assertEquals(0, row.flagsUndefined() & ~row.flagsWritten(), () -> row + ": undefined flags that are not written");
      assertTrue(!row.is(Attr.CARRY) || (row.flagsRead() & Flags.CF) != 0, () -> row + " takes CF and does not say so");
      assertTrue(row.condition() < 0 || (row.flagsRead() & ~Flags.OSZAPC) == 0 && row.flagsRead() != 0,
          () -> row + ": a condition reads arithmetic flags");
      assertEquals(0, row.flagsWritten() & ~(Flags.OSZAPC | Cpu.IF | Cpu.DF | Cpu.TF | Cpu.NT | Cpu.IOPL | Cpu.AC | Cpu.ID | Cpu.RF
          | Cpu.VM | Cpu.VIF | Cpu.VIP), () -> row + ": not flags");
    }
  }

  @Test
  void identifiersAreDense() {
    List<Row> rows = X86.set().rows();
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(i, rows.get(i).id());
    }
  }
}
