package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.X87Arithmetic.alias;
import static dev.trapline.vm.cpu.insn.X87Arithmetic.x87;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.softfloat.F80;
import dev.trapline.vm.softfloat.F80Convert;
import dev.trapline.vm.softfloat.SoftFloat;
import java.util.List;

/** FCOM, FUCOM, FICOM, FCOMI, FUCOMI with their popping forms, FTST, FXAM. */
final class X87Compare {
  private static final int CODES = X87.C0 | X87.C2 | X87.C3;
  /** Which comparisons a quiet NaN makes invalid. */
  private static final boolean ORDERED = true;
  private static final boolean UNORDERED = false;

  static final List<Row> ROWS = List.of(
      x87("D8 /2", "fcom", "Md").does((Cpu c, Insn in) -> single(c, in, 0)).spec("SDM 2A FCOM"),
      x87("D8 /3", "fcomp", "Md").does((Cpu c, Insn in) -> single(c, in, 1)).spec("SDM 2A FCOM"),
      x87("DC /2", "fcom", "Mq").does((Cpu c, Insn in) -> dbl(c, in, 0)).spec("SDM 2A FCOM"),
      x87("DC /3", "fcomp", "Mq").does((Cpu c, Insn in) -> dbl(c, in, 1)).spec("SDM 2A FCOM"),
      x87("DE /2", "ficom", "Mw").does((Cpu c, Insn in) -> integer(c, in, 16, 0)).spec("SDM 2A FICOM"),
      x87("DE /3", "ficomp", "Mw").does((Cpu c, Insn in) -> integer(c, in, 16, 1)).spec("SDM 2A FICOM"),
      x87("DA /2", "ficom", "Md").does((Cpu c, Insn in) -> integer(c, in, 32, 0)).spec("SDM 2A FICOM"),
      x87("DA /3", "ficomp", "Md").does((Cpu c, Insn in) -> integer(c, in, 32, 1)).spec("SDM 2A FICOM"),
      x87("D8 /2", "fcom", "STi").does((Cpu c, Insn in) -> register(c, in, ORDERED, 0)).spec("SDM 2A FCOM"),
      x87("D8 /3", "fcomp", "STi").does((Cpu c, Insn in) -> register(c, in, ORDERED, 1)).spec("SDM 2A FCOM"),
      alias("DC /2", "fcom", "STi").does((Cpu c, Insn in) -> register(c, in, ORDERED, 0)).spec("APM5 FCOM"),
      alias("DC /3", "fcomp", "STi").does((Cpu c, Insn in) -> register(c, in, ORDERED, 1)).spec("APM5 FCOM"),
      alias("DE /2", "fcomp", "STi").does((Cpu c, Insn in) -> register(c, in, ORDERED, 1)).spec("APM5 FCOM"),
      x87("DE D9", "fcompp", "").does((Cpu c, Insn in) -> compare(c, in, 1, ORDERED, 2)).spec("SDM 2A FCOM"),
      x87("DD /4", "fucom", "STi").does((Cpu c, Insn in) -> register(c, in, UNORDERED, 0)).spec("SDM 2A FUCOM"),
      x87("DD /5", "fucomp", "STi").does((Cpu c, Insn in) -> register(c, in, UNORDERED, 1)).spec("SDM 2A FUCOM"),
      x87("DA E9", "fucompp", "").does((Cpu c, Insn in) -> compare(c, in, 1, UNORDERED, 2)).spec("SDM 2A FUCOM"),
      x87("DB /6", "fcomi", "ST0,STi").flags(FlagRule.SELF)
          .does((Cpu c, Insn in) -> toFlags(c, in, ORDERED, false)).spec("SDM 2A FCOMI"),
      x87("DF /6", "fcomip", "ST0,STi").flags(FlagRule.SELF)
          .does((Cpu c, Insn in) -> toFlags(c, in, ORDERED, true)).spec("SDM 2A FCOMI"),
      x87("DB /5", "fucomi", "ST0,STi").flags(FlagRule.SELF)
          .does((Cpu c, Insn in) -> toFlags(c, in, UNORDERED, false)).spec("SDM 2A FCOMI"),
      x87("DF /5", "fucomip", "ST0,STi").flags(FlagRule.SELF)
          .does((Cpu c, Insn in) -> toFlags(c, in, UNORDERED, true)).spec("SDM 2A FCOMI"),
      x87("D9 E4", "ftst", "").does(X87Compare::ftst).spec("SDM 2A FTST"),
      x87("D9 E5", "fxam", "").does(X87Compare::fxam).spec("SDM 2A FXAM"));

  private X87Compare() {}

