package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.Set;

/** The words in front of the mnemonic: LOCK, repeats, and prefixes without effect in the order they stand in the bytes. */
final class Prefixes {
  private static final Set<String> BRANCHES = Set.of("call", "jmp", "ret", "retn");
  private static final Set<String> RELEASE = Set.of("mov");

  private Prefixes() {}

  /** LOCK and repeats, from the instruction alone. */
  static String effective(Insn in) {
    String repeat = in.has(Insn.REP) ? word(in, 0xf3) : in.has(Insn.REPNE) ? word(in, 0xf2) : "";
    return repeat + (in.has(Insn.LOCK) ? word(in, 0xf0) : "");
  }

  /** All prefixes that are not part of the instruction's own encoding, from its bytes. */
  static String written(Insn in, byte[] bytes) {
    var words = new StringBuilder();
    int last = 0;
    while (isLegacy(bytes[last] & 0xff)) {
      last++;
    }
    boolean rex = in.has(Insn.REX);
    for (int i = 0; i < last; i++) {
      int b = bytes[i] & 0xff;
      words.append(repeatedLater(bytes, i, last) ? name(in, b) : word(in, b));
    }
    return rex ? words.append(rexWord(in, bytes[last] & 0xff, bytes)).toString() : words.toString();
  }

  private static boolean repeatedLater(byte[] bytes, int i, int last) {
    for (int j = i + 1; j < last; j++) {
      if (bytes[j] == bytes[i]) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLegacy(int b) {
    return switch (b) {
      case 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 -> true;
      default -> false;
    };
  }

  /** The word of a prefix that has no effect. */
  private static String name(Insn in, int prefix) {
    return switch (prefix) {
      case 0x66 -> Addresses.code16(in) ? "data32 " : "data16 ";
      case 0x67 -> in.mode64 || Addresses.code16(in) ? "addr32 " : "addr16 ";
      case 0xf0 -> "lock ";
      case 0xf2 -> "repnz ";
      case 0xf3 -> "repz ";
      case 0x64 -> "fs ";
      case 0x65 -> "gs ";
      default -> Registers.segment(prefix >> 3 & 3) + " ";
    };
  }

  /** The word of a prefix, empty if the instruction's text already shows its effect. */
  private static String word(Insn in, int prefix) {
    boolean shown = switch (prefix) {
      case 0x66 -> usesOperandSize(in);
      case 0x67 -> usesAddressSize(in);
      case 0xf0 -> in.operands.stream()
          .anyMatch(o -> o instanceof Operand.Reg(RegFile file, int index) && file == RegFile.CR && index >= 8);
      case 0xf2 -> in.row.enc().prefix() == Row.Prefix.F2;
      case 0xf3 -> in.row.enc().prefix() == Row.Prefix.F3;
      default -> segmentShown(in, prefix);
    };
    return shown ? "" : meaning(in, prefix);
  }

  private static String meaning(Insn in, int prefix) {
    if (prefix == 0xf3 && in.row.is(Attr.REP)) {
      return "rep ";
    }
    boolean branch = BRANCHES.contains(in.row.mnemonic()) || in.row.condition() >= 0 && in.row.mnemonic().startsWith("j");
    if (prefix == 0xf2 && branch && in.operands.stream().noneMatch(Operand.Far.class::isInstance) && in.row.enc().opcode() != 0xeb) {
      return "bnd ";
    }
    if (prefix == 0xf2 && elides(in, false)) {
      return "xacquire ";
    }
    if (prefix == 0xf3 && elides(in, RELEASE.contains(in.row.mnemonic()))) {
      return "xrelease ";
    }
    if (prefix == 0x3e && isIndirect(in)) {
      return "notrack ";
    }
    return name(in, prefix);
  }

  private static boolean elides(Insn in, boolean store) {
    boolean memory = in.mem() != null && !in.operands.isEmpty() && in.op(0) instanceof Operand.Mem;
    int opcode = in.row.enc().opcode();
    return memory && (in.has(Insn.LOCK) && in.row.is(Attr.LOCK) || in.row.mnemonic().equals("xchg")
        || store && in.row.enc().map() == Row.OpMap.ONE && (opcode == 0x88 || opcode == 0x89 || opcode == 0xc6 || opcode == 0xc7));
  }

  private static boolean isIndirect(Insn in) {
    return in.row.enc().opcode() == 0xff && (in.row.enc().digit() == 2 || in.row.enc().digit() == 4);
  }

  private static boolean segmentShown(Insn in, int prefix) {
    int segment = prefix >= 0x64 ? prefix & 7 : prefix >> 3 & 3;
    boolean addressed = Names.isString(in) ? !writesOnly(in) : in.mem() != null;
    return addressed && in.segment == segment;
  }

  /** STOS, SCAS, INS: only ES:rDI, which no prefix changes. */
  private static boolean writesOnly(Insn in) {
    int op = in.row.enc().opcode() & 0xfe;
    return op == 0xaa || op == 0xae || op == 0x6c;
  }

  private static boolean usesAddressSize(Insn in) {
    if (in.row.enc().addrBits() != 0 && !in.row.mnemonic().startsWith("loop") || Names.isString(in)) {
      return true;
    }
    return in.mem() != null && in.row.operands().stream().noneMatch(o -> o.place() == OperandSpec.Place.O)
        && (in.mem().base() != Operand.Mem.NONE || in.mem().index() != Operand.Mem.NONE || in.mode64);
  }

  private static boolean usesOperandSize(Insn in) {
    Row.Encoding e = in.row.enc();
    if (e.prefix() == Row.Prefix.P66) {
      return true;
    }
    if (in.opBits == 64 && in.has(Insn.REX_W)) {
      return false;
    }
    if (e.opBits() != 0 || e.opcode() == 0x90 && e.map() == Row.OpMap.ONE || Names.isString(in) && Names.stringBits(in) > 8) {
      return true;
    }
    if (in.row.mnemonic().startsWith("j") && in.row.condition() >= 0) {
      return e.map() == Row.OpMap.ESC_0F && !in.mode64;
    }
    String plain = Names.base(in);
    return !plain.equals(in.row.mnemonic()) && (plain.endsWith("w") || plain.endsWith("d")) || in.row.operands().stream().anyMatch(Prefixes::followsSize);
  }

  private static boolean followsSize(OperandSpec spec) {
    return switch (spec.size()) {
      case "v", "z", "bs", "p", "a", "e14", "e94" -> !(spec.place() == OperandSpec.Place.J && spec.size().startsWith("b"));
      default -> false;
    };
  }

  private static String rexWord(Insn in, int rex, byte[] bytes) {
    int used = rexUsed(in);
    if ((rex & 15 & ~used) == 0 && (rex != 0x40 || usesLowByte(in))) {
      return "";
    }
    String letters = ((rex & 8) != 0 ? "W" : "") + ((rex & 4) != 0 ? "R" : "") + ((rex & 2) != 0 ? "X" : "") + ((rex & 1) != 0 ? "B" : "");
    return letters.isEmpty() ? "rex " : "rex." + letters + " ";
  }

  /** Which of W, R, X, B the instruction looks at. */
  private static int rexUsed(Insn in) {
    Row.Encoding e = in.row.enc();
    int used = wUsed(in) ? 8 : 0;
    if (e.plusReg()) {
      used |= 1;
    }
    for (OperandSpec o : in.row.operands()) {
      used |= switch (o.place()) {
        case G, V, C, D -> 4;
        case E, M, R, W, U -> 1;
        default -> 0;
      };
    }
    Operand.Mem m = in.mem();
    return m != null && e.modrm() ? used | 1 | (m.index() < 16 || m.base() == 4 || m.base() == 12 ? 2 : 0) : used;
  }

  private static boolean wUsed(Insn in) {
    Row.Encoding e = in.row.enc();
    if (in.row.is(Attr.D64)) {
      return false;
    }
    String plain = Names.base(in);
    return e.rexW() >= 0 || e.opBits() != 0 || plain.endsWith("64") || plain.startsWith("sys")
        || plain.equals("retfq") || plain.equals("iretq")
        || Names.isString(in) && Names.stringBits(in) == 64
        || in.row.operands().stream().anyMatch(o -> o.size().equals("v") || o.size().equals("y") || o.size().equals("bs"));
  }

  private static boolean usesLowByte(Insn in) {
    return in.operands.stream().anyMatch(o -> o instanceof Operand.Reg(RegFile file, int index) && file == RegFile.GPR8 && index >= 4);
  }
}
