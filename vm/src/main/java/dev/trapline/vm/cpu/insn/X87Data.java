package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.X87Arithmetic.alias;
import static dev.trapline.vm.cpu.insn.X87Arithmetic.x87;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.Cond;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.softfloat.F80;
import dev.trapline.vm.softfloat.F80Convert;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.ArrayList;
import java.util.List;

/** FLD, FST, FSTP, FILD, FIST, FISTP, FISTTP, FBLD, FBSTP, FXCH, FCMOVcc and the constants. */
final class X87Data {
  static final List<Row> ROWS = rows();

  private X87Data() {}

  private static List<Row> rows() {
    var rows = new ArrayList<Row>();
    rows.addAll(loads());
    rows.addAll(stores());
    constant(rows, 0xE8, "fld1", new Constant(0x3fff, 0x8000000000000000L, 0));
    constant(rows, 0xE9, "fldl2t", new Constant(0x4000, 0xd49a784bcd1b8afeL, 1));
    constant(rows, 0xEA, "fldl2e", new Constant(0x3fff, 0xb8aa3b295c17f0bbL, 3));
    constant(rows, 0xEB, "fldpi", new Constant(0x4000, 0xc90fdaa22168c234L, 3));
    constant(rows, 0xEC, "fldlg2", new Constant(0x3ffd, 0x9a209a84fbcff798L, 3));
    constant(rows, 0xED, "fldln2", new Constant(0x3ffe, 0xb17217f7d1cf79abL, 3));
    constant(rows, 0xEE, "fldz", new Constant(0, 0, 0));
    moves(rows);
    return List.copyOf(rows);
  }

  private static List<Row> loads() {
    return List.of(
        x87("D9 /0", "fld", "Md").does(X87Data::fld32).spec("SDM 2A FLD"),
        x87("DD /0", "fld", "Mq").does(X87Data::fld64).spec("SDM 2A FLD"),
        x87("DB /5", "fld", "Mt").does(X87Data::fld80).spec("SDM 2A FLD"),
        x87("D9 /0", "fld", "STi").does(X87Data::fldRegister).spec("SDM 2A FLD"),
        x87("DF /0", "fild", "Mw").does((Cpu c, Insn in) -> fild(c, in, 16)).spec("SDM 2A FILD"),
        x87("DB /0", "fild", "Md").does((Cpu c, Insn in) -> fild(c, in, 32)).spec("SDM 2A FILD"),
        x87("DF /5", "fild", "Mq").does((Cpu c, Insn in) -> fild(c, in, 64)).spec("SDM 2A FILD"),
        x87("DF /4", "fbld", "Mt").does(X87Data::fbld).spec("SDM 2A FBLD"));
  }

