package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.isa.Row;

/** Starts a row of the table and adds the typed ways to name its semantics (see {@link Shape}). */
final class Def extends Row.Builder<Def> {
  private Def(String encoding, String mnemonic, String operands) {
    super(encoding, mnemonic, operands);
  }

  /** {@code row("01 /r", "add", "Ev,Gv")}; operands in Intel order, comma-separated, no spaces. */
  static Def row(String encoding, String mnemonic, String operands) {
    return new Def(encoding, mnemonic, operands);
  }

  @Override
  protected Def self() {
    return this;
  }

  /** The exceptions that come before the intercept, see {@link Row#checks}. */
  Def after(Shape.Wide f) { return checks(f); }

  // Functions that need no width.
  Def does(Shape.LL f) { return sem(f); }
  Def does(Shape.LLL f) { return sem(f); }
  Def does(Shape.LLLL f) { return sem(f); }
  Def does(Shape.VC f) { return sem(f); }
  Def does(Shape.VCL f) { return sem(f); }
  Def does(Shape.VCLL f) { return sem(f); }
  Def does(Shape.VCLLL f) { return sem(f); }
  Def does(Shape.LC f) { return sem(f); }
  Def does(Shape.LCL f) { return sem(f); }
  Def does(Shape.LCLL f) { return sem(f); }
  Def does(Shape.LCLLL f) { return sem(f); }
  Def does(Shape.Wide f) { return sem(f); }

  // Functions whose last parameter is the width: named apart because an int fits where a long is expected.
  Def sized(Shape.LLI f) { return sem(f); }
  Def sized(Shape.LLLI f) { return sem(f); }
  Def sized(Shape.LLLLI f) { return sem(f); }
  Def sized(Shape.VCI f) { return sem(f); }
  Def sized(Shape.VCLI f) { return sem(f); }
  Def sized(Shape.VCLLI f) { return sem(f); }
  Def sized(Shape.LCI f) { return sem(f); }
  Def sized(Shape.LCLI f) { return sem(f); }
  Def sized(Shape.LCLLI f) { return sem(f); }
  Def sized(Shape.LCLLLI f) { return sem(f); }

  // Vector functions, see SimdShape.
  Def lanes(Shape.LLL f) { return sem(new SimdShape.Lanes(f)); }
  Def map(Shape.LL f) { return sem(new SimdShape.Map(f)); }
  Def counted(Shape.LLL f) { return sem(new SimdShape.Counted(f)); }
  Def halves(SimdShape.Half low, SimdShape.Half high) { return sem(new SimdShape.Halves(low, high)); }
  Def halvesImm(SimdShape.HalfImm low, SimdShape.HalfImm high) { return sem(new SimdShape.HalvesImm(low, high)); }
  Def pairs(Shape.LLL f) { return sem(new SimdShape.Pairs(f)); }
  Def load(Shape.LL f) { return sem(new SimdShape.Load(f)); }
  Def masked(Shape.LLLL f) { return sem(new SimdShape.Masked(f)); }
  Def out(Shape.LLL f) { return sem(new SimdShape.Out(f)); }
  Def outImm(Shape.LLLL f) { return sem(new SimdShape.OutImm(f)); }

  // Floating point: packed single, scalar single, packed double, scalar double.
  Def ps(SimdShape.F32 f) { return sem(new SimdShape.Singles(true, f)); }
  Def ss(SimdShape.F32 f) { return sem(new SimdShape.Singles(false, f)); }
  Def pd(SimdShape.F64 f) { return sem(new SimdShape.Doubles(true, f)); }
  Def sd(SimdShape.F64 f) { return sem(new SimdShape.Doubles(false, f)); }
  Def psImm(SimdShape.F32Imm f) { return sem(new SimdShape.SinglesImm(true, f)); }
  Def ssImm(SimdShape.F32Imm f) { return sem(new SimdShape.SinglesImm(false, f)); }
  Def pdImm(SimdShape.F64Imm f) { return sem(new SimdShape.DoublesImm(true, f)); }
  Def sdImm(SimdShape.F64Imm f) { return sem(new SimdShape.DoublesImm(false, f)); }
  Def fpHalves(SimdShape.FpHalf low, SimdShape.FpHalf high) { return sem(new SimdShape.FpHalves(low, high)); }
  Def fpOut(SimdShape.FpOutput f) { return sem(new SimdShape.FpOut(f)); }
}
