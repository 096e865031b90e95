package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIGNED;
import static dev.trapline.vm.isa.Feature.SSE;
import static dev.trapline.vm.isa.Feature.SSE2;
import static dev.trapline.vm.isa.Feature.SSE3;
import static dev.trapline.vm.isa.Feature.SSE41;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.softfloat.Convert;
import dev.trapline.vm.softfloat.FpEnv;
import dev.trapline.vm.softfloat.SoftFloat;
import java.util.List;
import java.util.stream.Stream;

/** Floating-point arithmetic, comparison, logic and rounding on XMM registers. */
final class SimdFloat {
  private static final long D = 0xffffffffL;

  static final List<Row> ROWS = Stream.of(
      four("58", "add", SoftFloat::add32, SoftFloat::add64, "SDM 2A ADD"),
      four("5C", "sub", SoftFloat::sub32, SoftFloat::sub64, "SDM 2B SUB"),
      four("59", "mul", SoftFloat::mul32, SoftFloat::mul64, "SDM 2B MUL"),
      four("5E", "div", SoftFloat::div32, SoftFloat::div64, "SDM 2A DIV"),
      four("5D", "min", SoftFloat::min32, SoftFloat::min64, "SDM 2B MIN"),
      four("5F", "max", SoftFloat::max32, SoftFloat::max64, "SDM 2B MAX"),
      four("51", "sqrt", (a, b, e) -> SoftFloat.sqrt32(b, e), (a, b, e) -> SoftFloat.sqrt64(b, e), "SDM 2B SQRT"),
      logic("54", "and", (a, b) -> a & b, "SDM 2A AND"),
      logic("55", "andn", (a, b) -> ~a & b, "SDM 2A ANDN"),
      logic("56", "or", (a, b) -> a | b, "SDM 2B OR"),
      logic("57", "xor", (a, b) -> a ^ b, "SDM 2D XOR"),
      Stream.of(
          row("NP 0F 52 /r", "rsqrtps", "Vdq,Wdq").feature(SSE).with(ALIGNED).map(Approximation::rsqrtPair).spec("SDM 2B RSQRTPS"),
          row("F3 0F 52 /r", "rsqrtss", "Vd,Wd").feature(SSE)
              .halves((al, ah, bl, bh) -> al & ~D | Approximation.rsqrt((int) bl) & D, SimdMove::keepHigh).spec("SDM 2B RSQRTSS"),
          row("NP 0F 53 /r", "rcpps", "Vdq,Wdq").feature(SSE).with(ALIGNED).map(Approximation::rcpPair).spec("SDM 2B RCPPS"),
          row("F3 0F 53 /r", "rcpss", "Vd,Wd").feature(SSE)
              .halves((al, ah, bl, bh) -> al & ~D | Approximation.rcp((int) bl) & D, SimdMove::keepHigh).spec("SDM 2B RCPSS"),

          row("NP 0F C2 /r", "cmpps", "Vdq,Wdq,Ib").feature(SSE).with(ALIGNED).psImm(SimdFloat::cmp32).spec("SDM 2A CMPPS"),
          row("66 0F C2 /r", "cmppd", "Vdq,Wdq,Ib").feature(SSE2).with(ALIGNED).pdImm(SimdFloat::cmp64).spec("SDM 2A CMPPD"),
          row("F3 0F C2 /r", "cmpss", "Vd,Wd,Ib").feature(SSE).ssImm(SimdFloat::cmp32).spec("SDM 2A CMPSS"),
          row("F2 0F C2 /r", "cmpsd", "Vq,Wq,Ib").feature(SSE2).sdImm(SimdFloat::cmp64).spec("SDM 2A CMPSD"),
          row("NP 0F 2E /r", "ucomiss", "Vd,Wd").feature(SSE).flags(FlagRule.SELF).does(SimdFloat::ucomiss).spec("SDM 2B UCOMISS"),
          row("66 0F 2E /r", "ucomisd", "Vq,Wq").feature(SSE2).flags(FlagRule.SELF).does(SimdFloat::ucomisd).spec("SDM 2B UCOMISD"),
          row("NP 0F 2F /r", "comiss", "Vd,Wd").feature(SSE).flags(FlagRule.SELF).does(SimdFloat::comiss).spec("SDM 2A COMISS"),
          row("66 0F 2F /r", "comisd", "Vq,Wq").feature(SSE2).flags(FlagRule.SELF).does(SimdFloat::comisd).spec("SDM 2A COMISD"),

          row("66 0F 3A 08 /r", "roundps", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED).psImm(SimdFloat::round32).spec("SDM 2B ROUNDPS"),
          row("66 0F 3A 09 /r", "roundpd", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED).pdImm(SimdFloat::round64).spec("SDM 2B ROUNDPD"),
          row("66 0F 3A 0A /r", "roundss", "Vd,Wd,Ib").feature(SSE41).ssImm(SimdFloat::round32).spec("SDM 2B ROUNDSS"),
          row("66 0F 3A 0B /r", "roundsd", "Vq,Wq,Ib").feature(SSE41).sdImm(SimdFloat::round64).spec("SDM 2B ROUNDSD"),

          row("F2 0F 7C /r", "haddps", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> acrossSingles(al, ah, SoftFloat::add32, e),
                  (al, ah, bl, bh, e) -> acrossSingles(bl, bh, SoftFloat::add32, e)).spec("SDM 2A HADDPS"),
          row("F2 0F 7D /r", "hsubps", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> acrossSingles(al, ah, SoftFloat::sub32, e),
                  (al, ah, bl, bh, e) -> acrossSingles(bl, bh, SoftFloat::sub32, e)).spec("SDM 2A HSUBPS"),
          row("66 0F 7C /r", "haddpd", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> SoftFloat.add64(al, ah, e), (al, ah, bl, bh, e) -> SoftFloat.add64(bl, bh, e))
              .spec("SDM 2A HADDPD"),
          row("66 0F 7D /r", "hsubpd", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> SoftFloat.sub64(al, ah, e), (al, ah, bl, bh, e) -> SoftFloat.sub64(bl, bh, e))
              .spec("SDM 2A HSUBPD"),
          row("F2 0F D0 /r", "addsubps", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> addsub(al, bl, e), (al, ah, bl, bh, e) -> addsub(ah, bh, e)).spec("SDM 2A ADDSUBPS"),
          row("66 0F D0 /r", "addsubpd", "Vdq,Wdq").feature(SSE3).with(ALIGNED)
              .fpHalves((al, ah, bl, bh, e) -> SoftFloat.sub64(al, bl, e), (al, ah, bl, bh, e) -> SoftFloat.add64(ah, bh, e))
              .spec("SDM 2A ADDSUBPD"),
          row("66 0F 3A 40 /r", "dpps", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED).does(SimdFloat::dpps).spec("SDM 2A DPPS"),
          row("66 0F 3A 41 /r", "dppd", "Vdq,Wdq,Ib").feature(SSE41).with(ALIGNED).does(SimdFloat::dppd).spec("SDM 2A DPPD")))
      .flatMap(s -> s)
      .toList();

