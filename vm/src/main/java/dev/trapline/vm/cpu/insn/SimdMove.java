package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.ALIGNED;
import static dev.trapline.vm.isa.Feature.MMX;
import static dev.trapline.vm.isa.Feature.SSE;
import static dev.trapline.vm.isa.Feature.SSE2;
import static dev.trapline.vm.isa.Feature.SSE3;
import static dev.trapline.vm.isa.Feature.SSE41;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.XSaveArea;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;

/** Moves between vector registers, memory and general registers; sign masks; MXCSR; EMMS. */
final class SimdMove {
  static final List<Row> ROWS = List.of(
      // whole registers
      row("NP 0F 10 /r", "movups", "Vdq,Wdq").feature(SSE).map(SimdMove::same).spec("SDM 2B MOVUPS"),
      row("NP 0F 11 /r", "movups", "Wdq,Vdq").feature(SSE).map(SimdMove::same).spec("SDM 2B MOVUPS"),
      row("66 0F 10 /r", "movupd", "Vdq,Wdq").feature(SSE2).map(SimdMove::same).spec("SDM 2B MOVUPD"),
      row("66 0F 11 /r", "movupd", "Wdq,Vdq").feature(SSE2).map(SimdMove::same).spec("SDM 2B MOVUPD"),
      row("NP 0F 28 /r", "movaps", "Vdq,Wdq").feature(SSE).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVAPS"),
      row("NP 0F 29 /r", "movaps", "Wdq,Vdq").feature(SSE).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVAPS"),
      row("66 0F 28 /r", "movapd", "Vdq,Wdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVAPD"),
      row("66 0F 29 /r", "movapd", "Wdq,Vdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVAPD"),
      row("66 0F 6F /r", "movdqa", "Vdq,Wdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVDQA"),
      row("66 0F 7F /r", "movdqa", "Wdq,Vdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVDQA"),
      row("F3 0F 6F /r", "movdqu", "Vdq,Wdq").feature(SSE2).map(SimdMove::same).spec("SDM 2B MOVDQU"),
      row("F3 0F 7F /r", "movdqu", "Wdq,Vdq").feature(SSE2).map(SimdMove::same).spec("SDM 2B MOVDQU"),
      row("F2 0F F0 /r", "lddqu", "Vdq,Mdq").feature(SSE3).map(SimdMove::same).spec("SDM 2A LDDQU"),
      row("NP 0F 6F /r", "movq", "Pq,Qq").feature(MMX).map(SimdMove::same).spec("SDM 2B MOVQ"),
      row("NP 0F 7F /r", "movq", "Qq,Pq").feature(MMX).map(SimdMove::same).spec("SDM 2B MOVQ"),

      // non-temporal
      row("NP 0F 2B /r", "movntps", "Mdq,Vdq").feature(SSE).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVNTPS"),
      row("66 0F 2B /r", "movntpd", "Mdq,Vdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVNTPD"),
      row("66 0F E7 /r", "movntdq", "Mdq,Vdq").feature(SSE2).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVNTDQ"),
      row("NP 0F E7 /r", "movntq", "Mq,Pq").feature(SSE).map(SimdMove::same).spec("SDM 2B MOVNTQ"),
      row("66 0F 38 2A /r", "movntdqa", "Vdq,Mdq").feature(SSE41).with(ALIGNED).map(SimdMove::same).spec("SDM 2B MOVNTDQA"),
      row("NP 0F F7 /r", "maskmovq", "Pq,Nq").feature(SSE).does(SimdMove::maskmov).spec("SDM 2B MASKMOVQ"),
      row("66 0F F7 /r", "maskmovdqu", "Vdq,Udq").feature(SSE2).does(SimdMove::maskmov).spec("SDM 2B MASKMOVDQU"),

      // low singles and doubles
      row("F3 0F 10 /r", "movss", "Vd,Ud").feature(SSE).halves(SimdMove::low32, SimdMove::keepHigh).spec("SDM 2B MOVSS"),
      row("F3 0F 10 /r", "movss", "Vd,Md").feature(SSE).load(SimdMove::same).spec("SDM 2B MOVSS"),
      row("F3 0F 11 /r", "movss", "Ud,Vd").feature(SSE).with(ALIAS).halves(SimdMove::low32, SimdMove::keepHigh).spec("SDM 2B MOVSS"),
      row("F3 0F 11 /r", "movss", "Md,Vd").feature(SSE).out(SimdMove::low).spec("SDM 2B MOVSS"),
      row("F2 0F 10 /r", "movsd", "Vq,Uq").feature(SSE2).halves(SimdMove::low64, SimdMove::keepHigh).spec("SDM 2B MOVSD"),
      row("F2 0F 10 /r", "movsd", "Vq,Mq").feature(SSE2).load(SimdMove::same).spec("SDM 2B MOVSD"),
      row("F2 0F 11 /r", "movsd", "Uq,Vq").feature(SSE2).with(ALIAS).halves(SimdMove::low64, SimdMove::keepHigh).spec("SDM 2B MOVSD"),
      row("F2 0F 11 /r", "movsd", "Mq,Vq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVSD"),

      // halves
      row("NP 0F 12 /r", "movlps", "Vq,Mq").feature(SSE).halves(SimdMove::low64, SimdMove::keepHigh).spec("SDM 2B MOVLPS"),
      row("NP 0F 12 /r", "movhlps", "Vq,Uq").feature(SSE).halves((al, ah, bl, bh) -> bh, SimdMove::keepHigh).spec("SDM 2B MOVHLPS"),
      row("66 0F 12 /r", "movlpd", "Vq,Mq").feature(SSE2).halves(SimdMove::low64, SimdMove::keepHigh).spec("SDM 2B MOVLPD"),
      row("NP 0F 13 /r", "movlps", "Mq,Vq").feature(SSE).out(SimdMove::low).spec("SDM 2B MOVLPS"),
      row("66 0F 13 /r", "movlpd", "Mq,Vq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVLPD"),
      row("NP 0F 16 /r", "movhps", "Vq,Mq").feature(SSE).halves(SimdMove::keepLow, SimdMove::low64).spec("SDM 2B MOVHPS"),
      row("NP 0F 16 /r", "movlhps", "Vq,Uq").feature(SSE).halves(SimdMove::keepLow, SimdMove::low64).spec("SDM 2B MOVLHPS"),
      row("66 0F 16 /r", "movhpd", "Vq,Mq").feature(SSE2).halves(SimdMove::keepLow, SimdMove::low64).spec("SDM 2B MOVHPD"),
      row("NP 0F 17 /r", "movhps", "Mq,Vq").feature(SSE).out(SimdMove::high).spec("SDM 2B MOVHPS"),
      row("66 0F 17 /r", "movhpd", "Mq,Vq").feature(SSE2).out(SimdMove::high).spec("SDM 2B MOVHPD"),
      row("F3 0F 12 /r", "movsldup", "Vdq,Wdq").feature(SSE3).with(ALIGNED).map(SimdMove::movsldup).spec("SDM 2B MOVSLDUP"),
      row("F3 0F 16 /r", "movshdup", "Vdq,Wdq").feature(SSE3).with(ALIGNED).map(SimdMove::movshdup).spec("SDM 2B MOVSHDUP"),
      row("F2 0F 12 /r", "movddup", "Vdq,Wq").feature(SSE3).halves(SimdMove::low64, SimdMove::low64).spec("SDM 2B MOVDDUP"),

      // general registers, and MMX to XMM
      row("NP W0 0F 6E /r", "movd", "Pq,Ed").feature(MMX).load(SimdMove::same).spec("SDM 2B MOVD"),
      row("NP W1 0F 6E /r", "movq", "Pq,Eq").feature(MMX).load(SimdMove::same).spec("SDM 2B MOVD"),
      row("NP W0 0F 7E /r", "movd", "Ed,Pq").feature(MMX).out(SimdMove::low).spec("SDM 2B MOVD"),
      row("NP W1 0F 7E /r", "movq", "Eq,Pq").feature(MMX).out(SimdMove::low).spec("SDM 2B MOVD"),
      row("66 W0 0F 6E /r", "movd", "Vdq,Ed").feature(SSE2).load(SimdMove::same).spec("SDM 2B MOVD"),
      row("66 W1 0F 6E /r", "movq", "Vdq,Eq").feature(SSE2).load(SimdMove::same).spec("SDM 2B MOVD"),
      row("66 W0 0F 7E /r", "movd", "Ed,Vdq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVD"),
      row("66 W1 0F 7E /r", "movq", "Eq,Vdq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVD"),
      row("F3 0F 7E /r", "movq", "Vq,Wq").feature(SSE2).load(SimdMove::same).spec("SDM 2B MOVQ"),
      row("66 0F D6 /r", "movq", "Uq,Vq").feature(SSE2).with(ALIAS).load(SimdMove::same).spec("SDM 2B MOVQ"),
      row("66 0F D6 /r", "movq", "Mq,Vq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVQ"),
      row("F3 0F D6 /r", "movq2dq", "Vdq,Nq").feature(SSE2).load(SimdMove::same).spec("SDM 2B MOVQ2DQ"),
      row("F2 0F D6 /r", "movdq2q", "Pq,Uq").feature(SSE2).out(SimdMove::low).spec("SDM 2B MOVDQ2Q"),
      row("NP 0F 50 /r", "movmskps", "Gy,Udq").feature(SSE).out(SimdMove::movmskps).spec("SDM 2B MOVMSKPS"),
      row("66 0F 50 /r", "movmskpd", "Gy,Udq").feature(SSE2).out(SimdMove::movmskpd).spec("SDM 2B MOVMSKPD"),
      row("NP 0F D7 /r", "pmovmskb", "Gy,Nq").feature(SSE).out((l, h) -> topBits(l)).spec("SDM 2B PMOVMSKB"),
      row("66 0F D7 /r", "pmovmskb", "Gy,Udq").feature(SSE2).out(SimdMove::pmovmskb).spec("SDM 2B PMOVMSKB"),

      // state
      row("NP 0F AE /2", "ldmxcsr", "Md").feature(SSE).does(SimdMove::ldmxcsr).spec("SDM 2A LDMXCSR"),
      row("NP 0F AE /3", "stmxcsr", "Md").feature(SSE).does(SimdMove::stmxcsr).spec("SDM 2B STMXCSR"),
      row("NP 0F 77", "emms", "").feature(MMX).does(SimdMove::emms).spec("SDM 2A EMMS"));

