package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.cpu.insn.Swar.H16;
import static dev.trapline.vm.cpu.insn.Swar.H32;
import static dev.trapline.vm.cpu.insn.Swar.H64;
import static dev.trapline.vm.cpu.insn.Swar.H8;
import static dev.trapline.vm.isa.Attr.ALIGNED;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** Packed integer arithmetic, comparison, logic and shifts on MMX and XMM registers. One function serves both. */
final class SimdInteger {
  static final List<Row> ROWS = Stream.of(
      both("0F FC", "paddb", (a, b) -> Swar.add(a, b, H8), "SDM 2B PADDB"),
      both("0F FD", "paddw", (a, b) -> Swar.add(a, b, H16), "SDM 2B PADDB"),
      both("0F FE", "paddd", (a, b) -> Swar.add(a, b, H32), "SDM 2B PADDB"),
      both("0F D4", "paddq", Feature.SSE2, Long::sum, "SDM 2B PADDB"),
      both("0F EC", "paddsb", (a, b) -> Swar.addSigned(a, b, H8), "SDM 2B PADDSB"),
      both("0F ED", "paddsw", (a, b) -> Swar.addSigned(a, b, H16), "SDM 2B PADDSB"),
      both("0F DC", "paddusb", (a, b) -> Swar.addUnsigned(a, b, H8), "SDM 2B PADDUSB"),
      both("0F DD", "paddusw", (a, b) -> Swar.addUnsigned(a, b, H16), "SDM 2B PADDUSB"),
      both("0F F8", "psubb", (a, b) -> Swar.sub(a, b, H8), "SDM 2B PSUBB"),
      both("0F F9", "psubw", (a, b) -> Swar.sub(a, b, H16), "SDM 2B PSUBB"),
      both("0F FA", "psubd", (a, b) -> Swar.sub(a, b, H32), "SDM 2B PSUBB"),
      both("0F FB", "psubq", Feature.SSE2, (a, b) -> a - b, "SDM 2B PSUBQ"),
      both("0F E8", "psubsb", (a, b) -> Swar.subSigned(a, b, H8), "SDM 2B PSUBSB"),
      both("0F E9", "psubsw", (a, b) -> Swar.subSigned(a, b, H16), "SDM 2B PSUBSB"),
      both("0F D8", "psubusb", (a, b) -> Swar.subUnsigned(a, b, H8), "SDM 2B PSUBUSB"),
      both("0F D9", "psubusw", (a, b) -> Swar.subUnsigned(a, b, H16), "SDM 2B PSUBUSB"),
      both("0F E0", "pavgb", Feature.SSE, (a, b) -> Swar.average(a, b, H8), "SDM 2B PAVGB"),
      both("0F E3", "pavgw", Feature.SSE, (a, b) -> Swar.average(a, b, H16), "SDM 2B PAVGB"),

      both("0F 74", "pcmpeqb", (a, b) -> Swar.equal(a, b, H8), "SDM 2B PCMPEQB"),
      both("0F 75", "pcmpeqw", (a, b) -> Swar.equal(a, b, H16), "SDM 2B PCMPEQB"),
      both("0F 76", "pcmpeqd", (a, b) -> Swar.equal(a, b, H32), "SDM 2B PCMPEQB"),
      wide("66 0F 38 29", "pcmpeqq", Feature.SSE41, (a, b) -> Swar.equal(a, b, H64), "SDM 2B PCMPEQQ"),
      both("0F 64", "pcmpgtb", (a, b) -> Swar.less(b, a, H8), "SDM 2B PCMPGTB"),
      both("0F 65", "pcmpgtw", (a, b) -> Swar.less(b, a, H16), "SDM 2B PCMPGTB"),
      both("0F 66", "pcmpgtd", (a, b) -> Swar.less(b, a, H32), "SDM 2B PCMPGTB"),
      wide("66 0F 38 37", "pcmpgtq", Feature.SSE42, (a, b) -> Swar.less(b, a, H64), "SDM 2B PCMPGTQ"),

      both("0F DA", "pminub", Feature.SSE, (a, b) -> minUnsigned(a, b, H8), "SDM 2B PMINUB"),
      both("0F DE", "pmaxub", Feature.SSE, (a, b) -> maxUnsigned(a, b, H8), "SDM 2B PMAXUB"),
      both("0F EA", "pminsw", Feature.SSE, (a, b) -> minSigned(a, b, H16), "SDM 2B PMINSB"),
      both("0F EE", "pmaxsw", Feature.SSE, (a, b) -> maxSigned(a, b, H16), "SDM 2B PMAXSB"),
      wide("66 0F 38 38", "pminsb", Feature.SSE41, (a, b) -> minSigned(a, b, H8), "SDM 2B PMINSB"),
      wide("66 0F 38 39", "pminsd", Feature.SSE41, (a, b) -> minSigned(a, b, H32), "SDM 2B PMINSD"),
      wide("66 0F 38 3A", "pminuw", Feature.SSE41, (a, b) -> minUnsigned(a, b, H16), "SDM 2B PMINUB"),
      wide("66 0F 38 3B", "pminud", Feature.SSE41, (a, b) -> minUnsigned(a, b, H32), "SDM 2B PMINUD"),
      wide("66 0F 38 3C", "pmaxsb", Feature.SSE41, (a, b) -> maxSigned(a, b, H8), "SDM 2B PMAXSB"),
      wide("66 0F 38 3D", "pmaxsd", Feature.SSE41, (a, b) -> maxSigned(a, b, H32), "SDM 2B PMAXSB"),
      wide("66 0F 38 3E", "pmaxuw", Feature.SSE41, (a, b) -> maxUnsigned(a, b, H16), "SDM 2B PMAXUB"),
      wide("66 0F 38 3F", "pmaxud", Feature.SSE41, (a, b) -> maxUnsigned(a, b, H32), "SDM 2B PMAXUD"),

      both("0F DB", "pand", (a, b) -> a & b, "SDM 2B PAND"),
      both("0F DF", "pandn", (a, b) -> ~a & b, "SDM 2B PANDN"),
      both("0F EB", "por", (a, b) -> a | b, "SDM 2B POR"),
      both("0F EF", "pxor", (a, b) -> a ^ b, "SDM 2B PXOR"),

      both("0F D5", "pmullw", SimdInteger::pmullw, "SDM 2B PMULLW"),
      both("0F E5", "pmulhw", SimdInteger::pmulhw, "SDM 2B PMULHW"),
      both("0F E4", "pmulhuw", Feature.SSE, SimdInteger::pmulhuw, "SDM 2B PMULHUW"),
      both("0F 38 0B", "pmulhrsw", Feature.SSSE3, SimdInteger::pmulhrsw, "SDM 2B PMULHRSW"),
      both("0F F4", "pmuludq", Feature.SSE2, (a, b) -> (a & 0xffffffffL) * (b & 0xffffffffL), "SDM 2B PMULUDQ"),
      wide("66 0F 38 28", "pmuldq", Feature.SSE41, (a, b) -> (long) (int) a * (int) b, "SDM 2B PMULDQ"),
      wide("66 0F 38 40", "pmulld", Feature.SSE41, (a, b) -> Swar.dwords(a, b, (x, y) -> x * y), "SDM 2B PMULLD"),
      both("0F F5", "pmaddwd", SimdInteger::pmaddwd, "SDM 2B PMADDWD"),
      both("0F 38 04", "pmaddubsw", Feature.SSSE3, SimdInteger::pmaddubsw, "SDM 2B PMADDUBSW"),
      both("0F F6", "psadbw", Feature.SSE, SimdInteger::psadbw, "SDM 2B PSADBW"),

      both("0F 38 08", "psignb", Feature.SSSE3, (a, b) -> sign(a, b, H8), "SDM 2B PSIGNB"),
      both("0F 38 09", "psignw", Feature.SSSE3, (a, b) -> sign(a, b, H16), "SDM 2B PSIGNB"),
      both("0F 38 0A", "psignd", Feature.SSSE3, (a, b) -> sign(a, b, H32), "SDM 2B PSIGNB"),
      abs("0F 38 1C", "pabsb", H8),
      abs("0F 38 1D", "pabsw", H16),
      abs("0F 38 1E", "pabsd", H32),

      horizontal("01", "phaddw", SimdInteger::phaddw),
      horizontal("02", "phaddd", SimdInteger::phaddd),
      horizontal("03", "phaddsw", SimdInteger::phaddsw),
      horizontal("05", "phsubw", SimdInteger::phsubw),
      horizontal("06", "phsubd", SimdInteger::phsubd),
      horizontal("07", "phsubsw", SimdInteger::phsubsw),

      shift("0F D1", "0F 71 /2", "psrlw", (a, n) -> Swar.shiftRight(a, n, H16), "SDM 2B PSRLW"),
      shift("0F D2", "0F 72 /2", "psrld", (a, n) -> Swar.shiftRight(a, n, H32), "SDM 2B PSRLW"),
      shift("0F D3", "0F 73 /2", "psrlq", (a, n) -> Swar.shiftRight(a, n, H64), "SDM 2B PSRLW"),
      shift("0F E1", "0F 71 /4", "psraw", (a, n) -> Swar.shiftArithmetic(a, n, H16), "SDM 2B PSRAW"),
      shift("0F E2", "0F 72 /4", "psrad", (a, n) -> Swar.shiftArithmetic(a, n, H32), "SDM 2B PSRAW"),
      shift("0F F1", "0F 71 /6", "psllw", (a, n) -> Swar.shiftLeft(a, n, H16), "SDM 2B PSLLW"),
      shift("0F F2", "0F 72 /6", "pslld", (a, n) -> Swar.shiftLeft(a, n, H32), "SDM 2B PSLLW"),
      shift("0F F3", "0F 73 /6", "psllq", (a, n) -> Swar.shiftLeft(a, n, H64), "SDM 2B PSLLW"),
      Stream.of(
          row("66 0F 73 /3", "psrldq", "Udq,Ib").feature(Feature.SSE2)
              .halves(SimdInteger::psrldqLow, SimdInteger::psrldqHigh).spec("SDM 2B PSRLDQ"),
          row("66 0F 73 /7", "pslldq", "Udq,Ib").feature(Feature.SSE2)
              .halves(SimdInteger::pslldqLow, SimdInteger::pslldqHigh).spec("SDM 2B PSLLDQ"),
          row("66 0F 3A 42 /r", "mpsadbw", "Vdq,Wdq,Ib").feature(Feature.SSE41).with(ALIGNED)
              .halvesImm(SimdInteger::mpsadbwLow, SimdInteger::mpsadbwHigh).spec("SDM 2B MPSADBW"),
          row("66 0F 38 41 /r", "phminposuw", "Vdq,Wdq").feature(Feature.SSE41).with(ALIGNED)
              .halves(SimdInteger::phminposuw, (al, ah, bl, bh) -> 0).spec("SDM 2B PHMINPOSUW"),
          row("66 0F 38 17 /r", "ptest", "Vdq,Wdq").feature(Feature.SSE41).with(ALIGNED)
              .flags(FlagRule.SELF).does(SimdInteger::ptest).spec("SDM 2B PTEST")))
      .flatMap(s -> s)
      .toList();

