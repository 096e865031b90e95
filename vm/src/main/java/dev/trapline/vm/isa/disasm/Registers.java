package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;

/** Register names. */
final class Registers {
  private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] LOW8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH8 = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "?", "?"};

  private Registers() {}

  static String name(Operand.Reg r) {
    int i = r.index();
    return switch (r.file()) {
      case GPR8 -> i < 8 ? LOW8[i] : "r" + i + "b";
      case GPR8H -> HIGH8[i];
      case GPR16, GPR32, GPR64 -> general(i, r.file().bits);
      case SEG -> SEGMENTS[i];
      case CR -> "cr" + i;
      case DR -> "dr" + i;
      case ST -> "st(" + i + ")";
      case MMX -> "mm" + i;
      case XMM -> "xmm" + i;
    };
  }

  /** A general register of 16, 32 or 64 bits, or the instruction pointer for {@link Operand.Mem#RIP}. */
  static String general(int index, int bits) {
    if (index == Operand.Mem.RIP) {
      return bits == 64 ? "rip" : "eip";
    }
    if (index >= 8) {
      return "r" + index + (bits == 64 ? "" : bits == 32 ? "d" : "w");
    }
    return (bits == 64 ? "r" : bits == 32 ? "e" : "") + LEGACY[index];
  }

  static String segment(int index) {
    return SEGMENTS[index];
  }

  static boolean isAccumulator(Operand o) {
    return o instanceof Operand.Reg(RegFile file, int index) && file.isGpr() && file != RegFile.GPR8H && index == 0;
  }
}