  private SimdMove() {}

  static long same(long b) {
    return b;
  }

  static long low(long bl, long bh) {
    return bl;
  }

  static long high(long bl, long bh) {
    return bh;
  }

  static long low32(long al, long ah, long bl, long bh) {
    return al & ~0xffffffffL | bl & 0xffffffffL;
  }

  static long low64(long al, long ah, long bl, long bh) {
    return bl;
  }

  static long keepLow(long al, long ah, long bl, long bh) {
    return al;
  }

  static long keepHigh(long al, long ah, long bl, long bh) {
    return ah;
  }

  static long movsldup(long b) {
    return b & 0xffffffffL | b << 32;
  }

  static long movshdup(long b) {
    return b >>> 32 | b & ~0xffffffffL;
  }

  static long movmskpd(long l, long h) {
    return l >>> 63 | h >>> 63 << 1;
  }

  static long movmskps(long l, long h) {
    return l >>> 31 & 1 | l >>> 62 & 2 | h >>> 29 & 4 | h >>> 60 & 8;
  }

  static long pmovmskb(long l, long h) {
    return topBits(l) | topBits(h) << 8;
  }

  /** The top bits of eight bytes, gathered by a multiplication that moves bit 8i to bit 56 + i. */
  private static long topBits(long v) {
    return ((v & Swar.H8) >>> 7) * 0x0102040810204080L >>> 56;
  }

