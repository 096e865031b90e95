package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * What is written of an instruction before a syntax is chosen: Intel mnemonic and operands in Intel order. String instructions show
 * their implicit operands, comparisons swallow their predicate into the mnemonic, XCHG with the accumulator names it second.
 */
record Shown(String mnemonic, List<Part> parts) {
  /** One operand and its specification. */
  record Part(Operand operand, OperandSpec spec) {}

  private static final List<String> IMPLICIT_XMM0 = List.of("blendvps", "blendvpd", "pblendvb");
  private static final List<String> NO_OPERANDS = List.of("monitor", "mwait", "invlpga", "vmrun", "vmload", "vmsave", "skinit");

  static Shown of(Insn in) {
    String base = Names.base(in);
    if (Names.isString(in)) {
      return new Shown(base, stringParts(in));
    }
    if (in.row.enc().opcode() == 0x90 && in.row.enc().map() == Row.OpMap.ONE && in.has(Insn.OPSIZE) && in.operands.isEmpty()) {
      Part accumulator = new Part(new Operand.Reg(RegFile.gpr(in.opBits), 0), OperandSpec.parse("rAX"));
      return new Shown("xchg", List.of(accumulator, accumulator)); // what 66 90 once was
    }
    List<Part> parts = listed(in);
    if ((base.equals("lar") || base.equals("lsl")) && in.op(1) instanceof Operand.Reg r) {
      parts.set(1, new Part(new Operand.Reg(RegFile.gpr(in.opBits), r.index()), OperandSpec.parse("Ev"))); // named at operand size
    }
    if (NO_OPERANDS.contains(base)) {
      parts.clear();
    }
    if (IMPLICIT_XMM0.contains(base) && parts.size() == 2) {
      parts.add(new Part(new Operand.Reg(RegFile.XMM, 0), OperandSpec.parse("XMM0")));
    }
    if (base.equals("xchg") && in.row.enc().plusReg() && Registers.isAccumulator(in.op(0))) {
      parts = parts.reversed();
    }
    String predicate = Names.withPredicate(in, base);
    if (predicate != null) {
      parts.removeLast();
      base = predicate;
    }
    return new Shown(base, parts);
  }

  private static List<Part> listed(Insn in) {
    var parts = new ArrayList<Part>();
    List<OperandSpec> specs = in.row.operands();
    for (int i = 0; i < specs.size(); i++) {
      parts.add(new Part(in.op(i), specs.get(i)));
    }
    return parts;
  }

  private static List<Part> stringParts(Insn in) {
    int opcode = in.row.enc().opcode();
    int bits = Names.stringBits(in);
    Part source = new Part(implied(in.dataSegment(), 6, in.addrBits, bits), OperandSpec.parse("Xv"));
    Part destination = new Part(implied(0, 7, in.addrBits, bits), OperandSpec.parse("Yv"));
    Part accumulator = new Part(new Operand.Reg(RegFile.gpr(bits), 0), OperandSpec.parse("rAX"));
    Part dx = new Part(new Operand.Reg(RegFile.GPR16, 2), OperandSpec.parse("DX"));
    return switch (opcode & 0xfe) {
      case 0x6c -> List.of(destination, dx);
      case 0x6e -> List.of(dx, source);
      case 0xa4 -> List.of(destination, source);
      case 0xa6 -> List.of(source, destination);
      case 0xaa -> List.of(destination, accumulator);
      case 0xac -> List.of(accumulator, source);
      case 0xae -> List.of(accumulator, destination);
      default -> List.of(new Part(implied(in.dataSegment(), 3, in.addrBits, 8), OperandSpec.parse("Xb")));
    };
  }

  private static Operand.Mem implied(int segment, int base, int addrBits, int bits) {
    return new Operand.Mem(segment, base, Operand.Mem.NONE, 0, 0, addrBits, bits, 0);
  }
}
