package dev.trapline.vm.vectors;

import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.Set;

/** Compares what the interpreter did with what the silicon did. */
final class VectorCompare {
  private static final Set<String> TRANSCENDENTAL = Set.of("fsin", "fcos", "fsincos", "fptan", "fpatan", "f2xm1", "fyl2x", "fyl2xp1");
  private static final int C1 = 0x200;

  private VectorCompare() {}

  /**
   * Moves an x87 transcendental's expected result to the actual one where they differ by one unit in the last place, or in the
   * direction of rounding (C1) only: the manuals allow it (SDM 1 8.3.10). Returns whether it did.
   */
  static boolean allowLastPlace(Row row, VectorState expected, VectorState actual) {
    if (!isTranscendental(row) || expected.vector != actual.vector) {
      return false;
    }
    boolean moved = false;
    for (int i = 0; i < 8; i++) {
      if (neighbours(expected.se[i], expected.sig[i], actual.se[i], actual.sig[i])
          || neighbours(actual.se[i], actual.sig[i], expected.se[i], expected.sig[i])) {
        expected.se[i] = actual.se[i];
        expected.sig[i] = actual.sig[i];
        moved = true;
      }
    }
    if ((expected.sw ^ actual.sw) == C1) {
      expected.sw = actual.sw;
      moved = true;
    }
    return moved;
  }

  static boolean isTranscendental(Row row) {
    return row != null && TRANSCENDENTAL.contains(row.mnemonic());
  }

  /** Whether the second is the next larger magnitude after the first. */
  private static boolean neighbours(int se, long sig, int nextSe, long nextSig) {
    return sig == -1 ? nextSe == se + 1 && nextSig == Long.MIN_VALUE : nextSe == se && nextSig == sig + 1;
  }

  /** The differences in words, or null if there is none. */
  static String differences(VectorForm f, Row row, VectorState expected, VectorState actual) {
    var text = new StringBuilder();
    if (expected.vector != actual.vector || expected.vector >= 0 && expected.error != actual.error) {
      return "exception " + event(expected) + ", got " + event(actual);
    }
    number(text, "rip", expected.rip, actual.rip);
    number(text, "cs", expected.cs, actual.cs);
    for (int i = 0; i < 16; i++) {
      number(text, "r" + i, expected.r[i], actual.r[i]);
    }
    flags(text, row, expected, actual);
    if (f.usesFpu()) {
      fpu(text, f, expected, actual);
    }
    for (int i = 0; i < f.windowBytes(); i++) {
      if (expected.memory[i] != actual.memory[i] && !environmentPointer(row, f, expected, i)) {
        text.append(String.format(" [%d]=%02x!=%02x", i, actual.memory[i], expected.memory[i]));
      }
    }
    return text.isEmpty() ? null : text.toString();
  }

  private static String event(VectorState s) {
    return s.vector < 0 ? "none" : dev.trapline.vm.cpu.Fault.name(s.vector) + "(" + Integer.toHexString(s.error) + ")";
  }

  private static void number(StringBuilder text, String name, long expected, long actual) {
    if (expected != actual) {
      text.append(' ').append(name).append('=').append(Long.toHexString(actual)).append("!=").append(Long.toHexString(expected));
    }
  }

  private static void flags(StringBuilder text, Row row, VectorState expected, VectorState actual) {
    int mask = VectorFile.FLAGS;
    if (row != null && expected.vector < 0) {
      mask &= ~row.flagsUndefined();
    }
    int difference = (int) (expected.flags ^ actual.flags) & mask;
    if (difference != 0) {
      text.append(" flags ").append(names(difference)).append(" wrong: ").append(Long.toHexString(actual.flags & VectorFile.FLAGS));
      text.append("!=").append(Long.toHexString(expected.flags & VectorFile.FLAGS));
    }
  }

  private static String names(int flags) {
    return ((flags & Flags.CF) != 0 ? "C" : "") + ((flags & Flags.PF) != 0 ? "P" : "") + ((flags & Flags.AF) != 0 ? "A" : "")
        + ((flags & Flags.ZF) != 0 ? "Z" : "") + ((flags & Flags.SF) != 0 ? "S" : "") + ((flags & Flags.OF) != 0 ? "O" : "")
        + ((flags & ~Flags.OSZAPC) != 0 ? "+" : "");
  }

  private static void fpu(StringBuilder text, VectorForm f, VectorState expected, VectorState actual) {
    for (int i = 0; i < 2 * (f.mode() == 64 ? 16 : 8); i++) {
      number(text, "xmm" + i / 2 + ((i & 1) == 0 ? "l" : "h"), expected.xmm[i], actual.xmm[i]);
    }
    number(text, "mxcsr", expected.mxcsr, actual.mxcsr);
    number(text, "cw", expected.cw, actual.cw);
    number(text, "sw", expected.sw, actual.sw);
    number(text, "valid", expected.valid, actual.valid);
    for (int i = 0; i < 8; i++) {
      if (expected.sig[i] != actual.sig[i] || expected.se[i] != actual.se[i]) {
        text.append(String.format(" p%d=%04x:%016x!=%04x:%016x", i, actual.se[i], actual.sig[i], expected.se[i], expected.sig[i]));
      }
    }
  }

  /**
   * Whether a byte belongs to the instruction or data pointer or opcode field of a stored x87 environment, or to MXCSR_MASK. The
   * pointers' value is the host kernel's doing: it restores the state without them; the mask is a feature, not a result.
   */
  private static boolean environmentPointer(Row row, VectorForm f, VectorState expected, int at) {
    if (row == null) {
      return false;
    }
    String m = row.mnemonic();
    if (m.equals("fnstenv") || m.equals("fnsave") || m.equals("fstenv") || m.equals("fsave")) {
      boolean bits16 = f.bytes()[0] == 0x66 || f.bytes()[0] == 0x67 && f.bytes()[1] == 0x66;
      int start = 16;
      return bits16 ? at >= start + 6 && at < start + 14 : at >= start + 12 && at < start + 28;
    }
    if (m.startsWith("xsave")) {
      return at >= 64 + 6 && at < 64 + 32 && (at < 64 + 24 || at >= 64 + 28);
    }
    return m.startsWith("fxsave") && at >= 16 + 6 && at < 16 + 32 && (at < 16 + 24 || at >= 16 + 28);
  }
}