  /** Stores the bytes of operand 0 whose mask byte in operand 1 is negative to DS:rDI. */
  static void maskmov(Cpu c, Insn in) {
    boolean wide = Vec.isXmm(in, 0);
    long low = Vec.fetch(c, in, 0);
    long high = c.high;
    long maskLow = Vec.fetch(c, in, 1);
    int mask = (int) pmovmskb(maskLow, wide ? c.high : 0);
    Vec.leaveMmx(c, in, 0); // also when the store then faults (silicon vectors)
    var to = new Operand.Mem(in.dataSegment(), Cpu.RDI, Operand.Mem.NONE, 0, 0, in.addrBits, 0, 0);
    long lin = Operands.linear(c, to, wide ? 16 : 8, Access.WRITE);
    for (int m = mask; m != 0; m &= m - 1) {
      c.mem.probeWrite(lin + Integer.numberOfTrailingZeros(m), 1);
    }
    for (int m = mask; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      c.mem.write8(lin + i, (i < 8 ? low : high) >>> 8 * (i & 7) & 0xff);
    }
  }

  /** Reserved bits 31:16 raise #GP(0); misaligned mode (bit 17 on some processors) is not advertised. */
  static void ldmxcsr(Cpu c, Insn in) {
    long v = Operands.get(c, in, 0);
    if ((v & ~XSaveArea.MXCSR_MASK) != 0) {
      throw c.gp(0);
    }
    c.mxcsr = (int) v;
  }

  static void stmxcsr(Cpu c, Insn in) {
    Operands.set(c, in.op(0), c.mxcsr);
  }

  static void emms(Cpu c) {
    c.x87.mmx(0);
    c.x87.valid = 0;
  }
}
