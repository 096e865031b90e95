package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIGNED;
import static dev.trapline.vm.isa.Feature.SSE;
import static dev.trapline.vm.isa.Feature.SSE2;

import dev.trapline.vm.isa.Row;
import dev.trapline.vm.softfloat.Convert;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.List;

/** CVT*: between singles, doubles and integers in XMM, MMX and general registers. */
final class SimdConvert {
  private static final long D = 0xffffffffL;

  static final List<Row> ROWS = List.of(
      // single and double
      row("NP 0F 5A /r", "cvtps2pd", "Vdq,Wq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.f32ToF64((int) bl, e), (al, ah, bl, bh, e) -> Convert.f32ToF64((int) (bl >>> 32), e))
          .spec("SDM 2A CVTPS2PD"),
      row("66 0F 5A /r", "cvtpd2ps", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> pair(Convert.f64ToF32(bl, e), Convert.f64ToF32(bh, e)), SimdConvert::zero)
          .spec("SDM 2A CVTPD2PS"),
      row("F3 0F 5A /r", "cvtss2sd", "Vq,Wd").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.f32ToF64((int) bl, e), SimdConvert::keepHigh).spec("SDM 2A CVTSS2SD"),
      row("F2 0F 5A /r", "cvtsd2ss", "Vd,Wq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> al & ~D | Convert.f64ToF32(bl, e) & D, SimdConvert::keepHigh).spec("SDM 2A CVTSD2SS"),

      // packed integers in XMM registers
      row("NP 0F 5B /r", "cvtdq2ps", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> toSingles(bl, e), (al, ah, bl, bh, e) -> toSingles(bh, e)).spec("SDM 2A CVTDQ2PS"),
      row("66 0F 5B /r", "cvtps2dq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> fromSingles(bl, e.rounding(), e), (al, ah, bl, bh, e) -> fromSingles(bh, e.rounding(), e))
          .spec("SDM 2A CVTPS2DQ"),
      row("F3 0F 5B /r", "cvttps2dq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> fromSingles(bl, FpEnv.RZ, e), (al, ah, bl, bh, e) -> fromSingles(bh, FpEnv.RZ, e))
          .spec("SDM 2A CVTTPS2DQ"),
      row("F3 0F E6 /r", "cvtdq2pd", "Vdq,Wq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.i64ToF64((int) bl, e), (al, ah, bl, bh, e) -> Convert.i64ToF64(bl >> 32, e))
          .spec("SDM 2A CVTDQ2PD"),
      row("F2 0F E6 /r", "cvtpd2dq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> fromDoubles(bl, bh, e.rounding(), e), SimdConvert::zero).spec("SDM 2A CVTPD2DQ"),
      row("66 0F E6 /r", "cvttpd2dq", "Vdq,Wdq").feature(SSE2).with(ALIGNED)
          .fpHalves((al, ah, bl, bh, e) -> fromDoubles(bl, bh, FpEnv.RZ, e), SimdConvert::zero).spec("SDM 2A CVTTPD2DQ"),

      // packed integers in MMX registers
      // From memory they have nothing to do with the x87: no MMX state, no pending exception (silicon vectors).
      row("NP 0F 2A /r", "cvtpi2ps", "Vq,Nq").feature(SSE)
          .fpHalves((al, ah, bl, bh, e) -> toSingles(bl, e), SimdConvert::keepHigh).spec("SDM 2A CVTPI2PS"),
      row("NP 0F 2A /r", "cvtpi2ps", "Vq,Mq").feature(SSE)
          .fpHalves((al, ah, bl, bh, e) -> toSingles(bl, e), SimdConvert::keepHigh).spec("SDM 2A CVTPI2PS"),
      row("66 0F 2A /r", "cvtpi2pd", "Vdq,Nq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.i64ToF64((int) bl, e), (al, ah, bl, bh, e) -> Convert.i64ToF64(bl >> 32, e))
          .spec("SDM 2A CVTPI2PD"),
      row("66 0F 2A /r", "cvtpi2pd", "Vdq,Mq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.i64ToF64((int) bl, e), (al, ah, bl, bh, e) -> Convert.i64ToF64(bl >> 32, e))
          .spec("SDM 2A CVTPI2PD"),
      row("NP 0F 2D /r", "cvtps2pi", "Pq,Wq").feature(SSE).fpOut((bl, bh, e) -> fromSingles(bl, e.rounding(), e)).spec("SDM 2A CVTPS2PI"),
      row("NP 0F 2C /r", "cvttps2pi", "Pq,Wq").feature(SSE).fpOut((bl, bh, e) -> fromSingles(bl, FpEnv.RZ, e)).spec("SDM 2A CVTTPS2PI"),
      row("66 0F 2D /r", "cvtpd2pi", "Pq,Wdq").feature(SSE2).with(ALIGNED)
          .fpOut((bl, bh, e) -> fromDoubles(bl, bh, e.rounding(), e)).spec("SDM 2A CVTPD2PI"),
      row("66 0F 2C /r", "cvttpd2pi", "Pq,Wdq").feature(SSE2).with(ALIGNED)
          .fpOut((bl, bh, e) -> fromDoubles(bl, bh, FpEnv.RZ, e)).spec("SDM 2A CVTTPD2PI"),

      // general registers
      row("F3 W0 0F 2A /r", "cvtsi2ss", "Vd,Ed").feature(SSE)
          .fpHalves((al, ah, bl, bh, e) -> al & ~D | Convert.i64ToF32((int) bl, e) & D, SimdConvert::keepHigh).spec("SDM 2A CVTSI2SS"),
      row("F3 W1 0F 2A /r", "cvtsi2ss", "Vd,Eq").feature(SSE)
          .fpHalves((al, ah, bl, bh, e) -> al & ~D | Convert.i64ToF32(bl, e) & D, SimdConvert::keepHigh).spec("SDM 2A CVTSI2SS"),
      row("F2 W0 0F 2A /r", "cvtsi2sd", "Vq,Ed").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.i64ToF64((int) bl, e), SimdConvert::keepHigh).spec("SDM 2A CVTSI2SD"),
      row("F2 W1 0F 2A /r", "cvtsi2sd", "Vq,Eq").feature(SSE2)
          .fpHalves((al, ah, bl, bh, e) -> Convert.i64ToF64(bl, e), SimdConvert::keepHigh).spec("SDM 2A CVTSI2SD"),
      row("F3 W0 0F 2D /r", "cvtss2si", "Gd,Wd").feature(SSE)
          .fpOut((bl, bh, e) -> Convert.f32ToInt((int) bl, 32, e.rounding(), e)).spec("SDM 2A CVTSS2SI"),
      row("F3 W1 0F 2D /r", "cvtss2si", "Gq,Wd").feature(SSE)
          .fpOut((bl, bh, e) -> Convert.f32ToInt((int) bl, 64, e.rounding(), e)).spec("SDM 2A CVTSS2SI"),
      row("F3 W0 0F 2C /r", "cvttss2si", "Gd,Wd").feature(SSE)
          .fpOut((bl, bh, e) -> Convert.f32ToInt((int) bl, 32, FpEnv.RZ, e)).spec("SDM 2A CVTTSS2SI"),
      row("F3 W1 0F 2C /r", "cvttss2si", "Gq,Wd").feature(SSE)
          .fpOut((bl, bh, e) -> Convert.f32ToInt((int) bl, 64, FpEnv.RZ, e)).spec("SDM 2A CVTTSS2SI"),
      row("F2 W0 0F 2D /r", "cvtsd2si", "Gd,Wq").feature(SSE2)
          .fpOut((bl, bh, e) -> Convert.f64ToInt(bl, 32, e.rounding(), e)).spec("SDM 2A CVTSD2SI"),
      row("F2 W1 0F 2D /r", "cvtsd2si", "Gq,Wq").feature(SSE2)
          .fpOut((bl, bh, e) -> Convert.f64ToInt(bl, 64, e.rounding(), e)).spec("SDM 2A CVTSD2SI"),
      row("F2 W0 0F 2C /r", "cvttsd2si", "Gd,Wq").feature(SSE2)
          .fpOut((bl, bh, e) -> Convert.f64ToInt(bl, 32, FpEnv.RZ, e)).spec("SDM 2A CVTTSD2SI"),
      row("F2 W1 0F 2C /r", "cvttsd2si", "Gq,Wq").feature(SSE2)
          .fpOut((bl, bh, e) -> Convert.f64ToInt(bl, 64, FpEnv.RZ, e)).spec("SDM 2A CVTTSD2SI"));

  private SimdConvert() {}

  private static long pair(int low, int high) {
    return low & D | (long) high << 32;
  }

  static long zero(long al, long ah, long bl, long bh, FpEnv e) {
    return 0;
  }

  static long keepHigh(long al, long ah, long bl, long bh, FpEnv e) {
    return ah;
  }

  private static long toSingles(long b, FpEnv e) {
    return pair(Convert.i64ToF32((int) b, e), Convert.i64ToF32(b >> 32, e));
  }

  private static long fromSingles(long b, int rounding, FpEnv e) {
    return pair((int) Convert.f32ToInt((int) b, 32, rounding, e), (int) Convert.f32ToInt((int) (b >>> 32), 32, rounding, e));
  }

  private static long fromDoubles(long l, long h, int rounding, FpEnv e) {
    return pair((int) Convert.f64ToInt(l, 32, rounding, e), (int) Convert.f64ToInt(h, 32, rounding, e));
  }
}
