package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** AT&amp;T syntax: source first, registers with {@code %}, immediates with {@code $}, a size letter where no register tells the size. */
record Att(Insn in, long address, LongFunction<String> symbols) {
  private static final Map<String, String> RENAMED = Map.of("cbw", "cbtw", "cwde", "cwtl", "cdqe", "cltq", "cwd", "cwtd", "cdq", "cltd",
      "cqo", "cqto", "retf", "lret", "retfq", "lretq", "retfw", "lretw", "retfd", "lretl");
  private static final Set<String> LETTERED = Set.of("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp", "test", "not", "neg", "mul",
      "imul", "div", "idiv", "inc", "dec", "mov", "rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "bt", "bts", "btr", "btc", "nop",
      "cvtsi2ss", "cvtsi2sd", "crc32", "movs", "cmps", "stos", "lods", "scas", "ins", "outs");
  /** A register operand of these does not tell the size of the memory operand. */
  private static final Set<String> UNTOLD = Set.of("cvtsi2ss", "cvtsi2sd", "crc32", "rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "ins",
      "outs");
  private static final List<String> SWAPPED = List.of("fsub", "fsubr", "fsubp", "fsubrp", "fdiv", "fdivr", "fdivp", "fdivrp");

  String text(Shown shown) {
    String name = mnemonic(shown);
    if (shown.parts().isEmpty()) {
      return name;
    }
    List<Shown.Part> parts = new ArrayList<>(shown.parts());
    parts.removeIf(p -> p.spec().place() == OperandSpec.Place.ONE); // a shift by one names no count
    if (!Set.of("enter", "enterw", "enterd", "bound").contains(shown.mnemonic())) {
      parts = parts.reversed();
    }
    return name + " " + parts.stream().map(this::operand).collect(Collectors.joining(","));
  }

  private String mnemonic(Shown shown) {
    String name = shown.mnemonic();
    if (RENAMED.containsKey(name)) {
      return RENAMED.get(name);
    }
    if (SWAPPED.contains(name) && isStackDestination()) {
      return swapped(name);
    }
    if (name.startsWith("f") && in.mem() != null) {
      return name + x87Letter(name, in.mem().bits());
    }
    if (name.equals("movzx") || name.equals("movsx") || name.equals("movsxd")) {
      return extension(name);
    }
    if (isFar(name)) {
      return "l" + name + (in.opBits == 16 && !Addresses.code16(in) ? "w" : "");
    }
    if (name.endsWith("d") && Set.of("iretd", "retd", "leaved", "enterd", "pushd", "popd", "pushfd", "popfd", "pushad", "popad", "calld",
        "jmpd", "lgdtd", "lidtd", "sgdtd", "sidtd", "sysretd", "sysexitd").contains(name)) {
      return name.substring(0, name.length() - 1) + "l";
    }
    return name + letter(shown, name);
  }

  /** The assemblers' historical exchange of FSUB and FSUBR (FDIV, FDIVR) with ST(i) as destination. */
  private boolean isStackDestination() {
    int opcode = in.row.enc().opcode();
    return (opcode == 0xdc || opcode == 0xde) && in.mem() == null;
  }

  private static String swapped(String name) {
    boolean pops = name.endsWith("p");
    String stem = pops ? name.substring(0, name.length() - 1) : name;
    return (stem.endsWith("r") ? stem.substring(0, stem.length() - 1) : stem + "r") + (pops ? "p" : "");
  }

  private static String x87Letter(String name, int bits) {
    boolean integer = name.startsWith("fi") && !name.startsWith("fin");
    boolean real = Set.of("fld", "fst", "fstp", "fadd", "fsub", "fsubr", "fmul", "fdiv", "fdivr", "fcom", "fcomp").contains(name);
    if (!integer && !real) {
      return "";
    }
    return switch (bits) {
      case 16 -> "s";
      case 32 -> integer ? "l" : "s";
      case 64 -> integer ? "ll" : "l";
      default -> "t";
    };
  }

  private String extension(String name) {
    Operand source = in.op(1);
    if (name.equals("movsxd") && in.opBits != 64) {
      return name;
    }
    return name.substring(0, 4) + letter(source.bits()) + letter(in.opBits);
  }

  private boolean isFar(String name) {
    return (name.equals("call") || name.equals("jmp"))
        && (in.op(0) instanceof Operand.Far || in.row.operands().getFirst().size().equals("p"));
  }

  private String letter(Shown shown, String name) {
    Operand.Mem memory = null;
    boolean told = false;
    for (Shown.Part p : shown.parts()) {
      if (p.operand() instanceof Operand.Mem m) {
        memory = m;
      } else if (p.operand() instanceof Operand.Reg r && (r.file().isGpr() || r.file() == RegFile.SEG)) {
        told = true;
      }
    }
    if (memory == null) {
      return "";
    }
    if ((name.equals("push") || name.equals("pop") || isIndirect(name)) && in.opBits == 16 && !Addresses.code16(in)) {
      return "w";
    }
    return LETTERED.contains(name) && (!told || UNTOLD.contains(name)) ? letter(memory.bits()) : "";
  }

  private static String letter(int bits) {
    return switch (bits) {
      case 8 -> "b";
      case 16 -> "w";
      case 32 -> "l";
      default -> "q";
    };
  }

  private boolean isIndirect(String name) {
    return in.row.enc().map() == Row.OpMap.ONE && in.row.enc().opcode() == 0xff && (name.equals("call") || name.equals("jmp"));
  }

  private String operand(Shown.Part part) {
    String star = isIndirect(in.row.mnemonic()) ? "*" : "";
    boolean port = part.spec().text().equals("DX") && in.row.enc().map() == Row.OpMap.ONE;
    return switch (part.operand()) {
      case Operand.Reg r -> port ? "(%dx)" : star + register(r, part.spec());
      case Operand.Mem m -> star + memory(m);
      case Operand.Imm i -> "$" + Addresses.hex(i.value(), i.bits());
      case Operand.Rel r -> Addresses.named(Addresses.target(in, address, r), symbols);
      case Operand.Far f -> "$" + Addresses.hex(f.selector()) + ",$" + Addresses.hex(f.offset());
    };
  }

  private static String register(Operand.Reg r, OperandSpec spec) {
    if (spec.place() == OperandSpec.Place.FIXED_ST) {
      return "%st";
    }
    return "%" + (r.file() == RegFile.DR ? "db" + r.index() : Registers.name(r));
  }

  private String memory(Operand.Mem m) {
    boolean bare = m.base() == Operand.Mem.NONE && m.index() == Operand.Mem.NONE;
    String segment = in.segment >= 0 || Names.isString(in) ? "%" + Registers.segment(m.seg()) + ":" : "";
    if (bare) {
      return segment + Addresses.absolute(m);
    }
    String base = m.base() == Operand.Mem.NONE ? "" : "%" + Registers.general(m.base(), m.addrBits());
    String index = m.index() == Operand.Mem.NONE ? "" : ",%" + Registers.general(m.index(), m.addrBits())
        + (m.addrBits() == 16 ? "" : "," + (1 << m.shift()));
    return segment + displacement(m) + "(" + base + index + ")";
  }

  private static String displacement(Operand.Mem m) {
    return m.dispBytes() == 0 ? "" : (m.disp() < 0 ? "-" : "") + Addresses.hex(Math.abs(m.disp()));
  }
}