  private SimdFloat() {}

  // ---- families of rows

  /** Packed and scalar, single and double. */
  private static Stream<Row> four(String opcode, String name, SimdShape.F32 single, SimdShape.F64 twice, String spec) {
    String code = " 0F " + opcode + " /r";
    return Stream.of(
        row("NP" + code, name + "ps", "Vdq,Wdq").feature(SSE).with(ALIGNED).ps(single).spec(spec + "PS"),
        row("F3" + code, name + "ss", "Vd,Wd").feature(SSE).ss(single).spec(spec + "SS"),
        row("66" + code, name + "pd", "Vdq,Wdq").feature(SSE2).with(ALIGNED).pd(twice).spec(spec + "PD"),
        row("F2" + code, name + "sd", "Vq,Wq").feature(SSE2).sd(twice).spec(spec + "SD"));
  }

  private static Stream<Row> logic(String opcode, String name, Shape.LLL f, String spec) {
    return Stream.of(
        row("NP 0F " + opcode + " /r", name + "ps", "Vdq,Wdq").feature(SSE).with(ALIGNED).lanes(f).spec(spec + "PS"),
        row("66 0F " + opcode + " /r", name + "pd", "Vdq,Wdq").feature(SSE2).with(ALIGNED).lanes(f).spec(spec + "PD"));
  }

  // ---- comparison

  /** Predicates 0 to 7 (SDM 2A table 3-1): EQ LT LE UNORD NEQ NLT NLE ORD; LT, LE and their negations signal quiet NaNs. */
  private static boolean holds(int predicate, int comparison) {
    boolean positive = switch (predicate & 3) {
      case 0 -> comparison == SoftFloat.EQUAL;
      case 1 -> comparison == SoftFloat.LESS;
      case 2 -> comparison == SoftFloat.LESS || comparison == SoftFloat.EQUAL;
      default -> comparison == SoftFloat.UNORDERED;
    };
    return positive ^ (predicate & 4) != 0;
  }

  private static boolean signalling(int predicate) {
    return (predicate & 3) == 1 || (predicate & 3) == 2;
  }

  static int cmp32(int a, int b, int imm, FpEnv e) {
    return holds(imm, SoftFloat.compare32(a, b, signalling(imm), e)) ? -1 : 0;
  }

  static long cmp64(long a, long b, int imm, FpEnv e) {
    return holds(imm, SoftFloat.compare64(a, b, signalling(imm), e)) ? -1 : 0;
  }

