package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.softfloat.F80;
import dev.trapline.vm.softfloat.F80Convert;
import dev.trapline.vm.softfloat.F80Parts;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.ArrayList;
import java.util.List;

/** FADD, FSUB, FMUL, FDIV with their reversed, popping and integer forms; FSQRT, FABS, FCHS, FRNDINT, FSCALE, FXTRACT, FPREM. */
final class X87Arithmetic {
  /** The operations in the order of ModRM.reg; 2 and 3 are the comparisons. */
  private static final int ADD = 0;
  private static final int MUL = 1;
  private static final int SUB = 4;
  private static final int SUBR = 5;
  private static final int DIV = 6;
  private static final int DIVR = 7;

  private static final String[] NAMES = {"add", "mul", "", "", "sub", "subr", "div", "divr"};

  static final List<Row> ROWS = rows();

  private X87Arithmetic() {}

  private static List<Row> rows() {
    var rows = new ArrayList<Row>();
    for (int op : new int[] {ADD, MUL, SUB, SUBR, DIV, DIVR}) {
      String name = "f" + NAMES[op];
      String spec = "SDM 2A F" + NAMES[op].toUpperCase(java.util.Locale.ROOT);
      // With ST(i) as the destination the encodings of subtraction and division are exchanged (SDM 2A FSUBR).
      int reversed = op >= SUB ? op ^ 1 : op;
      rows.add(x87("D8 /" + op, name, "Md").does((Cpu c, Insn in) -> single(c, in, op)).spec(spec));
      rows.add(x87("DC /" + op, name, "Mq").does((Cpu c, Insn in) -> dbl(c, in, op)).spec(spec));
      rows.add(x87("DA /" + op, "fi" + NAMES[op], "Md").does((Cpu c, Insn in) -> integer(c, in, op, 32)).spec(spec));
      rows.add(x87("DE /" + op, "fi" + NAMES[op], "Mw").does((Cpu c, Insn in) -> integer(c, in, op, 16)).spec(spec));
      rows.add(x87("D8 /" + op, name, "ST0,STi").does((Cpu c, Insn in) -> register(c, in, op, false)).spec(spec));
      rows.add(x87("DC /" + reversed, name, "STi,ST0").does((Cpu c, Insn in) -> register(c, in, op, false)).spec(spec));
      rows.add(x87("DE /" + reversed, name + "p", "STi,ST0").does((Cpu c, Insn in) -> register(c, in, op, true)).spec(spec));
    }
    rows.addAll(List.of(
        x87("D9 E0", "fchs", "").does(X87Arithmetic::fchs).spec("SDM 2A FCHS"),
        x87("D9 E1", "fabs", "").does(X87Arithmetic::fabs).spec("SDM 2A FABS"),
        x87("D9 FA", "fsqrt", "").does(X87Arithmetic::fsqrt).spec("SDM 2A FSQRT"),
        x87("D9 FC", "frndint", "").does(X87Arithmetic::frndint).spec("SDM 2A FRNDINT"),
        x87("D9 FD", "fscale", "").does(X87Arithmetic::fscale).spec("SDM 2A FSCALE"),
        x87("D9 F4", "fxtract", "").does(X87Arithmetic::fxtract).spec("SDM 2A FXTRACT"),
        x87("D9 F8", "fprem", "").does((Cpu c, Insn in) -> remainder(c, in, false)).spec("SDM 2A FPREM"),
        x87("D9 F5", "fprem1", "").does((Cpu c, Insn in) -> remainder(c, in, true)).spec("SDM 2A FPREM1")));
    return List.copyOf(rows);
  }

  /** Starts a row of the x87. */
  static Def x87(String encoding, String mnemonic, String operands) {
    return row(encoding, mnemonic, operands).feature(Feature.X87);
  }

  /** Starts an undocumented alias. */
  static Def alias(String encoding, String mnemonic, String operands) {
    return x87(encoding, mnemonic, operands).with(Attr.ALIAS);
  }

  /** {@code a op b}. */
  private static void compute(int op, int ase, long as, int bse, long bs, FpEnv e) {
    switch (op) {
      case ADD -> F80.add(ase, as, bse, bs, e);
      case MUL -> F80.mul(ase, as, bse, bs, e);
      case SUB -> F80.sub(ase, as, bse, bs, e);
      case SUBR -> F80.sub(bse, bs, ase, as, e);
      case DIV -> F80.div(ase, as, bse, bs, e);
      default -> F80.div(bse, bs, ase, as, e);
    }
  }

