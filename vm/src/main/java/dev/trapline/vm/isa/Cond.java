package dev.trapline.vm.isa;

/** The sixteen conditions of Jcc, SETcc and CMOVcc, in the order of their codes (SDM 1 appendix B). */
public enum Cond {
  O, NO, B, NB, Z, NZ, BE, NBE, S, NS, P, NP, L, NL, LE, NLE;

  /** Mnemonic suffixes; the first is the one the disassembler prints (the manual's, objdump's too). */
  private static final String[][] NAMES = {{"o"}, {"no"}, {"b", "c", "nae"}, {"ae", "nb", "nc"}, {"e", "z"}, {"ne", "nz"},
    {"be", "na"}, {"a", "nbe"}, {"s"}, {"ns"}, {"p", "pe"}, {"np", "po"}, {"l", "nge"}, {"ge", "nl"}, {"le", "ng"}, {"g", "nle"}};

  public java.util.List<String> names() {
    return java.util.List.of(NAMES[ordinal()]);
  }

  /** Whether the condition holds for the flag words. */
  public static boolean test(int code, long res, long aux) {
    boolean holds = switch (code >> 1) {
      case 0 -> Flags.of(aux);
      case 1 -> Flags.cf(aux);
      case 2 -> res == 0;
      case 3 -> res == 0 || Flags.cf(aux);
      case 4 -> Flags.sf(res, aux);
      case 5 -> Flags.pf(res, aux);
      case 6 -> Flags.sf(res, aux) != Flags.of(aux);
      default -> res == 0 || Flags.sf(res, aux) != Flags.of(aux);
    };
    return holds != ((code & 1) != 0);
  }
}
