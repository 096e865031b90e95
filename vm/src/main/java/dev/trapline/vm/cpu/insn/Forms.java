package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.DISCARDS;
import static dev.trapline.vm.isa.Attr.LOCK;
import static dev.trapline.vm.isa.Attr.NO64;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Cond;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Families of rows that repeat a pattern of the opcode map. */
final class Forms {
  private static final Attr[] NONE = {};

  private Forms() {}

  /**
   * The forms of one of the eight two-operand arithmetic operations: six at {@code 8 * number}, three of group 1 and its
   * undocumented alias at 82.
   *
   * @param number 0 to 7: ADD OR ADC SBB AND SUB XOR CMP
   * @param rest flags and semantics
   */
  static Stream<Row> arithmetic(int number, String name, UnaryOperator<Def> rest) {
    boolean discards = number == 7;
    Attr[] locked = discards ? new Attr[] {DISCARDS} : new Attr[] {LOCK};
    Attr[] plain = discards ? new Attr[] {DISCARDS} : NONE;
    var rows = new ArrayList<Def>(List.of(
        row(hex(8 * number) + " /r", name, "Eb,Gb").with(locked),
        row(hex(8 * number + 1) + " /r", name, "Ev,Gv").with(locked),
        row(hex(8 * number + 2) + " /r", name, "Gb,Eb").with(plain),
        row(hex(8 * number + 3) + " /r", name, "Gv,Ev").with(plain),
        row(hex(8 * number + 4), name, "AL,Ib").with(plain),
        row(hex(8 * number + 5), name, "rAX,Iz").with(plain),
        row("80 /" + number, name, "Eb,Ib").with(locked),
        row("81 /" + number, name, "Ev,Iz").with(locked),
        row("82 /" + number, name, "Eb,Ib").with(locked).with(NO64, ALIAS),
        row("83 /" + number, name, "Ev,Ibs").with(locked)));
    return rows.stream().map(d -> rest.apply(d).spec(manual(name)));
  }

  /** The flags a condition looks at. */
  static int flagsRead(Cond cond) {
    return switch (cond.ordinal() >> 1) {
      case 0 -> Flags.OF;
      case 1 -> Flags.CF;
      case 2 -> Flags.ZF;
      case 3 -> Flags.CF | Flags.ZF;
      case 4 -> Flags.SF;
      case 5 -> Flags.PF;
      case 6 -> Flags.SF | Flags.OF;
      default -> Flags.SF | Flags.OF | Flags.ZF;
    };
  }

  /** Rows of several streams as one list. */
  @SafeVarargs
  static List<Row> list(Stream<Row>... parts) {
    return Arrays.stream(parts).flatMap(s -> s).toList();
  }

  /** The manual section of an instruction with a page of its own name. */
  static String manual(String mnemonic) {
    String name = mnemonic.toUpperCase(java.util.Locale.ROOT);
    char first = name.charAt(0);
    return "SDM " + (first <= 'L' ? "2A " : first <= 'U' ? "2B " : "2C ") + name;
  }

  /** An opcode byte as encodings write it. */
  static String hex(int value) {
    return String.format("%02X", value);
  }
}