  static void ucomiss(Cpu c, Insn in) {
    compare32(c, in, false);
  }

  static void comiss(Cpu c, Insn in) {
    compare32(c, in, true);
  }

  static void ucomisd(Cpu c, Insn in) {
    compare64(c, in, false);
  }

  static void comisd(Cpu c, Insn in) {
    compare64(c, in, true);
  }

  private static void compare32(Cpu c, Insn in, boolean signalling) {
    int b = (int) Vec.fetch(c, in, 1);
    int a = (int) Vec.fetch(c, in, 0);
    FpEnv e = Vec.begin(c);
    int comparison = SoftFloat.compare32(a, b, signalling, e);
    Vec.end(c, e);
    setFlags(c, comparison);
  }

  private static void compare64(Cpu c, Insn in, boolean signalling) {
    long b = Vec.fetch(c, in, 1);
    long a = Vec.fetch(c, in, 0);
    FpEnv e = Vec.begin(c);
    int comparison = SoftFloat.compare64(a, b, signalling, e);
    Vec.end(c, e);
    setFlags(c, comparison);
  }

  private static void setFlags(Cpu c, int comparison) {
    c.arithmeticFlags(switch (comparison) {
      case SoftFloat.UNORDERED -> Flags.ZF | Flags.PF | Flags.CF;
      case SoftFloat.LESS -> Flags.CF;
      case SoftFloat.EQUAL -> Flags.ZF;
      default -> 0;
    });
  }

  // ---- rounding

  private static int rounding(int imm, FpEnv e) {
    return (imm & 4) != 0 ? e.rounding() : imm & 3;
  }

  static int round32(int a, int b, int imm, FpEnv e) {
    return Convert.roundToInt32(b, rounding(imm, e), (imm & 8) != 0, e);
  }

  static long round64(long a, long b, int imm, FpEnv e) {
    return Convert.roundToInt64(b, rounding(imm, e), (imm & 8) != 0, e);
  }

  // ---- horizontal

  private static long pair(int low, int high) {
    return low & D | (long) high << 32;
  }

  private static long acrossSingles(long l, long h, SimdShape.F32 f, FpEnv e) {
    return pair(f.f((int) l, (int) (l >>> 32), e), f.f((int) h, (int) (h >>> 32), e));
  }

  private static long addsub(long a, long b, FpEnv e) {
    return pair(SoftFloat.sub32((int) a, (int) b, e), SoftFloat.add32((int) (a >>> 32), (int) (b >>> 32), e));
  }

  private static int product(long a, long b, long imm, int lane, FpEnv e) {
    int shift = 32 * (lane & 1);
    return (imm >>> 4 + lane & 1) == 0 ? 0 : SoftFloat.mul32((int) (a >>> shift), (int) (b >>> shift), e);
  }

  /** Products chosen by imm[7:4], added as (0 + 1) + (2 + 3), spread to the lanes of imm[3:0]. */
  static void dpps(Cpu c, Insn in) {
    long bl = Vec.fetch(c, in, 1);
    long bh = c.high;
    long al = Vec.fetch(c, in, 0);
    long ah = c.high;
    long imm = Vec.imm(in);
    FpEnv e = Vec.begin(c);
    int p0 = product(al, bl, imm, 0, e);
    int p1 = product(al, bl, imm, 1, e);
    int p2 = product(ah, bh, imm, 2, e);
    int p3 = product(ah, bh, imm, 3, e);
    Vec.end(c, e);
    int low = SoftFloat.add32(p0, p1, e);
    int high = SoftFloat.add32(p2, p3, e);
    Vec.end(c, e);
    int sum = SoftFloat.add32(low, high, e);
    Vec.end(c, e);
    Vec.store(c, in, spread(sum, imm), spread(sum, imm >>> 2));
  }

  private static long spread(int v, long mask) {
    return pair((mask & 1) != 0 ? v : 0, (mask & 2) != 0 ? v : 0);
  }

  static void dppd(Cpu c, Insn in) {
    long bl = Vec.fetch(c, in, 1);
    long bh = c.high;
    long al = Vec.fetch(c, in, 0);
    long ah = c.high;
    long imm = Vec.imm(in);
    FpEnv e = Vec.begin(c);
    long p0 = (imm & 0x10) == 0 ? 0 : SoftFloat.mul64(al, bl, e);
    long p1 = (imm & 0x20) == 0 ? 0 : SoftFloat.mul64(ah, bh, e);
    Vec.end(c, e);
    long sum = SoftFloat.add64(p0, p1, e);
    Vec.end(c, e);
    Vec.store(c, in, (imm & 1) != 0 ? sum : 0, (imm & 2) != 0 ? sum : 0);
  }
}
