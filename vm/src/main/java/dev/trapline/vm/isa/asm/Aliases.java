package dev.trapline.vm.isa.asm;

import dev.trapline.vm.isa.Cond;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What only an assembler knows about mnemonics, stated once: other names of an instruction, and the parts of it a name implies.
 * Everything else about instructions is read from the rows.
 */
final class Aliases {
  /**
   * What a written mnemonic stands for.
   *
   * @param mnemonic a row's mnemonic
   * @param opBits operand size the name implies, or 0
   * @param addrBits address size the name implies, or 0
   * @param immediate an immediate appended to the operands (comparison predicates), or -1
   * @param waits whether 9B goes in front (x87 instructions that wait)
   */
  record Alias(String mnemonic, int opBits, int addrBits, int immediate, boolean waits) {
    static Alias of(String mnemonic) {
      return new Alias(mnemonic, 0, 0, -1, false);
    }
  }

  private static final List<String> POPPING = List.of("fadd", "fmul", "fsub", "fsubr", "fdiv", "fdivr");
  private static final Map<String, List<Alias>> TABLE = table();

  private Aliases() {}

  /** Candidates for a mnemonic in lower case, itself first. */
  static List<Alias> of(String mnemonic) {
    return TABLE.getOrDefault(mnemonic, List.of());
  }

  /** {@code fadd} alone is {@code faddp st1, st0}. */
  static boolean popsWithoutOperands(String mnemonic) {
    return POPPING.contains(mnemonic);
  }

  private static Map<String, List<Alias>> table() {
    var map = new HashMap<String, List<Alias>>();
    conditions(map);
    names(map);
    strings(map);
    sizes(map);
    comparisons(map);
    waiting(map);
    POPPING.forEach(name -> add(map, name, Alias.of(name + "p")));
    return Map.copyOf(map);
  }

  private static void add(Map<String, List<Alias>> map, String name, Alias alias) {
    var list = new java.util.ArrayList<>(map.getOrDefault(name, List.of()));
    list.add(alias);
    map.put(name, List.copyOf(list));
  }

  private static void conditions(Map<String, List<Alias>> map) {
    for (Cond c : Cond.values()) {
      for (String stem : new String[] {"j", "set", "cmov"}) {
        for (String written : c.names()) {
          for (String row : c.names()) {
            if (!row.equals(written)) {
              add(map, stem + written, Alias.of(stem + row));
            }
          }
        }
      }
    }
  }

  private static void names(Map<String, List<Alias>> map) {
    String[][] same = {{"sal", "shl"}, {"retn", "ret"}, {"xlatb", "xlat"}, {"loopz", "loope"}, {"loopnz", "loopne"}, {"wait", "fwait"},
        {"movsx", "movsxd"}, {"movabs", "mov"}, {"int1", "icebp"}, {"int03", "int3"}, {"ud2a", "ud2"}, {"ud1", "ud2b"}, {"retf", "lret"},
        {"setalc", "salc"}, {"fcomip", "fcompi"}, {"fucomip", "fucompi"},
        {"hint_nop", "nop"}, {"cmpxchg486", "cmpxchg"}};
    for (String[] pair : same) {
      if (!pair[0].equals(pair[1])) {
        add(map, pair[0], Alias.of(pair[1]));
        if (!pair[0].equals("movsx") && !pair[0].equals("movabs") && !pair[0].equals("hint_nop")) {
          add(map, pair[1], Alias.of(pair[0]));
        }
      }
    }
  }

  /** {@code movsd} and the like, if the rows are called {@code movs}; SSE's movsd and cmpsd are rows of their own. */
  private static void strings(Map<String, List<Alias>> map) {
    String[] letters = {"b", "w", "d", "q"};
    for (String stem : new String[] {"movs", "cmps", "scas", "lods", "stos", "ins", "outs"}) {
      add(map, stem, Alias.of(stem + "b")); // with the operands written out: movs byte [es:edi], byte [esi]
      for (int i = 0; i < 4; i++) {
        add(map, stem + letters[i], new Alias(stem, 8 << i, 0, -1, false));
      }
    }
  }

  private static void sizes(Map<String, List<Alias>> map) {
    for (String stem : new String[] {"push", "pop", "pushf", "popf", "iret", "pusha", "popa", "retf", "ret", "leave", "enter", "sysret",
        "sysexit", "jmp", "call",
      "sgdt", "sidt", "lgdt", "lidt", "fnstenv", "fldenv", "fnsave", "frstor"}) {
      add(map, stem + "w", new Alias(stem, 16, 0, -1, false));
      add(map, stem + "d", new Alias(stem, 32, 0, -1, false));
      add(map, stem + "q", new Alias(stem, 64, 0, -1, false));
    }
    String[][] sized = {{"cbw", "cwde", "cdqe"}, {"cwd", "cdq", "cqo"}};
    for (String[] family : sized) {
      for (int i = 0; i < 3; i++) {
        add(map, family[i], new Alias(family[0], 16 << i, 0, -1, false));
      }
    }
    String[] jumps = {"jcxz", "jecxz", "jrcxz"};
    for (int i = 0; i < 3; i++) {
      add(map, jumps[i], new Alias("jcxz", 0, 16 << i, -1, false));
      add(map, jumps[i], new Alias("jrcxz", 0, 16 << i, -1, false));
    }
  }

  /** The predicates of CMPPS and its kin (SDM 2A CMPPS, table 3-1), and PCLMULQDQ's halves. */
  private static void comparisons(Map<String, List<Alias>> map) {
    String[] predicates = {"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"};
    for (String type : new String[] {"ps", "pd", "ss", "sd"}) {
      for (int i = 0; i < 8; i++) {
        add(map, "cmp" + predicates[i] + type, new Alias("cmp" + type, 0, 0, i, false));
      }
    }
    String[] halves = {"lqlq", "hqlq", "lqhq", "hqhq"};
    int[] codes = {0x00, 0x01, 0x10, 0x11};
    for (int i = 0; i < 4; i++) {
      add(map, "pclmul" + halves[i] + "dq", new Alias("pclmulqdq", 0, 0, codes[i], false));
    }
  }

  /** x87 instructions that are FWAIT and the form without it (SDM 2A FINIT). */
  private static void waiting(Map<String, List<Alias>> map) {
    for (String name : new String[] {"finit", "fclex", "fstcw", "fstsw", "fstenv", "fsave", "fdisi", "feni"}) {
      add(map, name, new Alias("fn" + name.substring(1), 0, 0, -1, true));
    }
  }
}