  private static void single(Cpu c, Insn in, int pops) {
    X87 f = X87Stack.begin(c);
    int v = (int) X87Stack.load(c, f, in, 32);
    f.env.wideDenormal = F80Convert.isDenormal32(v);
    against(c, f, F80Convert.signExp32(v), F80Convert.sig32(v), pops);
  }

  private static void dbl(Cpu c, Insn in, int pops) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, 64);
    f.env.wideDenormal = F80Convert.isDenormal64(v);
    against(c, f, F80Convert.signExp64(v), F80Convert.sig64(v), pops);
  }

  private static void integer(Cpu c, Insn in, int bits, int pops) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, bits) << 64 - bits >> 64 - bits;
    against(c, f, F80Convert.signExpOf(v), F80Convert.sigOf(v), pops);
  }

  private static void against(Cpu c, X87 f, int bse, long bs, int pops) {
    if (f.empty(0)) {
      underflow(c, f, pops);
    } else {
      settle(c, f, F80.compare(f.signExp[f.top], f.sig[f.top], bse, bs, ORDERED, f.env), pops);
    }
  }

  private static void register(Cpu c, Insn in, boolean signalling, int pops) {
    compare(c, in, X87Stack.st(in, 0), signalling, pops);
  }

  private static void compare(Cpu c, Insn in, int i, boolean signalling, int pops) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int b = f.physical(i);
    if ((f.valid >> f.top & f.valid >> b & 1) == 0) {
      underflow(c, f, pops);
    } else {
      settle(c, f, F80.compare(f.signExp[f.top], f.sig[f.top], f.signExp[b], f.sig[b], signalling, f.env), pops);
    }
  }

  private static void underflow(Cpu c, X87 f, int pops) {
    boolean masked = X87Stack.stackFault(c, f, false);
    codes(f, SoftFloat.UNORDERED);
    if (masked) {
      pop(f, pops);
    }
  }

  private static void settle(Cpu c, X87 f, int order, int pops) {
    boolean done = X87Stack.finish(c, f);
    codes(f, order);
    if (done) {
      pop(f, pops);
    }
  }

  private static void pop(X87 f, int pops) {
    for (int i = 0; i < pops; i++) {
      X87Stack.pop(f);
    }
  }

  private static void codes(X87 f, int order) {
    f.status = f.status & ~CODES | switch (order) {
      case SoftFloat.LESS -> X87.C0;
      case SoftFloat.EQUAL -> X87.C3;
      case SoftFloat.GREATER -> 0;
      default -> CODES;
    };
  }

  private static void toFlags(Cpu c, Insn in, boolean signalling, boolean pop) {
    X87 f = X87Stack.begin(c);
    X87Stack.recordKeepingC1(c, f, in);
    int b = f.physical(X87Stack.st(in, 1));
    int order = SoftFloat.UNORDERED;
    boolean done;
    if ((f.valid >> f.top & f.valid >> b & 1) == 0) {
      done = X87Stack.stackFault(c, f, false);
    } else {
      order = F80.compare(f.signExp[f.top], f.sig[f.top], f.signExp[b], f.sig[b], signalling, f.env);
      done = X87Stack.finish(c, f);
    }
    c.arithmeticFlags(rflags(order)); // even when an unmasked exception keeps the stack as it is
    if (done && pop) {
      X87Stack.pop(f);
    }
  }

  private static int rflags(int order) {
    return switch (order) {
      case SoftFloat.LESS -> Flags.CF;
      case SoftFloat.EQUAL -> Flags.ZF;
      case SoftFloat.GREATER -> 0;
      default -> Flags.ZF | Flags.PF | Flags.CF;
    };
  }

  private static void ftst(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    against(c, f, 0, 0, 0);
  }

  private static void fxam(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    f.status &= ~CODES;
    f.status |= category(f) | ((f.signExp[f.top] & 0x8000) != 0 ? X87.C1 : 0);
  }

  /** C3, C2, C0 (SDM 2A FXAM). */
  private static int category(X87 f) {
    int se = f.signExp[f.top];
    long sig = f.sig[f.top];
    if (f.empty(0)) {
      return X87.C3 | X87.C0;
    }
    if (F80.isUnsupported(se, sig)) {
      return 0;
    }
    if (F80.isNaN(se, sig)) {
      return X87.C0;
    }
    if (F80.isInfinite(se, sig)) {
      return X87.C2 | X87.C0;
    }
    if (F80.isZero(se, sig)) {
      return X87.C3;
    }
    return F80.isDenormal(se, sig) ? X87.C3 | X87.C2 : X87.C2;
  }
}
