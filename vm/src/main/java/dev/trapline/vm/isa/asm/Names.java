package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The reserved words of operands: registers, sizes, segment registers. */
final class Names {
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final Map<String, Operand.Reg> REGISTERS = registers();
  private static final Map<String, Integer> SIZES = Map.ofEntries(Map.entry("byte", 8), Map.entry("word", 16), Map.entry("dword", 32),
      Map.entry("fword", 48), Map.entry("qword", 64), Map.entry("tword", 80), Map.entry("tbyte", 80), Map.entry("oword", 128),
      Map.entry("xmmword", 128), Map.entry("dqword", 128));

  private Names() {}

  private static Map<String, Operand.Reg> registers() {
    var map = new HashMap<String, Operand.Reg>();
    String[] low = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    String[] high = {"ah", "ch", "dh", "bh"};
    String[] word = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    put(map, RegFile.GPR8, low);
    put(map, RegFile.GPR8H, high);
    put(map, RegFile.SEG, SEGMENTS);
    for (int i = 0; i < 8; i++) {
      map.put(word[i], new Operand.Reg(RegFile.GPR16, i));
      map.put("e" + word[i], new Operand.Reg(RegFile.GPR32, i));
      map.put("r" + word[i], new Operand.Reg(RegFile.GPR64, i));
      map.put("st" + i, new Operand.Reg(RegFile.ST, i));
      map.put("mm" + i, new Operand.Reg(RegFile.MMX, i));
    }
    for (int i = 8; i < 16; i++) {
      map.put("r" + i + "b", new Operand.Reg(RegFile.GPR8, i));
      map.put("r" + i + "l", new Operand.Reg(RegFile.GPR8, i));
      map.put("r" + i + "w", new Operand.Reg(RegFile.GPR16, i));
      map.put("r" + i + "d", new Operand.Reg(RegFile.GPR32, i));
      map.put("r" + i, new Operand.Reg(RegFile.GPR64, i));
    }
    for (int i = 0; i < 16; i++) {
      map.put("xmm" + i, new Operand.Reg(RegFile.XMM, i));
      map.put("cr" + i, new Operand.Reg(RegFile.CR, i));
      map.put("dr" + i, new Operand.Reg(RegFile.DR, i));
    }
    map.put("st", new Operand.Reg(RegFile.ST, 0));
    return Map.copyOf(map);
  }

  private static void put(Map<String, Operand.Reg> map, RegFile file, String[] names) {
    for (int i = 0; i < names.length; i++) {
      map.put(names[i], new Operand.Reg(file, i));
    }
  }

  /** The register of a name in any case, or null. */
  static Operand.Reg register(String name) {
    return REGISTERS.get(name.toLowerCase(Locale.ROOT));
  }

  /** Width in bits of a size keyword, or 0. */
  static int size(String word) {
    return SIZES.getOrDefault(word.toLowerCase(Locale.ROOT), 0);
  }

  /** Number of a segment register, or -1. */
  static int segment(String word) {
    return java.util.Arrays.asList(SEGMENTS).indexOf(word.toLowerCase(Locale.ROOT));
  }

  /** What a width is called in messages. */
  static String sizeName(int bits) {
    return switch (bits) {
      case 8 -> "byte";
      case 16 -> "word";
      case 32 -> "dword";
      case 64 -> "qword";
      case 80 -> "tword";
      case 128 -> "oword";
      default -> bits + "-bit";
    };
  }
}