  private SimdInteger() {}

  // ---- families of rows

  private static Stream<Row> both(String opcode, String name, Shape.LLL f, String spec) {
    return both(opcode, name, Feature.MMX, f, spec);
  }

  /**
   * An MMX row and an XMM row.
   *
   * @param mmx feature of the MMX form; the XMM form of what MMX and SSE had came with SSE2
   */
  private static Stream<Row> both(String opcode, String name, Feature mmx, Shape.LLL f, String spec) {
    return Stream.of(
        row("NP " + opcode + " /r", name, "Pq,Qq").feature(mmx).lanes(f).spec(spec),
        row("66 " + opcode + " /r", name, "Vdq,Wdq").feature(ofXmm(mmx)).with(ALIGNED).lanes(f).spec(spec));
  }

  private static Feature ofXmm(Feature mmx) {
    return mmx == Feature.SSSE3 ? Feature.SSSE3 : Feature.SSE2;
  }

  private static Stream<Row> wide(String opcode, String name, Feature feature, Shape.LLL f, String spec) {
    return Stream.of(row(opcode + " /r", name, "Vdq,Wdq").feature(feature).with(ALIGNED).lanes(f).spec(spec));
  }

  private static Stream<Row> abs(String opcode, String name, long h) {
    Shape.LL f = b -> sign(b, b, h);
    return Stream.of(
        row("NP " + opcode + " /r", name, "Pq,Qq").feature(Feature.SSSE3).map(f).spec("SDM 2B PABSB"),
        row("66 " + opcode + " /r", name, "Vdq,Wdq").feature(Feature.SSSE3).with(ALIGNED).map(f).spec("SDM 2B PABSB"));
  }

