package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.X87Arithmetic.alias;
import static dev.trapline.vm.cpu.insn.X87Arithmetic.x87;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.softfloat.FpEnv;
import java.util.List;

/** FNINIT, FNCLEX, control and status word, environment and state images, stack pointer, WAIT (SDM 1 8.1.8 to 8.1.10). */
final class X87Control {
  static final List<Row> ROWS = List.of(
      x87("DB E3", "fninit", "").does((Cpu c) -> c.x87.initialise()).spec("SDM 2A FINIT"),
      x87("DB E2", "fnclex", "").does(X87Control::fnclex).spec("SDM 2A FCLEX"),
      x87("D9 /7", "fnstcw", "Mw").does((Cpu c) -> c.x87.controlWord()).spec("SDM 2A FSTCW"),
      x87("D9 /5", "fldcw", "Mw").does(X87Control::fldcw).spec("SDM 2A FLDCW"),
      x87("DD /7", "fnstsw", "Mw").does((Cpu c) -> c.x87.statusWord()).spec("SDM 2A FSTSW"),
      x87("DF E0", "fnstsw", "AX").does((Cpu c) -> c.x87.statusWord()).spec("SDM 2A FSTSW"),
      x87("D9 /6", "fnstenv", "Me14").with(Attr.SENSITIVE).does(X87Control::fnstenv).spec("SDM 2A FSTENV"),
      x87("D9 /4", "fldenv", "Me14").does(X87Control::fldenv).spec("SDM 2A FLDENV"),
      x87("DD /6", "fnsave", "Me94").with(Attr.SENSITIVE).does(X87Control::fnsave).spec("SDM 2A FSAVE"),
      x87("DD /4", "frstor", "Me94").does(X87Control::frstor).spec("SDM 2A FRSTOR"),
      x87("D9 F6", "fdecstp", "").does((Cpu c, Insn in) -> rotate(c, in, -1)).spec("SDM 2A FDECSTP"),
      x87("D9 F7", "fincstp", "").does((Cpu c, Insn in) -> rotate(c, in, 1)).spec("SDM 2A FINCSTP"),
      x87("DD /0", "ffree", "STi").does((Cpu c, Insn in) -> free(c, in, false)).spec("SDM 2A FFREE"),
      x87("DF /0", "ffreep", "STi").does((Cpu c, Insn in) -> free(c, in, true)).spec("APM5 FFREE"),
      x87("D9 D0", "fnop", "").does(X87Control::fnop).spec("SDM 2A FNOP"),
      // 8087 and 287 control instructions that later processors ignore (SDM 3B 23.19).
      alias("DB E0", "feni", "").does(X87Control::ignored).spec("SDM 3B 23.19"),
      alias("DB E1", "fdisi", "").does(X87Control::ignored).spec("SDM 3B 23.19"),
      alias("DB E4", "fnsetpm", "").does(X87Control::ignored).spec("SDM 3B 23.19"),
      x87("9B", "wait", "").does(Cpu::reportX87).spec("SDM 2B WAIT"));

  private X87Control() {}

  private static void fnclex(Cpu c) {
    X87 f = c.x87;
    f.status &= ~(FpEnv.ALL | X87.SF | X87.ES | X87.B);
  }

  private static void fldcw(Cpu c, long value) {
    c.reportX87();
    loadControl(c, (int) value);
  }

  /** A control word that unmasks a raised exception makes it pending at once. */
  private static void loadControl(Cpu c, int value) {
    boolean before = c.x87.pending();
    c.x87.controlWord(value);
    if (!before && c.x87.pending()) {
      c.x87Pending();
    }
  }

  private static void ignored(Cpu c) {
    // FENI, FDISI and FSETPM have no effect since the 387.
  }

  private static void fnop(Cpu c, Insn in) {
    X87Stack.recordKeepingC1(c, X87Stack.begin(c), in);
  }

