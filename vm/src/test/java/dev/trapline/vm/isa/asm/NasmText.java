package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import java.util.ArrayList;

/** Writes a decoded instruction as NASM source. */
final class NasmText {
  private static final String[] WORD = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] LOW = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private NasmText() {}

  static String of(Insn in, long address) {
    var prefix = new StringBuilder();
    prefix.append(in.has(Insn.LOCK) ? "lock " : "").append(in.has(Insn.REP) && repeats(in) ? "rep " : "");
    if (in.row.operands().stream().anyMatch(o -> o.place() == Place.X || o.place() == Place.Y)) {
      return prefix + string(in);
    }
    var ops = new ArrayList<String>();
    for (int i = 0; i < in.operands.size(); i++) {
      ops.add(operand(in, i, address));
    }
    boolean bare = in.mem() != null && in.mem().base() >= Operand.Mem.NONE && in.mem().index() == Operand.Mem.NONE;
    if (in.mode64 && in.addrBits == 32 && bare) {
      prefix.append("a32 ");
    }
    return (prefix + in.row.mnemonic() + " " + String.join(", ", ops)).trim();
  }

  private static boolean repeats(Insn in) {
    return in.row.is(dev.trapline.vm.isa.Attr.REP) || in.row.is(dev.trapline.vm.isa.Attr.REPZ);
  }

  private static String string(Insn in) {
    Operand.Mem m = in.mem();
    String override = in.segment >= 0 && in.row.operands().stream().anyMatch(o -> o.place() == Place.X) ? SEGMENTS[in.segment] + " " : "";
    return "a" + m.addrBits() + " " + override + in.row.mnemonic() + (m.bits() == 8
        ? "" : "bwdq".charAt(Integer.numberOfTrailingZeros(m.bits()) - 3));
  }

  private static String operand(Insn in, int i, long address) {
    OperandSpec spec = in.row.operands().get(i);
    return switch (in.operands.get(i)) {
      case Operand.Reg r -> register(r);
      case Operand.Imm imm -> immediate(in, spec, imm);
      case Operand.Rel rel -> (in.row.mnemonic().startsWith("loop")
          || in.row.mnemonic().endsWith("cxz") ? "" : spec.size().equals("b") ? "short " : in.row.mnemonic().equals("call") ? "" : "near ")
          + hex(target(in, rel, address));
      case Operand.Far f -> (f.bits() == 16 ? "word " : "dword ") + hex(f.selector()) + ":" + hex(f.offset());
      case Operand.Mem m -> memory(in, spec, m, address);
    };
  }

  private static long target(Insn in, Operand.Rel rel, long address) {
    long t = address + in.length + rel.value();
    return in.opBits == 16 ? t & 0xffff : in.mode64 ? t : t & 0xffffffffL;
  }

  private static String immediate(Insn in, OperandSpec spec, Operand.Imm imm) {
    if (spec.place() == Place.ONE) {
      return "1";
    }
    boolean push = in.row.mnemonic().equals("push");
    String size = spec.size().equals("bs") ? "byte " : push && spec.size().equals("z") ? in.opBits == 16
        ? "strict word " : "strict dword " : "";
    return size + (imm.value() < 0 && imm.value() != Long.MIN_VALUE ? "-" + hex(-imm.value()) : hex(imm.value()));
  }

  private static String memory(Insn in, OperandSpec spec, Operand.Mem m, long address) {
    String size = switch (spec.size()) {
      case "p" -> jump(in) ? "far " + (in.opBits == 16 ? "word " : in.opBits == 32 ? "dword " : "qword ") : "";
      case "s", "a", "n", "e14", "e94", "fx", "xs" -> "";
      default -> m.bits() == 0 ? "" : Names.sizeName(m.bits()) + " ";
    };
    var text = new StringBuilder();
    if (m.base() == Operand.Mem.NONE && m.index() == Operand.Mem.NONE) {
      String width = m.addrBits() == 16 ? "word " : m.addrBits() == 32 ? in.mode64 ? "" : "dword " : spec.place() == Place.O
          ? "qword " : "abs ";
      return size + "[" + width + segment(in) + hex(m.addrBits() == 64 ? m.disp() : m.disp() & (1L << m.addrBits()) - 1) + "]";
    }
    if (m.base() == Operand.Mem.RIP) {
      return size + "[rel " + segment(in) + "$$+" + hex(address + in.length + m.disp()) + "]";
    }
    if (m.base() != Operand.Mem.NONE) {
      text.append(register(new Operand.Reg(RegFile.gpr(m.addrBits()), m.base())));
    }
    if (m.index() != Operand.Mem.NONE) {
      text.append(text.isEmpty() ? "" : "+").append(register(new Operand.Reg(RegFile.gpr(m.addrBits()), m.index())));
      text.append(m.shift() > 0 ? "*" + (1 << m.shift()) : "");
    }
    if (m.disp() != 0) {
      text.append(m.disp() < 0 ? "-" : "+").append(hex(Math.abs(m.disp())));
    }
    return size + "[" + segment(in) + text + "]";
  }

  private static boolean jump(Insn in) {
    return in.row.mnemonic().equals("jmp") || in.row.mnemonic().equals("call");
  }

  private static String segment(Insn in) {
    return in.segment >= 0 ? SEGMENTS[in.segment] + ":" : "";
  }

  private static String hex(long v) {
    return "0x" + Long.toHexString(v);
  }

  static String register(Operand.Reg r) {
    int i = r.index();
    return switch (r.file()) {
      case GPR8 -> i < 8 ? LOW[i] : "r" + i + "b";
      case GPR8H -> new String[] {"ah", "ch", "dh", "bh"}[i];
      case GPR16 -> i < 8 ? WORD[i] : "r" + i + "w";
      case GPR32 -> i < 8 ? "e" + WORD[i] : "r" + i + "d";
      case GPR64 -> i < 8 ? "r" + WORD[i] : "r" + i;
      case SEG -> SEGMENTS[i];
      case CR -> "cr" + i;
      case DR -> "dr" + i;
      case ST -> "st" + i;
      case MMX -> "mm" + i;
      case XMM -> "xmm" + i;
    };
  }
}
