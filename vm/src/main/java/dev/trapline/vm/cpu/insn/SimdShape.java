package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Sem;
import dev.trapline.vm.softfloat.FpEnv;

/**
 * Shapes of vector semantics: pure functions on 64-bit halves, with a record that says how the halves of the operands are
 * dealt out to them. A record also executes itself: an engine that knows nothing of it treats it as wide; one that knows where the
 * operands are calls {@link ToXmm#xmm} or {@link Value#value} with their values.
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

  /** A result in an XMM register; some do MMX registers and memory as well. */
  sealed interface ToXmm extends SimdShape {
    /**
     * Executes with an XMM register as first operand.
     *
     * @param a number of that register
     * @param bl second operand, zero-extended
     * @param bh its high half; zero unless it has 128 bits
     * @param imm the immediate byte, or anything if there is none
     */
    void xmm(Cpu c, int a, long bl, long bh, long imm);

    /** Executes with an MMX register or memory as first operand. */
    default void other(Cpu c, Insn in, long bl, long bh) {
      throw new IllegalStateException(in.row + " has an XMM destination");
    }

    @Override
    default void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      if (in.op(0) instanceof Operand.Reg(RegFile file, int index) && file == RegFile.XMM) {
        Vec.leaveMmx(c, in, 1); // even if a conversion then raises #XM (silicon vectors)
        xmm(c, index, bl, bh, Vec.imm(in));
      } else {
        other(c, in, bl, bh);
        Vec.leaveMmx(c, in, 1);
      }
    }
  }

  /** A result of at most 64 bits for memory, a general register or an MMX register. */
  sealed interface Value extends SimdShape {
    /** The result from both halves of the second operand and the immediate byte. */
    long value(Cpu c, long bl, long bh, long imm);

    @Override
    default void f(Cpu c, Insn in) {
      long bl = Vec.fetch(c, in, 1);
      long bh = c.high;
      Vec.leaveMmx(c, in, 0); // even if a conversion then raises #XM (silicon vectors)
      Vec.store(c, in, value(c, bl, bh, Vec.imm(in)), 0);
      Vec.leaveMmx(c, in, 1);
    }
  }

  /** {@code a = fn(a, b)} on each half of an XMM register, once on an MMX register. */
  record Lanes(Shape.LLL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long[] x = c.xmm;
      x[2 * a] = fn.f(x[2 * a], bl);
      x[2 * a + 1] = fn.f(x[2 * a + 1], bh);
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, fn.f(Vec.fetch(c, in, 0), bl), 0);
    }
  }

  /** {@code a = fn(b)} on each half; the first operand is only written. */
  record Map(Shape.LL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      Vec.xmm(c, a, fn.f(bl), fn.f(bh));
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, fn.f(bl), fn.f(bh));
    }

    /** Executes with 16 bytes of memory as first operand. */
    public void memory(Cpu c, long linear, long bl, long bh) {
      c.mem.write128(linear, fn.f(bl), fn.f(bh));
    }
  }

  /** {@code a = fn(a, n)} on each half, {@code n} being the immediate byte or the low 64 bits of {@code b}: shifts. */
  record Counted(Shape.LLL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long[] x = c.xmm;
      x[2 * a] = fn.f(x[2 * a], bl);
      x[2 * a + 1] = fn.f(x[2 * a + 1], bl);
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, fn.f(Vec.fetch(c, in, 0), bl), 0);
    }
  }

  /** {@code a = low(a, b) : high(a, b)}, each half from all four halves. */
  record Halves(Half low, Half high) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long al = c.xmm[2 * a];
      long ah = c.xmm[2 * a + 1];
      Vec.xmm(c, a, low.f(al, ah, bl, bh), high.f(al, ah, bl, bh));
    }
  }

  /** {@link Halves} with an immediate byte; of an MMX register {@code low} is the whole. */
  record HalvesImm(HalfImm low, HalfImm high) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long al = c.xmm[2 * a];
      long ah = c.xmm[2 * a + 1];
      Vec.xmm(c, a, low.f(al, ah, bl, bh, imm), high.f(al, ah, bl, bh, imm));
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, low.f(Vec.fetch(c, in, 0), 0, bl, bh, Vec.imm(in)), 0);
    }
  }

  /** {@code a = fn(a low, a high) : fn(b low, b high)} in XMM registers, {@code a = fn(a, b)} in MMX registers: horizontal operations. */
  record Pairs(Shape.LLL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      Vec.xmm(c, a, fn.f(c.xmm[2 * a], c.xmm[2 * a + 1]), fn.f(bl, bh));
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, fn.f(Vec.fetch(c, in, 0), bl), 0);
    }
  }

  /** {@code a = fn(b low)}, zero-extended to the destination, which is only written. */
  record Load(Shape.LL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      Vec.xmm(c, a, fn.f(bl), 0);
    }

    @Override
    public void other(Cpu c, Insn in, long bl, long bh) {
      Vec.store(c, in, fn.f(bl), 0);
    }
  }

  /** {@code a = fn(a, b, third)} on each half, the third operand being the fixed XMM0. */
  record Masked(Shape.LLLL fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long low = fn.f(c.xmm[2 * a], bl, c.xmm[0]);
      Vec.xmm(c, a, low, fn.f(c.xmm[2 * a + 1], bh, c.xmm[1]));
    }
  }

  /** {@code a = fn(b low, b high)} of at most 64 bits into memory, a general register or an MMX register. */
  record Out(Shape.LLL fn) implements Value {
    @Override
    public long value(Cpu c, long bl, long bh, long imm) {
      return fn.f(bl, bh);
    }
  }

  /** {@code a = fn(b low, b high, imm)} of at most 64 bits. */
  record OutImm(Shape.LLLL fn) implements Value {
    @Override
    public long value(Cpu c, long bl, long bh, long imm) {
      return fn.f(bl, bh, imm);
    }
  }

  /** {@code a = fn(a, b)} on the lowest single, the rest of {@code a} kept, or on all four. */
  record Singles(boolean packed, F32 fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long al = c.xmm[2 * a];
      long ah = c.xmm[2 * a + 1];
      FpEnv e = Vec.begin(c);
      if (packed) {
        al = both(al, bl, e);
        ah = both(ah, bh, e);
      } else {
        al = al & HIGH_SINGLE | fn.f((int) al, (int) bl, e) & LOW_SINGLE;
      }
      Vec.end(c, e);
      Vec.xmm(c, a, al, ah);
    }

    private long both(long a, long b, FpEnv e) {
      return fn.f((int) a, (int) b, e) & LOW_SINGLE | (long) fn.f((int) (a >>> 32), (int) (b >>> 32), e) << 32;
    }
  }

  /** {@link Singles} with an immediate byte. */
  record SinglesImm(boolean packed, F32Imm fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      new Singles(packed, (x, y, e) -> fn.f(x, y, (int) imm, e)).xmm(c, a, bl, bh, imm);
    }
  }

  /** {@code a = fn(a, b)} on the low double, the high one kept, or on both. */
  record Doubles(boolean packed, F64 fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long ah = c.xmm[2 * a + 1];
      FpEnv e = Vec.begin(c);
      long low = fn.f(c.xmm[2 * a], bl, e);
      long high = packed ? fn.f(ah, bh, e) : ah;
      Vec.end(c, e);
      Vec.xmm(c, a, low, high);
    }
  }

  /** {@link Doubles} with an immediate byte. */
  record DoublesImm(boolean packed, F64Imm fn) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      new Doubles(packed, (x, y, e) -> fn.f(x, y, (int) imm, e)).xmm(c, a, bl, bh, imm);
    }
  }

  /** {@link Halves} with a floating-point environment. */
  record FpHalves(FpHalf low, FpHalf high) implements ToXmm {
    @Override
    public void xmm(Cpu c, int a, long bl, long bh, long imm) {
      long al = c.xmm[2 * a];
      long ah = c.xmm[2 * a + 1];
      FpEnv e = Vec.begin(c);
      long rl = low.f(al, ah, bl, bh, e);
      long rh = high.f(al, ah, bl, bh, e);
      Vec.end(c, e);
      Vec.xmm(c, a, rl, rh);
    }
  }

  /** {@link Out} with a floating-point environment. */
  record FpOut(FpOutput fn) implements Value {
    @Override
    public long value(Cpu c, long bl, long bh, long imm) {
      FpEnv e = Vec.begin(c);
      long r = fn.f(bl, bh, e);
      Vec.end(c, e);
      return r;
    }
  }
}