  private static Stream<Row> horizontal(String opcode, String name, Shape.LLL f) {
    String spec = name.startsWith("phadd") ? "SDM 2B PHADDW" : "SDM 2B PHSUBW";
    return Stream.of(
        row("NP 0F 38 " + opcode + " /r", name, "Pq,Qq").feature(Feature.SSSE3).pairs(f).spec(spec),
        row("66 0F 38 " + opcode + " /r", name, "Vdq,Wdq").feature(Feature.SSSE3).with(ALIGNED).pairs(f).spec(spec));
  }

  private static Stream<Row> shift(String byRegister, String byImmediate, String name, Shape.LLL f, String spec) {
    return Stream.of(
        row("NP " + byRegister + " /r", name, "Pq,Qq").feature(Feature.MMX).counted(f).spec(spec),
        row("66 " + byRegister + " /r", name, "Vdq,Wdq").feature(Feature.SSE2).with(ALIGNED).counted(f).spec(spec),
        row("NP " + byImmediate, name, "Nq,Ib").feature(Feature.MMX).counted(f).spec(spec),
        row("66 " + byImmediate, name, "Udq,Ib").feature(Feature.SSE2).counted(f).spec(spec));
  }

  // ---- functions

  private static long minUnsigned(long a, long b, long h) {
    return Swar.select(Swar.below(a, b, h), a, b);
  }

