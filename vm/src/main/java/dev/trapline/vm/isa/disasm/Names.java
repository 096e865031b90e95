package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Cond;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where objdump's Intel mnemonics differ from the rows': the whole list. */
final class Names {
  private static final Map<String, String> RENAMED = Map.ofEntries(Map.entry("icebp", "int1"), Map.entry("wait", "fwait"),
      Map.entry("sal", "shl"), Map.entry("retn", "ret"), Map.entry("xlatb", "xlat"), Map.entry("pushad", "pusha"),
      Map.entry("popad", "popa"), Map.entry("pushaw", "pusha"), Map.entry("popaw", "popa"), Map.entry("pushfd", "pushf"),
      Map.entry("popfd", "popf"), Map.entry("pushfq", "pushf"), Map.entry("popfq", "popf"), Map.entry("pushfw", "pushf"), Map.entry("popfw", "popf"),
      Map.entry("iretd", "iret"), Map.entry("iretw", "iret"), Map.entry("iretq", "iret"), Map.entry("retfq", "retf"),
      Map.entry("retfd", "retf"), Map.entry("retfw", "retf"), Map.entry("int03", "int3"), Map.entry("fstenv", "fnstenv"),
      Map.entry("fstcw", "fnstcw"), Map.entry("fstsw", "fnstsw"), Map.entry("fsave", "fnsave"), Map.entry("fclex", "fnclex"),
      Map.entry("finit", "fninit"), Map.entry("loopz", "loope"), Map.entry("loopnz", "loopne"));
  /** Stack and control instructions without a general operand: the size is told by a letter, if it is not the default. */
  private static final Set<String> SIZED = Set.of("pusha", "popa", "pushf", "popf", "iret", "ret", "retf", "leave", "enter", "fnstenv",
      "fldenv", "fnsave", "frstor");
  private static final Set<String> NO_LETTER_IN_64 = Set.of("fnstenv", "fldenv", "fnsave", "frstor");
  private static final Set<String> DESCRIPTOR_TABLES = Set.of("lgdt", "lidt", "sgdt", "sidt");
  private static final Set<String> STATES = Set.of("fxsave", "fxrstor", "xsave", "xrstor", "xsaveopt", "xsavec", "xsaves", "xrstors");
  private static final String[] PREDICATES = {"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"};
  private static final List<String> COMPARES = List.of("cmpps", "cmppd", "cmpss", "cmpsd");

  private Names() {}

  /** MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS and XLAT: operands implied by the opcode. */
  static boolean isString(Insn in) {
    Row.Encoding e = in.row.enc();
    int op = e.opcode();
    return e.map() == Row.OpMap.ONE && (op >= 0x6c && op <= 0x6f || op >= 0xa4 && op <= 0xa7 || op >= 0xaa && op <= 0xaf || op == 0xd7);
  }

  /** Width of a string element. */
  static int stringBits(Insn in) {
    int op = in.row.enc().opcode();
    if ((op & 1) == 0 || op == 0xd7) {
      return 8;
    }
    return op < 0x70 ? Math.min(in.opBits, 32) : in.opBits;
  }

  /** The mnemonic in Intel syntax before predicates. */
  static String base(Insn in) {
    String name = in.row.mnemonic();
    if (isString(in)) {
      return string(in.row.enc().opcode());
    }
    name = RENAMED.getOrDefault(name, name);
    if (in.row.condition() >= 0) {
      name = conditional(name, in.row.condition());
    }
    if (in.has(Insn.REX_W) && STATES.contains(name)) {
      return name + "64";
    }
    if (name.equals("sysret") || name.equals("sysexit")) {
      return name + (in.has(Insn.REX_W) ? "q" : "d");
    }
    if (DESCRIPTOR_TABLES.contains(name)) {
      return in.mode64 ? name : name + (in.opBits == 16 ? "w" : "d");
    }
    if (name.equals("mov") && isLongMove(in)) {
      return "movabs";
    }
    return sized(in, name);
  }

  private static String string(int opcode) {
    return switch (opcode & 0xfe) {
      case 0x6c -> "ins";
      case 0x6e -> "outs";
      case 0xa4 -> "movs";
      case 0xa6 -> "cmps";
      case 0xaa -> "stos";
      case 0xac -> "lods";
      case 0xae -> "scas";
      default -> "xlat";
    };
  }

  private static String conditional(String name, int condition) {
    String suffix = Cond.values()[condition].names().getFirst();
    for (String stem : List.of("cmov", "set", "j")) {
      if (name.startsWith(stem)) {
        return stem + suffix;
      }
    }
    return name;
  }

  /** MOV with a 64-bit immediate or absolute address. */
  private static boolean isLongMove(Insn in) {
    return in.operands.stream().anyMatch(o -> o instanceof Operand.Imm i && i.encodedBytes() == 8
        || o instanceof Operand.Mem m && m.dispBytes() == 8);
  }

  private static String sized(Insn in, String name) {
    boolean letter = SIZED.contains(name) && !(in.mode64 && NO_LETTER_IN_64.contains(name)) || pushesNoRegister(in, name)
        || isDirectBranch(in, name);
    if (!letter) {
      return name;
    }
    if (in.opBits == 64) {
      return in.has(Insn.REX_W) && (name.equals("iret") || name.equals("retf")) ? name + "q" : name;
    }
    int usual = in.mode64 && in.row.is(Attr.D64) ? 64 : Addresses.defaultBits(in);
    return in.opBits == usual ? name : name + (in.opBits == 16 ? "w" : "d");
  }

  private static boolean pushesNoRegister(Insn in, String name) {
    return (name.equals("push") || name.equals("pop"))
        && (in.op(0) instanceof Operand.Imm || in.op(0) instanceof Operand.Reg r && !r.file().isGpr());
  }

  private static boolean isDirectBranch(Insn in, String name) {
    return (name.equals("call") || name.equals("jmp")) && in.op(0) instanceof Operand.Rel r && in.row.enc().opcode() != 0xeb;
  }

  /** The mnemonic with the immediate's meaning in it, or null if the immediate is to be written. */
  static String withPredicate(Insn in, String base) {
    if (in.operands.isEmpty() || !(in.operands.getLast() instanceof Operand.Imm imm)) {
      return null;
    }
    if (COMPARES.contains(base) && imm.value() < 8) {
      return "cmp" + PREDICATES[(int) imm.value()] + base.substring(3);
    }
    if (base.equals("pclmulqdq") && (imm.value() & ~0x11) == 0) {
      return "pclmul" + ((imm.value() & 1) == 0 ? "l" : "h") + "q" + ((imm.value() & 0x10) == 0 ? "l" : "h") + "qdq";
    }
    return null;
  }

  /** Whether an operand's data has no width worth writing: descriptor tables, state images, LEA's address. */
  static boolean widthless(String size, String base) {
    return switch (size) {
      case "s", "e14", "e94", "fx", "xs" -> true;
      case "n" -> base.equals("lea") || base.equals("invpcid");
      default -> base.equals("invpcid");
    };
  }
}
