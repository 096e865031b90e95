package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Sem;
import dev.trapline.vm.softfloat.FpEnv;

/**
 * Shapes of vector semantics: pure functions on 64-bit halves, with a record that says how the halves of the operands are
 * dealt out to them. Each record also executes itself, so an engine that knows nothing of it treats it as wide.
 *
 * <p>{@code a} is the first operand, {@code b} the second; an immediate byte comes last, zero-extended. Operands narrower
 * than 64 bits are zero-extended when they come from memory or a general register and carry the whole low half when they come
 * from a vector register.
 */
public sealed interface SimdShape extends Shape.Wide {
  /** Mask of the low single of a half. */
  long LOW_SINGLE = 0xffffffffL;
  /** Mask of the high single of a half. */
  long HIGH_SINGLE = ~LOW_SINGLE;

  /** One half of the result from both halves of both operands. */
  interface Half extends Sem { long f(long al, long ah, long bl, long bh); }

  /** The same with an immediate byte. */
  interface HalfImm extends Sem { long f(long al, long ah, long bl, long bh, long imm); }

  /** Two singles to one. */
  interface F32 extends Sem { int f(int a, int b, FpEnv e); }

  /** Two doubles to one. */
  interface F64 extends Sem { long f(long a, long b, FpEnv e); }

  /** Two singles and an immediate byte to one. */
  interface F32Imm extends Sem { int f(int a, int b, int imm, FpEnv e); }

  /** Two doubles and an immediate byte to one. */
  interface F64Imm extends Sem { long f(long a, long b, int imm, FpEnv e); }

  /** {@link Half} with a floating-point environment. */
  interface FpHalf extends Sem { long f(long al, long ah, long bl, long bh, FpEnv e); }

  /** At most 64 bits from both halves of b. */
  interface FpOutput extends Sem { long f(long bl, long bh, FpEnv e); }

  /** {@code a = fn(a, b)} on each half of an XMM register, once on an MMX register. */
  record Lanes(Shape.LLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      Vec.store(c, in, fn.f(al, bl), Vec.isXmm(in, 0) ? fn.f(ah, bh) : 0);
    }
  }

  /** {@code a = fn(b)} on each half; the first operand is only written. */
  record Map(Shape.LL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      Vec.store(c, in, fn.f(bl), fn.f(bh));
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@code a = fn(a, n)} on each half, {@code n} being the immediate byte or the low 64 bits of {@code b}: shifts. */
  record Counted(Shape.LLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long n = Vec.fetch(c, in, 1);
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      Vec.store(c, in, fn.f(al, n), Vec.isXmm(in, 0) ? fn.f(ah, n) : 0);
    }
  }

  /** {@code a = low(a, b) : high(a, b)}, each half from all four halves. */
  record Halves(Half low, Half high) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      Vec.store(c, in, low.f(al, ah, bl, bh), high.f(al, ah, bl, bh));
    }
  }

  /** {@link Halves} with an immediate byte; the first operand may be an MMX register, then {@code high} does not count. */
  record HalvesImm(HalfImm low, HalfImm high) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      long imm = Vec.imm(in);
      Vec.store(c, in, low.f(al, ah, bl, bh, imm), high.f(al, ah, bl, bh, imm));
    }
  }

  /** {@code a = fn(b low, b high)} of at most 64 bits into memory, a general register or an MMX register. */
  record Out(Shape.LLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      Vec.store(c, in, fn.f(bl, bh), 0);
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@code a = fn(b low, b high, imm)} of at most 64 bits. */
  record OutImm(Shape.LLLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      Vec.store(c, in, fn.f(bl, bh, Vec.imm(in)), 0);
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@code a = fn(a low, a high) : fn(b low, b high)} in XMM registers, {@code a = fn(a, b)} in MMX registers: horizontal operations. */
  record Pairs(Shape.LLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      if (Vec.isXmm(in, 0)) {
        Vec.store(c, in, fn.f(al, ah), fn.f(bl, bh));
      } else {
        Vec.store(c, in, fn.f(al, bl), 0);
      }
    }
  }

  /** {@code a = fn(b low)}, zero-extended to the destination, which is only written. */
  record Load(Shape.LL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      Vec.store(c, in, fn.f(Vec.fetch(c, in, 1)), 0);
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@code a = fn(a, b, third)} on each half, the third operand being the fixed XMM0. */
  record Masked(Shape.LLLL fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      Vec.store(c, in, fn.f(al, bl, c.xmm[0]), fn.f(ah, bh, c.xmm[1]));
    }
  }

  /** {@code a = fn(a, b)} on the lowest single, the rest of {@code a} kept, or on all four. */
  record Singles(boolean packed, F32 fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      FpEnv e = Vec.begin(c);
      if (packed) {
        al = both(al, bl, e);
        ah = both(ah, bh, e);
      } else {
        al = al & HIGH_SINGLE | fn.f((int) al, (int) bl, e) & LOW_SINGLE;
      }
      Vec.end(c, e);
      Vec.store(c, in, al, ah);
    }

    private long both(long a, long b, FpEnv e) {
      return fn.f((int) a, (int) b, e) & LOW_SINGLE | (long) fn.f((int) (a >>> 32), (int) (b >>> 32), e) << 32;
    }
  }

  /** {@link Singles} with an immediate byte. */
  record SinglesImm(boolean packed, F32Imm fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      int imm = (int) Vec.imm(in);
      new Singles(packed, (a, b, e) -> fn.f(a, b, imm, e)).f(c, in);
    }
  }

  /** {@code a = fn(a, b)} on the low double, the high one kept, or on both. */
  record Doubles(boolean packed, F64 fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      FpEnv e = Vec.begin(c);
      al = fn.f(al, bl, e);
      ah = packed ? fn.f(ah, bh, e) : ah;
      Vec.end(c, e);
      Vec.store(c, in, al, ah);
    }
  }

  /** {@link Doubles} with an immediate byte. */
  record DoublesImm(boolean packed, F64Imm fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      int imm = (int) Vec.imm(in);
      new Doubles(packed, (a, b, e) -> fn.f(a, b, imm, e)).f(c, in);
    }
  }

  /** {@link Halves} with a floating-point environment. */
  record FpHalves(FpHalf low, FpHalf high) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      long al = Vec.fetch(c, in, 0);
      long ah = c.high;
      FpEnv e = Vec.begin(c);
      long rl = low.f(al, ah, bl, bh, e);
      long rh = high.f(al, ah, bl, bh, e);
      Vec.end(c, e);
      Vec.store(c, in, rl, rh);
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@link Out} with a floating-point environment. */
  record FpOut(FpOutput fn) implements SimdShape {
    @Override
    public void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      FpEnv e = Vec.begin(c);
      long r = fn.f(bl, bh, e);
      Vec.end(c, e);
      Vec.store(c, in, r, 0);
    }
  }
}
