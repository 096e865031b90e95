package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import java.util.List;

/**
 * The SSE4.2 string comparisons (SDM 2B 4.1). The immediate: bits 1:0 element type (unsigned byte, unsigned word, signed byte, signed
 * word), 3:2 aggregation, 5:4 polarity, 6 which index or which mask. Memory operands need no alignment.
 */
final class SimdString {
  static final List<Row> ROWS = List.of(
      row("66 0F 3A 60 /r", "pcmpestrm", "Vdq,Wdq,Ib").feature(Feature.SSE42).flags(FlagRule.SELF)
          .does(SimdString::pcmpestrm).spec("SDM 2B PCMPESTRM"),
      row("66 0F 3A 61 /r", "pcmpestri", "Vdq,Wdq,Ib").feature(Feature.SSE42).flags(FlagRule.SELF)
          .does(SimdString::pcmpestri).spec("SDM 2B PCMPESTRI"),
      row("66 0F 3A 62 /r", "pcmpistrm", "Vdq,Wdq,Ib").feature(Feature.SSE42).flags(FlagRule.SELF)
          .does(SimdString::pcmpistrm).spec("SDM 2B PCMPISTRM"),
      row("66 0F 3A 63 /r", "pcmpistri", "Vdq,Wdq,Ib").feature(Feature.SSE42).flags(FlagRule.SELF)
          .does(SimdString::pcmpistri).spec("SDM 2B PCMPISTRI"));

  private static final int EQUAL_ANY = 0;
  private static final int RANGES = 1;
  private static final int EQUAL_EACH = 2;

  private SimdString() {}

  static void pcmpestrm(Cpu c, Insn in) {
    storeMask(c, (int) Vec.imm(in), compare(c, in, true));
  }

  static void pcmpestri(Cpu c, Insn in) {
    storeIndex(c, (int) Vec.imm(in), compare(c, in, true));
  }

  static void pcmpistrm(Cpu c, Insn in) {
    storeMask(c, (int) Vec.imm(in), compare(c, in, false));
  }

  static void pcmpistri(Cpu c, Insn in) {
    storeIndex(c, (int) Vec.imm(in), compare(c, in, false));
  }

  /** Compares, sets the flags and returns the manual's IntRes2. */
  private static int compare(Cpu c, Insn in, boolean explicit) {
    int imm = (int) Vec.imm(in);
    int n = elements(imm);
    int[] b = split(Vec.fetch(c, in, 1), c.high, imm);
    int[] a = split(Vec.fetch(c, in, 0), c.high, imm);
    int lengthA = explicit ? length(c, Cpu.RAX, in, n) : terminator(a);
    int lengthB = explicit ? length(c, Cpu.RDX, in, n) : terminator(b);
    int result = polarity(aggregate(a, lengthA, b, lengthB, imm >> 2 & 3), lengthB, n, imm >> 4 & 3);
    c.arithmeticFlags((result != 0 ? Flags.CF : 0) | (lengthB < n ? Flags.ZF : 0) | (lengthA < n ? Flags.SF : 0)
        | ((result & 1) != 0 ? Flags.OF : 0));
    return result;
  }

  private static int elements(int imm) {
    return (imm & 1) == 0 ? 16 : 8;
  }

  private static int[] split(long low, long high, int imm) {
    int n = elements(imm);
    int bits = 128 / n;
    boolean signed = (imm & 2) != 0;
    int[] v = new int[n];
    for (int i = 0; i < n; i++) {
      long half = i < n / 2 ? low : high;
      long raw = half >>> (i & n / 2 - 1) * bits << 64 - bits;
      v[i] = (int) (signed ? raw >> 64 - bits : raw >>> 64 - bits);
    }
    return v;
  }

  /** An explicit length is the absolute value of the register, at most the number of elements. */
  private static int length(Cpu c, int register, Insn in, int n) {
    long v = in.opBits == 64 ? c.r[register] : (int) c.r[register];
    long magnitude = v < 0 ? -v : v;
    return magnitude < 0 || magnitude > n ? n : (int) magnitude;
  }

  /** An implicit length ends before the first zero element. */
  private static int terminator(int[] v) {
    int i = 0;
    while (i < v.length && v[i] != 0) {
      i++;
    }
    return i;
  }

  /** IntRes1: bit j says whether element j of b fits. Elements beyond a length compare as SDM 2B table 4-7 says. */
  private static int aggregate(int[] a, int lengthA, int[] b, int lengthB, int how) {
    int result = 0;
    for (int j = 0; j < b.length; j++) {
      boolean fits = switch (how) {
        case EQUAL_ANY -> j < lengthB && any(a, lengthA, b[j]);
        case RANGES -> j < lengthB && inRange(a, lengthA, b[j]);
        case EQUAL_EACH -> j < lengthA && j < lengthB ? a[j] == b[j] : j >= lengthA && j >= lengthB;
        default -> ordered(a, lengthA, b, lengthB, j);
      };
      result |= fits ? 1 << j : 0;
    }
    return result;
  }

  private static boolean any(int[] a, int lengthA, int v) {
    for (int i = 0; i < lengthA; i++) {
      if (a[i] == v) {
        return true;
      }
    }
    return false;
  }

  private static boolean inRange(int[] a, int lengthA, int v) {
    for (int i = 0; i + 1 < lengthA; i += 2) {
      if (v >= a[i] && v <= a[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Whether a, as far as it reaches, stands in b from position j. */
  private static boolean ordered(int[] a, int lengthA, int[] b, int lengthB, int j) {
    for (int i = 0; i < lengthA && i + j < b.length; i++) {
      if (i + j >= lengthB || a[i] != b[i + j]) {
        return false;
      }
    }
    return true;
  }

  private static int polarity(int result, int lengthB, int n, int polarity) {
    return switch (polarity) {
      case 1 -> result ^ (1 << n) - 1;
      case 3 -> result ^ (1 << lengthB) - 1;
      default -> result;
    };
  }

  private static void storeIndex(Cpu c, int imm, int result) {
    int n = elements(imm);
    boolean last = (imm & 0x40) != 0;
    c.r[Cpu.RCX] = result == 0 ? n : last ? 31 - Integer.numberOfLeadingZeros(result) : Integer.numberOfTrailingZeros(result);
  }

  private static void storeMask(Cpu c, int imm, int result) {
    if ((imm & 0x40) == 0) {
      Vec.xmm(c, 0, result, 0);
    } else {
      int n = elements(imm);
      Vec.xmm(c, 0, expand(result, n), expand(result >> n / 2, n));
    }
  }

  private static long expand(int mask, int n) {
    int bits = 128 / n;
    long r = 0;
    for (int i = 0; i < n / 2; i++) {
      r |= (mask >> i & 1) == 0 ? 0 : -1L >>> 64 - bits << i * bits;
    }
    return r;
  }
}