  private static void register(Cpu c, Insn in, int op, boolean pop) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int a = f.physical(X87Stack.st(in, 0));
    int b = f.physical(X87Stack.st(in, 1));
    boolean store;
    if ((f.valid >> a & f.valid >> b & 1) == 0) {
      store = underflow(c, f);
    } else {
      compute(op, f.signExp[a], f.sig[a], f.signExp[b], f.sig[b], f.env);
      store = X87Stack.finish(c, f);
    }
    if (store) {
      X87Stack.setResult(f, a);
      if (pop) {
        X87Stack.pop(f);
      }
    }
  }

  /** Stack underflow: the masked response is the indefinite as result. */
  private static boolean underflow(Cpu c, X87 f) {
    f.env.signExp = F80.INDEFINITE_EXP;
    f.env.sig = F80.INDEFINITE_SIG;
    return X87Stack.stackFault(c, f, false);
  }

  private static void single(Cpu c, Insn in, int op) {
    X87 f = X87Stack.begin(c);
    int v = (int) X87Stack.load(c, f, in, 32);
    f.env.wideDenormal = F80Convert.isDenormal32(v);
    memory(c, f, op, F80Convert.signExp32(v), F80Convert.sig32(v));
  }

  private static void dbl(Cpu c, Insn in, int op) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, 64);
    f.env.wideDenormal = F80Convert.isDenormal64(v);
    memory(c, f, op, F80Convert.signExp64(v), F80Convert.sig64(v));
  }

  private static void integer(Cpu c, Insn in, int op, int bits) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, bits) << 64 - bits >> 64 - bits;
    memory(c, f, op, F80Convert.signExpOf(v), F80Convert.sigOf(v));
  }

  private static void memory(Cpu c, X87 f, int op, int bse, long bs) {
    int a = f.top;
    boolean store;
    if ((f.valid >> a & 1) == 0) {
      store = underflow(c, f);
    } else {
      compute(op, f.signExp[a], f.sig[a], bse, bs, f.env);
      store = X87Stack.finish(c, f);
    }
    if (store) {
      X87Stack.setResult(f, a);
    }
  }

  // ---- on ST(0) alone

  /** ST(0)'s physical number, or -1 after the response to an empty one. */
  static int top(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    if (!f.empty(0)) {
      return f.top;
    }
    if (X87Stack.stackFault(c, f, false)) {
      X87Stack.setIndefinite(f, f.top);
    }
    return -1;
  }

  /** Stores the environment's result into ST(0) unless an unmasked exception forbids it. */
  static void result(Cpu c) {
    X87 f = c.x87;
    if (X87Stack.finish(c, f)) {
      X87Stack.setResult(f, f.top);
    }
  }

  private static void fchs(Cpu c, Insn in) {
    int t = top(c, in);
    if (t >= 0) {
      c.x87.signExp[t] ^= 0x8000;
    }
  }

  private static void fabs(Cpu c, Insn in) {
    int t = top(c, in);
    if (t >= 0) {
      c.x87.signExp[t] &= 0x7fff;
    }
  }

  private static void fsqrt(Cpu c, Insn in) {
    int t = top(c, in);
    if (t >= 0) {
      F80.sqrt(c.x87.signExp[t], c.x87.sig[t], c.x87.env);
      result(c);
    }
  }

  private static void frndint(Cpu c, Insn in) {
    int t = top(c, in);
    if (t >= 0) {
      F80Parts.roundToInt(c.x87.signExp[t], c.x87.sig[t], c.x87.env);
      result(c);
    }
  }

  /** Whether ST(0) and ST(1) are there; if not, the indefinite replaces ST(0) when that is masked. */
  private static boolean two(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    if (!f.empty(0) && !f.empty(1)) {
      return true;
    }
    if (X87Stack.stackFault(c, f, false)) {
      X87Stack.setIndefinite(f, f.top);
    }
    return false;
  }

  private static void fscale(Cpu c, Insn in) {
    X87 f = c.x87;
    if (two(c, in)) {
      int a = f.top;
      int b = f.physical(1);
      F80Parts.scale(f.signExp[a], f.sig[a], f.signExp[b], f.sig[b], f.env);
      result(c);
    }
  }

  private static void remainder(Cpu c, Insn in, boolean nearest) {
    X87 f = c.x87;
    boolean ready = two(c, in);
    f.status &= ~X87.C2;
    if (!ready) {
      return;
    }
    int a = f.top;
    int b = f.physical(1);
    F80Parts.remainder(f.signExp[a], f.sig[a], f.signExp[b], f.sig[b], nearest, f.env);
    if (X87Stack.finish(c, f)) {
      X87Stack.setResult(f, a);
      quotient(f, f.env.quotient);
    }
  }

  /** C0, C3, C1 are bits 2, 1, 0 of the quotient; C2 says that the reduction is incomplete. */
  private static void quotient(X87 f, int q) {
    if (q == FpEnv.NO_QUOTIENT) {
      return;
    }
    f.status &= ~(X87.C0 | X87.C1 | X87.C3);
    f.status |= q == FpEnv.INCOMPLETE ? X87.C2 : (q & 4) << 6 | (q & 2) << 13 | (q & 1) << 9;
  }

  private static void fxtract(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    if (f.empty(0)) {
      pushTwoIndefinites(c, f, false);
    } else if (!f.empty(7)) {
      pushTwoIndefinites(c, f, true);
    } else {
      extract(c, f);
    }
  }

  /** The masked response of instructions that replace ST(0) and push: both results indefinite. */
  static void pushTwoIndefinites(Cpu c, X87 f, boolean overflow) {
    if (X87Stack.stackFault(c, f, overflow)) {
      X87Stack.setIndefinite(f, f.top);
      X87Stack.push(f, F80.INDEFINITE_EXP, F80.INDEFINITE_SIG);
    }
  }

  private static void extract(Cpu c, X87 f) {
    FpEnv e = f.env;
    int exponent = F80Parts.extract(f.signExp[f.top], f.sig[f.top], e);
    if (!X87Stack.finish(c, f)) {
      return;
    }
    int signExp = e.signExp;
    long sig = e.sig;
    switch (exponent) {
      case F80Parts.EXPONENT_NAN -> X87Stack.set(f, f.top, signExp, sig);
      case F80Parts.EXPONENT_INF -> X87Stack.set(f, f.top, 0x7fff, Long.MIN_VALUE);
      case F80Parts.EXPONENT_NEGATIVE_INF -> X87Stack.set(f, f.top, 0xffff, Long.MIN_VALUE);
      default -> X87Stack.set(f, f.top, F80Convert.signExpOf(exponent), F80Convert.sigOf(exponent));
    }
    X87Stack.push(f, signExp, sig);
  }
}
