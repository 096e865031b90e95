package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.X87Arithmetic.x87;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.softfloat.Elementary;
import dev.trapline.vm.softfloat.F80;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.List;

/** FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1. */
final class X87Transcendental {
  static final List<Row> ROWS = List.of(
      x87("D9 FE", "fsin", "").does((Cpu c, Insn in) -> one(c, in, Elementary::sin)).spec("SDM 2A FSIN"),
      x87("D9 FF", "fcos", "").does((Cpu c, Insn in) -> one(c, in, Elementary::cos)).spec("SDM 2A FCOS"),
      x87("D9 FB", "fsincos", "").does(X87Transcendental::fsincos).spec("SDM 2A FSINCOS"),
      x87("D9 F2", "fptan", "").does(X87Transcendental::fptan).spec("SDM 2A FPTAN"),
      x87("D9 F3", "fpatan", "").does((Cpu c, Insn in) -> two(c, in, Elementary::atan2)).spec("SDM 2A FPATAN"),
      x87("D9 F0", "f2xm1", "").does(X87Transcendental::f2xm1).spec("SDM 2A F2XM1"),
      x87("D9 F1", "fyl2x", "").does((Cpu c, Insn in) -> two(c, in, Elementary::yLog2)).spec("SDM 2A FYL2X"),
      x87("D9 F9", "fyl2xp1", "").does((Cpu c, Insn in) -> two(c, in, Elementary::yLog2Plus1)).spec("SDM 2A FYL2XP1"));

  private interface Unary {
    void f(int se, long sig, FpEnv e);
  }

  private interface Binary {
    void f(int yse, long ys, int xse, long xs, FpEnv e);
  }

  private X87Transcendental() {}

  /** Whether ST(0) is in range; if not, C2 is set and the instruction is done. */
  private static boolean inRange(X87 f, int t) {
    if (Elementary.outOfRange(f.signExp[t], f.sig[t])) {
      f.status |= X87.C2;
      return false;
    }
    return true;
  }

  private static void one(Cpu c, Insn in, Unary function) {
    X87 f = c.x87;
    int t = X87Arithmetic.top(c, in);
    f.status &= ~X87.C2;
    if (t >= 0 && inRange(f, t)) {
      function.f(f.signExp[t], f.sig[t], f.env);
      X87Arithmetic.result(c);
    }
  }

  private static void f2xm1(Cpu c, Insn in) {
    X87 f = c.x87;
    int t = X87Arithmetic.top(c, in);
    if (t >= 0) {
      Elementary.exp2m1(f.signExp[t], f.sig[t], f.env);
      X87Arithmetic.result(c);
    }
  }

  /** ST(1) := function(ST(1), ST(0)), pop. */
  private static void two(Cpu c, Insn in, Binary function) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    int x = f.top;
    int y = f.physical(1);
    if (f.empty(0) || f.empty(1)) {
      if (X87Stack.stackFault(c, f, false)) {
        X87Stack.setIndefinite(f, y);
        X87Stack.pop(f);
      }
      return;
    }
    function.f(f.signExp[y], f.sig[y], f.signExp[x], f.sig[x], f.env);
    if (X87Stack.finish(c, f)) {
      X87Stack.setResult(f, y);
      X87Stack.pop(f);
    }
  }

  /** Whether ST(0) is there and there is room for one more; reports the stack fault if not. */
  private static boolean roomForSecond(Cpu c, Insn in) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    f.status &= ~X87.C2;
    if (f.empty(0) || !f.empty(7)) {
      X87Arithmetic.pushTwoIndefinites(c, f, !f.empty(0));
      return false;
    }
    return true;
  }

  private static void fptan(Cpu c, Insn in) {
    X87 f = c.x87;
    if (!roomForSecond(c, in) || !inRange(f, f.top)) {
      return;
    }
    int t = f.top;
    Elementary.tan(f.signExp[t], f.sig[t], f.env);
    if (X87Stack.finish(c, f)) {
      X87Stack.setResult(f, t);
      boolean nan = F80.isNaN(f.signExp[t], f.sig[t]);
      X87Stack.push(f, nan ? f.signExp[t] : 0x3fff, nan ? f.sig[t] : Long.MIN_VALUE);
    }
  }

  private static void fsincos(Cpu c, Insn in) {
    X87 f = c.x87;
    if (!roomForSecond(c, in) || !inRange(f, f.top)) {
      return;
    }
    FpEnv e = f.env;
    int t = f.top;
    Elementary.sin(f.signExp[t], f.sig[t], e);
    int signExp = e.signExp;
    long sig = e.sig;
    boolean up = e.roundedUp;
    Elementary.cos(f.signExp[t], f.sig[t], e);
    e.roundedUp = up;
    if (X87Stack.finish(c, f)) {
      X87Stack.set(f, t, signExp, sig);
      X87Stack.push(f, e.signExp, e.sig);
    }
  }
}
