package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** Intel syntax. */
record Intel(Insn in, long address, LongFunction<String> symbols) {
  String text(Shown shown) {
    if (shown.parts().isEmpty()) {
      return shown.mnemonic();
    }
    return shown.mnemonic() + " " + shown.parts().stream().map(p -> operand(shown, p)).collect(Collectors.joining(","));
  }

  private String operand(Shown shown, Shown.Part part) {
    return switch (part.operand()) {
      case Operand.Reg r -> part.spec().place() == OperandSpec.Place.FIXED_ST ? "st" : Registers.name(r);
      case Operand.Mem m -> memory(m, shown.mnemonic(), part.spec());
      case Operand.Imm i -> i.encodedBytes() == 0 ? Long.toString(i.value()) : Addresses.hex(i.value(), i.bits());
      case Operand.Rel r -> Addresses.named(Addresses.target(in, address, r), symbols);
      case Operand.Far f -> Addresses.hex(f.selector()) + ":" + Addresses.hex(f.offset());
    };
  }

  private String memory(Operand.Mem m, String mnemonic, OperandSpec spec) {
    boolean plain = Names.widthless(spec.size(), mnemonic) || spec.place() == OperandSpec.Place.O;
    boolean bare = m.base() == Operand.Mem.NONE && m.index() == Operand.Mem.NONE;
    String segment = in.segment >= 0 || Names.isString(in) || bare ? Registers.segment(m.seg()) + ":" : "";
    return (plain ? "" : width(m.bits(), spec.size(), mnemonic)) + segment + (bare ? Addresses.absolute(m) : "[" + inner(m) + "]");
  }

  private static String width(int bits, String size, String mnemonic) {
    if (size.equals("n")) {
      return "BYTE PTR ";
    }
    return switch (bits) {
      case 8 -> "BYTE PTR ";
      case 16 -> "WORD PTR ";
      case 32 -> "DWORD PTR ";
      case 48 -> "FWORD PTR ";
      case 64 -> "QWORD PTR ";
      case 80 -> "TBYTE PTR ";
      case 128 -> mnemonic.equals("cmpxchg16b") ? "OWORD PTR " : "XMMWORD PTR ";
      default -> "";
    };
  }

  private static String inner(Operand.Mem m) {
    var text = new StringBuilder();
    if (m.base() != Operand.Mem.NONE) {
      text.append(Registers.general(m.base(), m.addrBits()));
    }
    if (m.index() != Operand.Mem.NONE) {
      text.append(text.isEmpty() ? "" : "+").append(Registers.general(m.index(), m.addrBits()));
      text.append(m.addrBits() == 16 ? "" : "*" + (1 << m.shift()));
    }
    if (m.dispBytes() > 0) {
      text.append(m.disp() < 0 ? "-" : "+").append(Addresses.hex(Math.abs(m.disp())));
    }
    return text.toString();
  }
}