  private static long maxUnsigned(long a, long b, long h) {
    return Swar.select(Swar.below(a, b, h), b, a);
  }

  private static long minSigned(long a, long b, long h) {
    return Swar.select(Swar.less(a, b, h), a, b);
  }

  private static long maxSigned(long a, long b, long h) {
    return Swar.select(Swar.less(a, b, h), b, a);
  }

  /** a, negated where b is negative, zero where b is zero. */
  private static long sign(long a, long b, long h) {
    long negative = Swar.fill(b, h);
    return Swar.sub(a ^ negative, negative, h) & ~Swar.equal(b, 0, h);
  }

  static long pmullw(long a, long b) {
    return Swar.words(a, b, (x, y) -> x * y);
  }

  static long pmulhw(long a, long b) {
    return Swar.words(a, b, (x, y) -> x * y >> 16);
  }

  static long pmulhuw(long a, long b) {
    return Swar.words(a, b, (x, y) -> (x & 0xffff) * (y & 0xffff) >>> 16);
  }

  static long pmulhrsw(long a, long b) {
    return Swar.words(a, b, (x, y) -> (x * y >> 14) + 1 >> 1);
  }

  static long pmaddwd(long a, long b) {
    return Swar.dwords(a, b, (x, y) -> (short) x * (short) y + (x >> 16) * (y >> 16));
  }

  /** Unsigned bytes of a by signed bytes of b, pairs added with signed saturation. */
  static long pmaddubsw(long a, long b) {
    return Swar.words(a, b, (x, y) -> Swar.saturate16((x & 0xff) * (byte) y + (x >> 8 & 0xff) * (y >> 8)));
  }

  static long psadbw(long a, long b) {
    // |a - b| of unsigned bytes is one of the two saturating differences; the other is zero.
    long d = Swar.subUnsigned(a, b, H8) | Swar.subUnsigned(b, a, H8);
    long pairs = (d & 0x00ff00ff00ff00ffL) + (d >>> 8 & 0x00ff00ff00ff00ffL);
    return pairs * 0x0001000100010001L >>> 48;
  }

  private static int word(long v, int i) {
    return (short) (v >>> 16 * i);
  }

