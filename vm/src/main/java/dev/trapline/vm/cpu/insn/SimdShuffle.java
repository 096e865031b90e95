package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.ALIGNED;
import static dev.trapline.vm.isa.Feature.MMX;
import static dev.trapline.vm.isa.Feature.SSE;
import static dev.trapline.vm.isa.Feature.SSE2;
import static dev.trapline.vm.isa.Feature.SSE41;
import static dev.trapline.vm.isa.Feature.SSSE3;

import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** Packing, unpacking, shuffling, blending, inserting, extracting, widening. */
final class SimdShuffle {
  private static final long D = 0xffffffffL;

  static final List<Row> ROWS = Stream.of(
      unpackLow("0F 60", "punpcklbw", SimdShuffle::interleaveBytes),
      unpackLow("0F 61", "punpcklwd", SimdShuffle::interleaveWords),
      unpackLow("0F 62", "punpckldq", SimdShuffle::interleaveDwords),
      unpackHigh("0F 68", "punpckhbw", SimdShuffle::interleaveBytes),
      unpackHigh("0F 69", "punpckhwd", SimdShuffle::interleaveWords),
      unpackHigh("0F 6A", "punpckhdq", SimdShuffle::interleaveDwords),
      pack("0F 63", "packsswb", SimdShuffle::packsswb, "SDM 2B PACKSSWB"),
      pack("0F 67", "packuswb", SimdShuffle::packuswb, "SDM 2B PACKUSWB"),
      pack("0F 6B", "packssdw", SimdShuffle::packssdw, "SDM 2B PACKSSWB"),
      Stream.of(
          row("66 0F 38 2B /r", "packusdw", "Vdq,Wdq").feature(SSE41).with(ALIGNED).pairs(SimdShuffle::packusdw)
              .spec("SDM 2B PACKUSDW"),
          row("66 0F 6C /r", "punpcklqdq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
              .halves(SimdMove::keepLow, SimdMove::low64).spec("SDM 2B PUNPCKLBW"),
          row("66 0F 6D /r", "punpckhqdq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
              .halves((al, ah, bl, bh) -> ah, (al, ah, bl, bh) -> bh).spec("SDM 2B PUNPCKHBW"),
          row("NP 0F 14 /r", "unpcklps", "Vdq,Wdq").feature(SSE).with(ALIGNED)
              .halves((al, ah, bl, bh) -> interleaveDwords(al, bl), (al, ah, bl, bh) -> interleaveDwords(al >>> 32, bl >>> 32))
              .spec("SDM 2B UNPCKLPS"),
          row("66 0F 14 /r", "unpcklpd", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
              .halves(SimdMove::keepLow, SimdMove::low64).spec("SDM 2B UNPCKLPD"),
          row("NP 0F 15 /r", "unpckhps", "Vdq,Wdq").feature(SSE).with(ALIGNED)
              .halves((al, ah, bl, bh) -> interleaveDwords(ah, bh), (al, ah, bl, bh) -> interleaveDwords(ah >>> 32, bh >>> 32))
              .spec("SDM 2B UNPCKHPS"),
          row("66 0F 15 /r", "unpckhpd", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
              .halves((al, ah, bl, bh) -> ah, (al, ah, bl, bh) -> bh).spec("SDM 2B UNPCKHPD"),

          row("NP 0F 70 /r", "pshufw", "Pq,Qq,Ib").feature(SSE).outImm((l, h, i) -> pickWords(l, i)).spec("SDM 2B PSHUFW"),
          row("66 0F 70 /r", "pshufd", "Vdq,Wdq,Ib").feature(SSE2).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> pickDwords(bl, bh, i), (al, ah, bl, bh, i) -> pickDwords(bl, bh, i >>> 4))
              .spec("SDM 2B PSHUFD"),
          row("F3 0F 70 /r", "pshufhw", "Vdq,Wdq,Ib").feature(SSE2).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> bl, (al, ah, bl, bh, i) -> pickWords(bh, i)).spec("SDM 2B PSHUFHW"),
          row("F2 0F 70 /r", "pshuflw", "Vdq,Wdq,Ib").feature(SSE2).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> pickWords(bl, i), (al, ah, bl, bh, i) -> bh).spec("SDM 2B PSHUFLW"),
          row("NP 0F C6 /r", "shufps", "Vdq,Wdq,Ib").feature(SSE).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> pickDwords(al, ah, i), (al, ah, bl, bh, i) -> pickDwords(bl, bh, i >>> 4))
              .spec("SDM 2B SHUFPS"),
          row("66 0F C6 /r", "shufpd", "Vdq,Wdq,Ib").feature(SSE2).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> (i & 1) == 0 ? al : ah, (al, ah, bl, bh, i) -> (i & 2) == 0 ? bl : bh)
              .spec("SDM 2B SHUFPD"),
          row("NP 0F 38 00 /r", "pshufb", "Pq,Qq").feature(SSSE3).lanes((a, b) -> pickBytes(a, a, b & ~0x0808080808080808L))
              .spec("SDM 2B PSHUFB"),
          row("66 0F 38 00 /r", "pshufb", "Vdq,Wdq").feature(SSSE3).with(ALIGNED)
              .halves((al, ah, bl, bh) -> pickBytes(al, ah, bl), (al, ah, bl, bh) -> pickBytes(al, ah, bh)).spec("SDM 2B PSHUFB"),
          row("NP 0F 3A 0F /r", "palignr", "Pq,Qq,Ib").feature(SSSE3)
              .halvesImm((al, ah, bl, bh, i) -> SimdInteger.psrldqLow(bl, al, i, 0), (al, ah, bl, bh, i) -> 0).spec("SDM 2B PALIGNR"),
          row("66 0F 3A 0F /r", "palignr", "Vdq,Wdq,Ib").feature(SSSE3).with(ALIGNED)
              .halvesImm(SimdShuffle::palignrLow, SimdShuffle::palignrHigh).spec("SDM 2B PALIGNR"),

          row("66 0F 3A 0C /r", "blendps", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> blendDwords(al, bl, i), (al, ah, bl, bh, i) -> blendDwords(ah, bh, i >>> 2))
              .spec("SDM 2A BLENDPS"),
          row("66 0F 3A 0D /r", "blendpd", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> (i & 1) != 0 ? bl : al, (al, ah, bl, bh, i) -> (i & 2) != 0 ? bh : ah)
              .spec("SDM 2A BLENDPD"),
          row("66 0F 3A 0E /r", "pblendw", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED)
              .halvesImm((al, ah, bl, bh, i) -> blendWords(al, bl, i), (al, ah, bl, bh, i) -> blendWords(ah, bh, i >>> 4))
              .spec("SDM 2B PBLENDW"),
          row("66 0F 38 10 /r", "pblendvb", "Vdq,Wdq,XMM0").feature(SSE41).with(ALIGNED)
              .masked((a, b, m) -> Swar.select(Swar.fill(m, Swar.H8), b, a)).spec("SDM 2B PBLENDVB"),
          row("66 0F 38 14 /r", "blendvps", "Vdq,Wdq,XMM0").feature(SSE41).with(ALIGNED)
              .masked((a, b, m) -> Swar.select(Swar.fill(m, Swar.H32), b, a)).spec("SDM 2A BLENDVPS"),
          row("66 0F 38 15 /r", "blendvpd", "Vdq,Wdq,XMM0").feature(SSE41).with(ALIGNED)
              .masked((a, b, m) -> m < 0 ? b : a).spec("SDM 2A BLENDVPD"),

          row("NP 0F C4 /r", "pinsrw", "Pq,Ry,Ib").feature(SSE).halvesImm(SimdShuffle::pinsrwMmx, SimdShuffle::zero).spec("SDM 2B PINSRW"),
          row("NP 0F C4 /r", "pinsrw", "Pq,Mw,Ib").feature(SSE).halvesImm(SimdShuffle::pinsrwMmx, SimdShuffle::zero).spec("SDM 2B PINSRW"),
          row("66 0F C4 /r", "pinsrw", "Vdq,Ry,Ib").feature(SSE2).halvesImm(insertLow(16), insertHigh(16)).spec("SDM 2B PINSRW"),
          row("66 0F C4 /r", "pinsrw", "Vdq,Mw,Ib").feature(SSE2).halvesImm(insertLow(16), insertHigh(16)).spec("SDM 2B PINSRW"),
          row("66 0F 3A 20 /r", "pinsrb", "Vdq,Ry,Ib").feature(SSE41).halvesImm(insertLow(8), insertHigh(8)).spec("SDM 2B PINSRB"),
          row("66 0F 3A 20 /r", "pinsrb", "Vdq,Mb,Ib").feature(SSE41).halvesImm(insertLow(8), insertHigh(8)).spec("SDM 2B PINSRB"),
          row("66 W0 0F 3A 22 /r", "pinsrd", "Vdq,Ed,Ib").feature(SSE41).halvesImm(insertLow(32), insertHigh(32)).spec("SDM 2B PINSRB"),
          row("66 W1 0F 3A 22 /r", "pinsrq", "Vdq,Eq,Ib").feature(SSE41).halvesImm(insertLow(64), insertHigh(64)).spec("SDM 2B PINSRB"),
          row("66 0F 3A 21 /r", "insertps", "Vdq,Udq,Ib").feature(SSE41)
              .halvesImm((al, ah, bl, bh, i) -> insertpsLow(al, dword(bl, bh, i >>> 6), i),
                  (al, ah, bl, bh, i) -> insertpsHigh(ah, dword(bl, bh, i >>> 6), i)).spec("SDM 2A INSERTPS"),
          row("66 0F 3A 21 /r", "insertps", "Vdq,Md,Ib").feature(SSE41)
              .halvesImm((al, ah, bl, bh, i) -> insertpsLow(al, bl, i), (al, ah, bl, bh, i) -> insertpsHigh(ah, bl, i))
              .spec("SDM 2A INSERTPS"),

          row("NP 0F C5 /r", "pextrw", "Gy,Nq,Ib").feature(SSE).outImm((l, h, i) -> l >>> 16 * (i & 3) & 0xffff).spec("SDM 2B PEXTRW"),
          row("66 0F C5 /r", "pextrw", "Gy,Udq,Ib").feature(SSE2).outImm(SimdShuffle::word).spec("SDM 2B PEXTRW"),
          row("66 0F 3A 15 /r", "pextrw", "Ry,Vdq,Ib").feature(SSE41).with(ALIAS).outImm(SimdShuffle::word)
              .spec("SDM 2B PEXTRW"),
          row("66 0F 3A 15 /r", "pextrw", "Mw,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::word).spec("SDM 2B PEXTRW"),
          row("66 0F 3A 14 /r", "pextrb", "Ry,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::byteOf).spec("SDM 2B PEXTRB"),
          row("66 0F 3A 14 /r", "pextrb", "Mb,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::byteOf).spec("SDM 2B PEXTRB"),
          row("66 W0 0F 3A 16 /r", "pextrd", "Ed,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::dword).spec("SDM 2B PEXTRB"),
          row("66 W1 0F 3A 16 /r", "pextrq", "Eq,Vdq,Ib").feature(SSE41).outImm((l, h, i) -> (i & 1) == 0 ? l : h).spec("SDM 2B PEXTRB"),
          row("66 0F 3A 17 /r", "extractps", "Ry,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::dword).spec("SDM 2A EXTRACTPS"),
          row("66 0F 3A 17 /r", "extractps", "Md,Vdq,Ib").feature(SSE41).outImm(SimdShuffle::dword).spec("SDM 2A EXTRACTPS")),
      widen("20", "pmovsxbw", "q", 8, 16, true),
      widen("21", "pmovsxbd", "d", 8, 32, true),
      widen("22", "pmovsxbq", "w", 8, 64, true),
      widen("23", "pmovsxwd", "q", 16, 32, true),
      widen("24", "pmovsxwq", "d", 16, 64, true),
      widen("25", "pmovsxdq", "q", 32, 64, true),
      widen("30", "pmovzxbw", "q", 8, 16, false),
      widen("31", "pmovzxbd", "d", 8, 32, false),
      widen("32", "pmovzxbq", "w", 8, 64, false),
      widen("33", "pmovzxwd", "q", 16, 32, false),
      widen("34", "pmovzxwq", "d", 16, 64, false),
      widen("35", "pmovzxdq", "q", 32, 64, false))
      .flatMap(s -> s)
      .toList();

  private SimdShuffle() {}

  // ---- families of rows

  /** {@code f} interleaves the low 32 bits of two longs. The MMX form reads only 32 bits of memory. */
  private static Stream<Row> unpackLow(String opcode, String name, Shape.LLL f) {
    return Stream.of(
        row("NP " + opcode + " /r", name, "Pq,Qd").feature(MMX).lanes(f).spec("SDM 2B PUNPCKLBW"),
        row("66 " + opcode + " /r", name, "Vdq,Wdq").feature(SSE2).with(ALIGNED)
            .halves((al, ah, bl, bh) -> f.f(al, bl), (al, ah, bl, bh) -> f.f(al >>> 32, bl >>> 32)).spec("SDM 2B PUNPCKLBW"));
  }

  private static Stream<Row> unpackHigh(String opcode, String name, Shape.LLL f) {
    return Stream.of(
        row("NP " + opcode + " /r", name, "Pq,Qq").feature(MMX).lanes((a, b) -> f.f(a >>> 32, b >>> 32)).spec("SDM 2B PUNPCKHBW"),
        row("66 " + opcode + " /r", name, "Vdq,Wdq").feature(SSE2).with(ALIGNED)
            .halves((al, ah, bl, bh) -> f.f(ah, bh), (al, ah, bl, bh) -> f.f(ah >>> 32, bh >>> 32)).spec("SDM 2B PUNPCKHBW"));
  }

  private static Stream<Row> pack(String opcode, String name, Shape.LLL f, String spec) {
    return Stream.of(
        row("NP " + opcode + " /r", name, "Pq,Qq").feature(MMX).pairs(f).spec(spec),
        row("66 " + opcode + " /r", name, "Vdq,Wdq").feature(SSE2).with(ALIGNED).pairs(f).spec(spec));
  }

  private static Stream<Row> widen(String opcode, String name, String source, int from, int to, boolean signed) {
    int half = 64 / to * from;
    return Stream.of(row("66 0F 38 " + opcode + " /r", name, "Vdq,W" + source).feature(SSE41)
        .halves((al, ah, bl, bh) -> widened(bl, from, to, signed), (al, ah, bl, bh) -> widened(bl >>> half, from, to, signed))
        .spec(signed ? "SDM 2B PMOVSX" : "SDM 2B PMOVZX"));
  }

  // ---- functions

  private static long widened(long v, int from, int to, boolean signed) {
    long r = 0;
    for (int i = 0; i < 64 / to; i++) {
      long lane = v >>> i * from << 64 - from;
      lane = signed ? lane >> 64 - from : lane >>> 64 - from;
      r |= lane << 64 - to >>> 64 - to << i * to;
    }
    return r;
  }

  private static long spreadWords(long v) {
    return (v & 0xffff) | (v & 0xffff0000L) << 16;
  }

  private static long spreadBytes(long v) {
    long w = spreadWords(v);
    return (w | w << 8) & 0x00ff00ff00ff00ffL;
  }

  static long interleaveBytes(long a, long b) {
    return spreadBytes(a) | spreadBytes(b) << 8;
  }

  static long interleaveWords(long a, long b) {
    return spreadWords(a) | spreadWords(b) << 16;
  }

  static long interleaveDwords(long a, long b) {
    return a & D | b << 32;
  }

  private static long packWords(long a, Swar.Lane saturate) {
    long r = 0;
    for (int i = 0; i < 4; i++) {
      r |= (saturate.f((short) (a >>> 16 * i)) & 0xffL) << 8 * i;
    }
    return r;
  }

  private static long packDwords(long a, Swar.Lane saturate) {
    return saturate.f((int) a) & 0xffffL | (saturate.f((int) (a >>> 32)) & 0xffffL) << 16;
  }

  static long packsswb(long a, long b) {
    return packWords(a, Swar::saturate8) | packWords(b, Swar::saturate8) << 32;
  }

  static long packuswb(long a, long b) {
    return packWords(a, Swar::saturate8Unsigned) | packWords(b, Swar::saturate8Unsigned) << 32;
  }

  static long packssdw(long a, long b) {
    return packDwords(a, Swar::saturate16) | packDwords(b, Swar::saturate16) << 32;
  }

  static long packusdw(long a, long b) {
    return packDwords(a, Swar::saturate16Unsigned) | packDwords(b, Swar::saturate16Unsigned) << 32;
  }

  /** Four words of v chosen by four 2-bit fields. */
  static long pickWords(long v, long imm) {
    return v >>> 16 * (imm & 3) & 0xffff | (v >>> 16 * (imm >>> 2 & 3) & 0xffff) << 16
        | (v >>> 16 * (imm >>> 4 & 3) & 0xffff) << 32 | v >>> 16 * (imm >>> 6 & 3) << 48;
  }

  /** Two doublewords chosen by two 2-bit fields. */
  static long pickDwords(long l, long h, long imm) {
    return dword(l, h, imm) | dword(l, h, imm >>> 2) << 32;
  }

  static long dword(long l, long h, long i) {
    return ((i & 2) == 0 ? l : h) >>> 32 * (i & 1) & D;
  }

  static long word(long l, long h, long i) {
    return ((i & 4) == 0 ? l : h) >>> 16 * (i & 3) & 0xffff;
  }

  static long byteOf(long l, long h, long i) {
    return ((i & 8) == 0 ? l : h) >>> 8 * (i & 7) & 0xff;
  }

  /** Eight bytes of l:h chosen by the low nibbles of the bytes of {@code which}; zero where its top bit is set. */
  static long pickBytes(long l, long h, long which) {
    long r = 0;
    for (int i = 0; i < 64; i += 8) {
      long w = which >>> i;
      if ((w & 0x80) == 0) {
        r |= byteOf(l, h, w) << i;
      }
    }
    return r;
  }

  static long palignrLow(long al, long ah, long bl, long bh, long imm) {
    return imm < 16 ? imm < 8 ? SimdInteger.psrldqLow(bl, bh, imm, 0) : SimdInteger.psrldqLow(bh, al, imm - 8, 0)
        : SimdInteger.psrldqLow(al, ah, imm - 16, 0);
  }

  static long palignrHigh(long al, long ah, long bl, long bh, long imm) {
    return imm < 8 ? SimdInteger.psrldqLow(bh, al, imm, 0) : imm < 16 ? SimdInteger.psrldqLow(al, ah, imm - 8, 0)
        : SimdInteger.psrldqHigh(al, ah, imm - 16, 0);
  }

  private static long blendWords(long a, long b, long mask) {
    long m = (mask & 1) * 0xffffL | (mask >>> 1 & 1) * 0xffff0000L | (mask >>> 2 & 1) * 0xffff00000000L
        | (mask >>> 3 & 1) * 0xffff000000000000L;
    return Swar.select(m, b, a);
  }

  private static long blendDwords(long a, long b, long mask) {
    return Swar.select((mask & 1) * D | (mask >>> 1 & 1) * ~D, b, a);
  }

  static long zero(long al, long ah, long bl, long bh, long imm) {
    return 0;
  }

  static long pinsrwMmx(long al, long ah, long bl, long bh, long imm) {
    return Swar.select(0xffffL << 16 * (imm & 3), bl << 16 * (imm & 3), al);
  }

  /** Inserts the low {@code bits} of b where the immediate counts lanes from bit 0 of the register. */
  private static SimdShape.HalfImm insertLow(int bits) {
    return (al, ah, bl, bh, i) -> insert(al, bl, i & 128 / bits - 1, bits);
  }

  private static SimdShape.HalfImm insertHigh(int bits) {
    return (al, ah, bl, bh, i) -> insert(ah, bl, (i & 128 / bits - 1) - 64 / bits, bits);
  }

  private static long insert(long half, long value, long lane, int bits) {
    if (lane < 0 || lane >= 64 / bits) {
      return half;
    }
    long at = lane * bits;
    return Swar.select(-1L >>> 64 - bits << at, value << at, half);
  }

  /** Immediate: bits 5:4 choose the lane that takes {@code value}, bits 3:0 lanes to clear. */
  private static long insertpsLow(long al, long value, long imm) {
    return clearDwords(insert(al, value, imm >>> 4 & 3, 32), imm);
  }

  private static long insertpsHigh(long ah, long value, long imm) {
    return clearDwords(insert(ah, value, (imm >>> 4 & 3) - 2, 32), imm >>> 2);
  }

  private static long clearDwords(long v, long mask) {
    return blendDwords(v, 0, mask);
  }
}
