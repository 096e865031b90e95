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
 * {@code a} and {@code b} are the operands (zero-extended to the width; for a one-operand row {@code b} is 0),
 * {@code r} is the raw result (bits above the width are garbage), {@code w} the width in bits, {@code res0/aux0} the
 * flag words before.
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
  };

  /** Flags written, as RFLAGS bits. */
  public final int written;
  /** Flags written with an undefined value, a subset of {@link #written}. */
  public final int undefined;

  FlagRule(int written, int undefined) {
    this.written = written;
    this.undefined = undefined;
  }

  /** The new {@code aux} word. */
  public abstract long aux(long a, long b, long r, int w, long aux0);

  /** The new {@code res} word: by default the sign-extended result. */
  public long res(long a, long b, long r, int w, long res0) {
    return Flags.sext(r, w);
  }
}
