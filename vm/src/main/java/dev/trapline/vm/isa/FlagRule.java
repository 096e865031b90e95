package dev.trapline.vm.isa;

import static dev.trapline.vm.isa.Flags.AF;
import static dev.trapline.vm.isa.Flags.CF;
import static dev.trapline.vm.isa.Flags.OF;
import static dev.trapline.vm.isa.Flags.OSZAPC;
import static dev.trapline.vm.isa.Flags.PF;
import static dev.trapline.vm.isa.Flags.SF;
import static dev.trapline.vm.isa.Flags.ZF;

/**
 * How a row's arithmetic flags follow from its operands and result. Engines apply a rule after the row's function:
 * {@code a} and {@code b} are the function's first two operand values (zero-extended to the width; for a one-operand row
 * {@code b} is 0), {@code r} is the raw result (bits above the width are garbage), {@code w} the width in bits, {@code
 * res0/aux0} the flag words before.
 *
 * <p>Undefined flags get the value an AMD processor gives them (measured on family 19h), so that a run on silicon and one
 * here agree as far as possible.
 */
public enum FlagRule {
  /** Leaves the flags alone. */
  NONE(0, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return aux0;
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** The semantics set the flags themselves; written and undefined sets are stated by the row. */
  SELF(OSZAPC, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return aux0;
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** ADD, ADC, XADD: the carry vector follows from operands and sum, with or without carry-in. */
  ADD(OSZAPC, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return Flags.carries(a & b | (a | b) & ~r, w);
    }
  },
  /** SUB, SBB, CMP, CMPXCHG, SCAS, CMPS. */
  SUB(OSZAPC, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return Flags.carries(~a & b | (~a | b) & r, w);
    }
  },
  INC(OF | SF | ZF | AF | PF, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      long added = Flags.carries(a & 1 | (a | 1) & ~r, w);
      return Flags.withCarryOverflow(added, Flags.cf(aux0), Flags.of(added));
    }
  },
  DEC(OF | SF | ZF | AF | PF, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      long subtracted = Flags.carries(~a & 1 | (~a | 1) & r, w);
      return Flags.withCarryOverflow(subtracted, Flags.cf(aux0), Flags.of(subtracted));
    }
  },
  NEG(OSZAPC, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return Flags.carries(a | r, w);
    }
  },
  /** AND, OR, XOR, TEST: CF and OF cleared, AF undefined (cleared). */
  LOGIC(OSZAPC, AF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return 0;
    }
  },
  /** SHL. A masked count of 0 changes nothing; OF is defined for a count of 1 only, CF for counts up to the width. */
  SHL(OSZAPC, OF | AF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      int n = count(b, w);
      if (n == 0) {
        return aux0;
      }
      boolean carry = n <= w && bit(a, w - n);
      return Flags.withAdjust(Flags.carryOverflow(carry, bit(r, w - 1) != carry));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return count(b, w) == 0 ? res0 : Flags.sext(r, w);
    }
  },
  /** SHR: OF is the old sign bit for a count of 1. */
  SHR(OSZAPC, OF | AF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      int n = count(b, w);
      if (n == 0) {
        return aux0;
      }
      return Flags.withAdjust(Flags.carryOverflow(bit(a, n - 1), bit(r, w - 1) != bit(r, w - 2)));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return count(b, w) == 0 ? res0 : Flags.sext(r, w);
    }
  },
  SAR(OSZAPC, OF | AF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      int n = count(b, w);
      return n == 0 ? aux0 : Flags.withAdjust(Flags.carryOverflow(bit(Flags.sext(a, w), n - 1), false));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return count(b, w) == 0 ? res0 : Flags.sext(r, w);
    }
  },
  /** ROL: CF and OF only. A count that is a multiple of the width still sets CF. */
  ROL(CF | OF, OF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return count(b, w) == 0 ? aux0 : Flags.withCarryOverflow(aux0, bit(r, 0), bit(r, w - 1) != bit(r, 0));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  ROR(CF | OF, OF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return count(b, w) == 0 ? aux0 : Flags.withCarryOverflow(aux0, bit(r, w - 1), bit(r, w - 1) != bit(r, w - 2));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** RCL: a rotation of width + 1 bits, so counts are taken modulo 9, 17, 33 or 65 after masking. */
  RCL(CF | OF, OF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      int n = count(b, w);
      if (n == 0) {
        return aux0;
      }
      n %= w + 1;
      boolean carry = n == 0 ? Flags.cf(aux0) : bit(a, w - n);
      return Flags.withCarryOverflow(aux0, carry, bit(r, w - 1) != carry);
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  RCR(CF | OF, OF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      int n = count(b, w);
      if (n == 0) {
        return aux0;
      }
      n %= w + 1;
      boolean carry = n == 0 ? Flags.cf(aux0) : bit(a, n - 1);
      return Flags.withCarryOverflow(aux0, carry, bit(r, w - 1) != bit(r, w - 2));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** Two- and three-operand IMUL: CF = OF = the product does not fit; the others are undefined (left alone). */
  IMUL(OSZAPC, SF | ZF | AF | PF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      long x = Flags.sext(a, w);
      long y = Flags.sext(b, w);
      boolean over = w == 64 ? Math.multiplyHigh(x, y) != r >> 63 : x * y != Flags.sext(r, w);
      return Flags.withCarryOverflow(aux0, over, over);
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** BT, BTS, BTR, BTC: CF = bit {@code b} of {@code a}; ZF is kept, the others are undefined (left alone). */
  BT(CF | OF | SF | AF | PF, OF | SF | AF | PF) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      boolean carry = bit(a, (int) b & w - 1);
      return Flags.cf(aux0) == carry ? aux0 : Flags.withCarryOverflow(aux0, carry, Flags.of(aux0));
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return res0;
    }
  },
  /** POPCNT: ZF follows the source, the others are cleared. */
  POPCNT(OSZAPC, 0) {
    @Override
    public long aux(long a, long b, long r, int w, long aux0) {
      return Flags.unpackAux(Flags.sext(r, w) == 0 ? ZF : 0);
    }

    @Override
    public long res(long a, long b, long r, int w, long res0) {
      return Flags.unpackRes(Flags.sext(r, w) == 0 ? ZF : 0);
    }
  };

  /** Flags written, as RFLAGS bits. */
  public final int written;
  /** Flags written with an undefined value, a subset of {@link #written}. */
  public final int undefined;

  FlagRule(int written, int undefined) {
    this.written = written;
    this.undefined = undefined;
  }

  /** A shift count as the processor masks it: five bits, six for 64-bit operands. */
  static int count(long b, int w) {
    return (int) b & (w == 64 ? 63 : 31);
  }

  private static boolean bit(long v, int i) {
    return (v >>> i & 1) != 0;
  }

  /** The new {@code aux} word. */
  public abstract long aux(long a, long b, long r, int w, long aux0);

  /** The new {@code res} word: by default the sign-extended result. */
  public long res(long a, long b, long r, int w, long res0) {
    return Flags.sext(r, w);
  }
}