  private static List<Row> stores() {
    return List.of(
        x87("D9 /2", "fst", "Md").does((Cpu c, Insn in) -> fst32(c, in, false)).spec("SDM 2A FST"),
        x87("D9 /3", "fstp", "Md").does((Cpu c, Insn in) -> fst32(c, in, true)).spec("SDM 2A FST"),
        x87("DD /2", "fst", "Mq").does((Cpu c, Insn in) -> fst64(c, in, false)).spec("SDM 2A FST"),
        x87("DD /3", "fstp", "Mq").does((Cpu c, Insn in) -> fst64(c, in, true)).spec("SDM 2A FST"),
        x87("DB /7", "fstp", "Mt").does(X87Data::fstp80).spec("SDM 2A FST"),
        x87("DD /2", "fst", "STi").does((Cpu c, Insn in) -> fstRegister(c, in, false)).spec("SDM 2A FST"),
        x87("DD /3", "fstp", "STi").does((Cpu c, Insn in) -> fstRegister(c, in, true)).spec("SDM 2A FST"),
        alias("D9 /3", "fstp", "STi").does(X87Data::fstp1).spec("APM5 FSTP"),
        alias("DF /2", "fstp", "STi").does((Cpu c, Insn in) -> fstRegister(c, in, true)).spec("APM5 FSTP"),
        alias("DF /3", "fstp", "STi").does((Cpu c, Insn in) -> fstRegister(c, in, true)).spec("APM5 FSTP"),
        x87("DF /2", "fist", "Mw").does((Cpu c, Insn in) -> fist(c, in, 16, false)).spec("SDM 2A FIST"),
        x87("DF /3", "fistp", "Mw").does((Cpu c, Insn in) -> fist(c, in, 16, true)).spec("SDM 2A FIST"),
        x87("DB /2", "fist", "Md").does((Cpu c, Insn in) -> fist(c, in, 32, false)).spec("SDM 2A FIST"),
        x87("DB /3", "fistp", "Md").does((Cpu c, Insn in) -> fist(c, in, 32, true)).spec("SDM 2A FIST"),
        x87("DF /7", "fistp", "Mq").does((Cpu c, Insn in) -> fist(c, in, 64, true)).spec("SDM 2A FIST"),
        x87("DF /1", "fisttp", "Mw").does((Cpu c, Insn in) -> fisttp(c, in, 16)).spec("SDM 2A FISTTP"),
        x87("DB /1", "fisttp", "Md").does((Cpu c, Insn in) -> fisttp(c, in, 32)).spec("SDM 2A FISTTP"),
        x87("DD /1", "fisttp", "Mq").does((Cpu c, Insn in) -> fisttp(c, in, 64)).spec("SDM 2A FISTTP"),
        x87("DF /6", "fbstp", "Mt").does(X87Data::fbstp).spec("SDM 2A FBSTP"));
  }

  private static void moves(List<Row> rows) {
    rows.add(x87("D9 /1", "fxch", "STi").does(X87Data::fxch).spec("SDM 2A FXCH"));
    rows.add(alias("DD /1", "fxch", "STi").does(X87Data::fxch).spec("APM5 FXCH"));
    rows.add(alias("DF /1", "fxch", "STi").does(X87Data::fxch).spec("APM5 FXCH"));
    Cond[] conditions = {Cond.B, Cond.Z, Cond.BE, Cond.P};
    String[] names = {"b", "e", "be", "u"};
    for (int i = 0; i < 4; i++) {
      int yes = conditions[i].ordinal();
      rows.add(x87("DA /" + i, "fcmov" + names[i], "ST0,STi").does((Cpu c, Insn in) -> fcmov(c, in, yes)).spec("SDM 2A FCMOVcc"));
      rows.add(x87("DB /" + i, "fcmovn" + names[i], "ST0,STi").does((Cpu c, Insn in) -> fcmov(c, in, yes ^ 1)).spec("SDM 2A FCMOVcc"));
    }
  }

  // ---- loads

  private static void fld32(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    int v = (int) X87Stack.load(c, f, in, 32);
    if (X87Stack.room(c, f)) {
      F80Convert.fromF32(v, f.env);
      pushResult(c, f);
    }
  }