  private static void rotate(Cpu c, Insn in, int by) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    f.top = f.top + by & 7;
  }

  private static void free(Cpu c, Insn in, boolean pop) {
    X87 f = X87Stack.begin(c);
    X87Stack.record(c, f, in);
    f.valid &= ~(1 << f.physical(X87Stack.st(in, 0)));
    if (pop) {
      X87Stack.pop(f);
    }
  }

  // ---- environment

  private static boolean real(Cpu c) {
    return (c.mode & Cpu.M_REAL) != 0;
  }

  private static boolean wide(Insn in) {
    return in.opBits != 16;
  }

  private static void fnstenv(Cpu c, Insn in) {
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    storeEnvironment(c, in, lin);
    X87 f = c.x87;
    f.controlWord(f.controlWord() | FpEnv.ALL);
  }

  private static void storeEnvironment(Cpu c, Insn in, long lin) {
    X87 f = c.x87;
    word(c, in, lin, 0, f.controlWord());
    word(c, in, lin, 1, f.statusWord());
    word(c, in, lin, 2, f.tagWord());
    if (real(c)) {
      long ip = (f.fcs & 0xffffL) * 16 + f.fip;
      long dp = (f.fds & 0xffffL) * 16 + f.fdp;
      word(c, in, lin, 3, ip & 0xffff);
      high(c, in, lin, 4, ip >>> 16, f.fop);
      word(c, in, lin, 5, dp & 0xffff);
      high(c, in, lin, 6, dp >>> 16, 0);
    } else if (wide(in)) {
      c.mem.write32(lin + 12, f.fip);
      c.mem.write32(lin + 16, f.fcs & 0xffff | f.fop << 16);
      c.mem.write32(lin + 20, f.fdp);
      word(c, in, lin, 6, f.fds);
    } else {
      word(c, in, lin, 3, f.fip);
      word(c, in, lin, 4, f.fcs);
      word(c, in, lin, 5, f.fdp);
      word(c, in, lin, 6, f.fds);
    }
  }

  /** A 16-bit field of the image; in the 32-bit layout its upper half is stored as ones. */
  private static void word(Cpu c, Insn in, long lin, int index, long value) {
    if (wide(in)) {
      c.mem.write32(lin + 4 * index, value | 0xffff0000L);
    } else {
      c.mem.write16(lin + 2 * index, value);
    }
  }

  /** Real-mode field: upper pointer bits above the opcode. */
  private static void high(Cpu c, Insn in, long lin, int index, long upper, int opcode) {
    if (wide(in)) {
      c.mem.write32(lin + 4 * index, (upper & 0xffff) << 12 | opcode);
    } else {
      c.mem.write16(lin + 2 * index, (upper & 15) << 12 | opcode);
    }
  }

  private static void fldenv(Cpu c, Insn in) {
    c.reportX87();
    Operand.Mem m = X87Stack.memory(in);
    int bytes = wide(in) ? 28 : 14;
    long lin = Operands.linear(c, m, bytes, Access.READ);
    touch(c, lin, bytes);
    loadEnvironment(c, in, lin);
  }

  /** Raises the page fault a read of the whole image would raise, before anything is loaded. */
  private static void touch(Cpu c, long lin, int bytes) {
    c.mem.read8(lin);
    c.mem.read8(lin + bytes - 1);
  }

  private static void loadEnvironment(Cpu c, Insn in, long lin) {
    X87 f = c.x87;
    int step = wide(in) ? 4 : 2;
    long[] w = new long[7];
    for (int i = 0; i < 7; i++) {
      w[i] = c.mem.read(lin + (long) step * i, step);
    }
    f.statusWord((int) w[1] & ~(X87.ES | X87.B));
    f.tagWord((int) w[2] & 0xffff);
    f.fop = 0;
    if (real(c)) {
      long mask = wide(in) ? 0xffff : 15;
      f.fip = w[3] & 0xffff | (w[4] >>> 12 & mask) << 16;
      f.fdp = w[5] & 0xffff | (w[6] >>> 12 & mask) << 16;
      f.fop = (int) w[4] & 0x7ff;
      f.fcs = 0;
      f.fds = 0;
    } else {
      f.fip = w[3];
      f.fcs = (int) w[4] & 0xffff;
      f.fop = wide(in) ? (int) (w[4] >>> 16) & 0x7ff : 0;
      f.fdp = w[5];
      f.fds = (int) w[6] & 0xffff;
    }
    loadControl(c, (int) w[0] & 0xffff);
  }

  // ---- whole state

  private static void fnsave(Cpu c, Insn in) {
    Operand.Mem m = X87Stack.memory(in);
    long lin = X87Stack.storeAddress(c, m);
    storeEnvironment(c, in, lin);
    X87 f = c.x87;
    long at = lin + (wide(in) ? 28 : 14);
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      c.mem.write64(at + 10 * i, f.sig[p]);
      c.mem.write16(at + 10 * i + 8, f.signExp[p]);
    }
    f.initialise();
  }

  private static void frstor(Cpu c, Insn in) {
    c.reportX87();
    Operand.Mem m = X87Stack.memory(in);
    int environment = wide(in) ? 28 : 14;
    long lin = Operands.linear(c, m, environment + 80, Access.READ);
    touch(c, lin, environment + 80);
    loadEnvironment(c, in, lin);
    X87 f = c.x87;
    long at = lin + environment;
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      f.sig[p] = c.mem.read64(at + 10 * i);
      f.signExp[p] = c.mem.read16(at + 10 * i + 8);
    }
  }
}