  private static long words(int w0, int w1, int w2, int w3) {
    return w0 & 0xffffL | (w1 & 0xffffL) << 16 | (w2 & 0xffffL) << 32 | (long) w3 << 48;
  }

  private static long dwords(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  static long phaddw(long a, long b) {
    return words(word(a, 0) + word(a, 1), word(a, 2) + word(a, 3), word(b, 0) + word(b, 1), word(b, 2) + word(b, 3));
  }

  static long phaddsw(long a, long b) {
    return words(Swar.saturate16(word(a, 0) + word(a, 1)), Swar.saturate16(word(a, 2) + word(a, 3)),
        Swar.saturate16(word(b, 0) + word(b, 1)), Swar.saturate16(word(b, 2) + word(b, 3)));
  }

  static long phsubw(long a, long b) {
    return words(word(a, 0) - word(a, 1), word(a, 2) - word(a, 3), word(b, 0) - word(b, 1), word(b, 2) - word(b, 3));
  }

  static long phsubsw(long a, long b) {
    return words(Swar.saturate16(word(a, 0) - word(a, 1)), Swar.saturate16(word(a, 2) - word(a, 3)),
        Swar.saturate16(word(b, 0) - word(b, 1)), Swar.saturate16(word(b, 2) - word(b, 3)));
  }

  static long phaddd(long a, long b) {
    return dwords((int) a + (int) (a >>> 32), (int) b + (int) (b >>> 32));
  }

  static long phsubd(long a, long b) {
    return dwords((int) a - (int) (a >>> 32), (int) b - (int) (b >>> 32));
  }

  // Byte shifts of the whole register: the second operand is the immediate.

  static long psrldqLow(long al, long ah, long n, long unused) {
    return n >= 16 ? 0 : n >= 8 ? ah >>> 8 * (n - 8) : n == 0 ? al : al >>> 8 * n | ah << 64 - 8 * n;
  }

  static long psrldqHigh(long al, long ah, long n, long unused) {
    return n >= 8 ? 0 : ah >>> 8 * n;
  }

  static long pslldqLow(long al, long ah, long n, long unused) {
    return n >= 8 ? 0 : al << 8 * n;
  }

  static long pslldqHigh(long al, long ah, long n, long unused) {
    return n >= 16 ? 0 : n >= 8 ? al << 8 * (n - 8) : n == 0 ? ah : ah << 8 * n | al >>> 64 - 8 * n;
  }

  /** Sums of absolute differences of four bytes of b (chosen by imm[1:0]) with sliding windows of a (from 4 * imm[2]). */
  static long mpsadbwLow(long al, long ah, long bl, long bh, long imm) {
    return slidingSums(al, ah, bl, bh, imm, 0);
  }

  static long mpsadbwHigh(long al, long ah, long bl, long bh, long imm) {
    return slidingSums(al, ah, bl, bh, imm, 4);
  }

  private static long slidingSums(long al, long ah, long bl, long bh, long imm, int from) {
    int block = (int) psrldqLow(bl, bh, 4 * (imm & 3), 0);
    long r = 0;
    for (int i = 0; i < 4; i++) {
      long window = psrldqLow(al, ah, 4 * (imm >>> 2 & 1) + from + i, 0);
      r |= psadbw(window & 0xffffffffL, block & 0xffffffffL) << 16 * i;
    }
    return r;
  }

  /** Smallest unsigned word of b and, above it, the index of its first occurrence. */
  static long phminposuw(long al, long ah, long bl, long bh) {
    long best = 0xffff;
    long index = 0;
    for (int i = 7; i >= 0; i--) {
      long w = (i < 4 ? bl : bh) >>> 16 * (i & 3) & 0xffff;
      if (w <= best) {
        best = w;
        index = i;
      }
    }
    return best | index << 16;
  }

  static void ptest(Cpu c, Insn in) {
    long bl = Vec.fetch(c, in, 1);
    long bh = c.high;
    long al = Vec.fetch(c, in, 0);
    long ah = c.high;
    int zf = (al & bl | ah & bh) == 0 ? Flags.ZF : 0;
    int cf = (~al & bl | ~ah & bh) == 0 ? Flags.CF : 0;
    c.arithmeticFlags(zf | cf);
  }
}