  private static void fld64(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, 64);
    if (X87Stack.room(c, f)) {
      F80Convert.fromF64(v, f.env);
      pushResult(c, f);
    }
  }

  /** An unmasked DE reports the denormal, which is loaded all the same; only IE forbids the push. */
  private static void pushResult(Cpu c, X87 f) {
    X87Stack.finish(c, f);
    if ((f.env.unmasked() & FpEnv.IE) == 0) {
      X87Stack.push(f, f.env.signExp, f.env.sig);
    }
  }

  private static void fld80(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = Operands.linear(c, m, 10, Access.READ);
    long sig = c.mem.read64(lin);
    int signExp = c.mem.read16(lin + 8);
    X87Stack.record(c, f, in, m);
    if (X87Stack.room(c, f)) {
      X87Stack.push(f, signExp, sig);
    }
  }

  private static void fldRegister(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int i = f.physical(X87Stack.st(in, 0));
    if ((f.valid >> i & 1) == 0) {
      if (X87Stack.stackFault(c, f, false)) {
        X87Stack.push(f, F80.INDEFINITE_EXP, F80.INDEFINITE_SIG);
      }
    } else if (X87Stack.room(c, f)) {
      X87Stack.push(f, f.signExp[i], f.sig[i]);
    }
  }

  private static void fild(Cpu c, Insn in, int bits) {
    X87 f = X87Stack.begin(c);
    long v = X87Stack.load(c, f, in, bits) << 64 - bits >> 64 - bits;
    if (X87Stack.room(c, f)) {
      X87Stack.push(f, F80Convert.signExpOf(v), F80Convert.sigOf(v));
    }
  }

  private static void fbld(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = Operands.linear(c, m, 10, Access.READ);
    long low = c.mem.read64(lin);
    int high = c.mem.read16(lin + 8);
    X87Stack.record(c, f, in, m);
    if (X87Stack.room(c, f)) {
      long v = F80Convert.unpackDecimal(low, high & 0xff);
      X87Stack.push(f, high & 0x8000 | F80Convert.signExpOf(v), F80Convert.sigOf(v));
    }
  }

  /**
   * A constant of the ROM, which holds 66 bits (SDM 1 8.3.8).
   *
   * @param sig significand rounded towards zero
   * @param beyond the next two bits, not both clear unless the constant is exact
   */
  private record Constant(int signExp, long sig, int beyond) {
    boolean roundsUp(int rounding) {
      return beyond != 0 && (rounding == FpEnv.RU || rounding == FpEnv.RN && beyond >= 2);
    }
  }

  private static void constant(List<Row> rows, int modrm, String name, Constant k) {
    rows.add(x87("D9 " + Integer.toHexString(modrm).toUpperCase(java.util.Locale.ROOT), name, "")
        .does((Cpu c, Insn in) -> loadConstant(c, in, k)).spec("SDM 2A FLD1/FLDL2T/FLDL2E/FLDPI/FLDLG2/FLDLN2/FLDZ"));
  }

  private static void loadConstant(Cpu c, Insn in, Constant k) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    if (X87Stack.room(c, f)) {
      X87Stack.push(f, k.signExp, k.roundsUp(f.env.rounding()) ? k.sig + 1 : k.sig);
    }
  }

  // ---- stores

  /** Reports that ST(0) is empty; whether the indefinite is to be stored in its place. */
  private static boolean underflowMasked(Cpu c, X87 f) {
    return X87Stack.stackFault(c, f, false);
  }

  private static void popIf(X87 f, boolean pop) {
    if (pop) {
      X87Stack.pop(f);
    }
  }

  private static void fst32(Cpu c, Insn in, boolean pop) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    X87Stack.record(c, f, in, m);
    int v = 0xffc00000;
    boolean store;
    if (f.empty(0)) {
      store = underflowMasked(c, f);
    } else {
      v = F80Convert.toF32(f.signExp[f.top], f.sig[f.top], f.env);
      store = X87Stack.finishStore(c, f);
    }
    if (store) {
      c.mem.write32(lin, v);
      popIf(f, pop);
    }
  }

  private static void fst64(Cpu c, Insn in, boolean pop) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    X87Stack.record(c, f, in, m);
    long v = 0xfff8000000000000L;
    boolean store;
    if (f.empty(0)) {
      store = underflowMasked(c, f);
    } else {
      v = F80Convert.toF64(f.signExp[f.top], f.sig[f.top], f.env);
      store = X87Stack.finishStore(c, f);
    }
    if (store) {
      c.mem.write64(lin, v);
      popIf(f, pop);
    }
  }

  private static void fstp80(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    X87Stack.record(c, f, in, m);
    boolean empty = f.empty(0);
    if (!empty || underflowMasked(c, f)) {
      c.mem.write64(lin, empty ? F80.INDEFINITE_SIG : f.sig[f.top]);
      c.mem.write16(lin + 8, empty ? F80.INDEFINITE_EXP : f.signExp[f.top]);
      X87Stack.pop(f);
    }
  }

  private static void fstRegister(Cpu c, Insn in, boolean pop) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int i = f.physical(X87Stack.st(in, 0));
    if (!f.empty(0)) {
      X87Stack.set(f, i, f.signExp[f.top], f.sig[f.top]);
    } else if (underflowMasked(c, f)) {
      X87Stack.setIndefinite(f, i);
    } else {
      return;
    }
    popIf(f, pop);
  }

  /** The alias that knows no stack fault: an empty ST(0) is popped without a word. */
  private static void fstp1(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    if (!f.empty(0)) {
      X87Stack.set(f, f.physical(X87Stack.st(in, 0)), f.signExp[f.top], f.sig[f.top]);
    }
    X87Stack.pop(f);
  }

  private static void fist(Cpu c, Insn in, int bits, boolean pop) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    storeInteger(c, f, in, m, bits, f.env.rounding(), pop);
  }

  private static void fisttp(Cpu c, Insn in, int bits) {
    X87 f = X87Stack.begin(c);
    storeInteger(c, f, in, X87Stack.memory(in), bits, FpEnv.RZ, true);
  }

  private static void storeInteger(Cpu c, X87 f, Insn in, Operand.Mem m, int bits, int rounding, boolean pop) {
    long lin = X87Stack.storeAddress(c, m);
    X87Stack.record(c, f, in, m);
    long v = -1L << bits - 1;
    boolean store;
    if (f.empty(0)) {
      store = underflowMasked(c, f);
    } else {
      v = F80Convert.toInt(f.signExp[f.top], f.sig[f.top], bits, rounding, f.env);
      store = X87Stack.finish(c, f);
    }
    if (store) {
      c.mem.write(lin, bits / 8, v);
      popIf(f, pop);
    }
  }

  private static void fbstp(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    X87Stack.record(c, f, in, m);
    long magnitude = -1;
    boolean store;
    if (f.empty(0)) {
      store = underflowMasked(c, f);
    } else {
      magnitude = F80Convert.toDecimal(f.signExp[f.top], f.sig[f.top], f.env);
      store = X87Stack.finish(c, f);
    }
    if (store) {
      int sign = f.signExp[f.top] & 0x8000;
      c.mem.write64(lin, magnitude < 0 ? F80Convert.BCD_INDEFINITE_LOW : F80Convert.packLow(magnitude));
      c.mem.write16(lin + 8, magnitude < 0 ? F80Convert.BCD_INDEFINITE_HIGH : sign | F80Convert.packHigh(magnitude));
      X87Stack.pop(f);
    }
  }

  // ---- moves

  private static void fxch(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int t = f.top;
    int i = f.physical(X87Stack.st(in, 0));
    if ((f.valid >> t & f.valid >> i & 1) == 0) {
      if (!X87Stack.stackFault(c, f, false)) {
        return;
      }
      fillEmpty(f, t);
      fillEmpty(f, i);
    }
    int signExp = f.signExp[t];
    long sig = f.sig[t];
    X87Stack.set(f, t, f.signExp[i], f.sig[i]);
    X87Stack.set(f, i, signExp, sig);
  }

  private static void fillEmpty(X87 f, int physical) {
    if ((f.valid >> physical & 1) == 0) {
      X87Stack.setIndefinite(f, physical);
    }
  }

  private static void fcmov(Cpu c, Insn in, int condition) {
    X87 f = X87Stack.begin(c);
    X87Stack.recordKeepingC1(c, f, in);
    int i = f.physical(X87Stack.st(in, 1));
    if ((f.valid >> f.top & f.valid >> i & 1) == 0) {
      if (X87Stack.stackFault(c, f, false)) {
        X87Stack.setIndefinite(f, f.top);
      }
    } else if (Cond.test(condition, c.res, c.aux)) {
      X87Stack.set(f, f.top, f.signExp[i], f.sig[i]);
    }
  }
}
