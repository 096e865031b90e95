package dev.trapline.vm.cpu.insn;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.X87;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.mmu.Access;
import dev.trapline.vm.softfloat.F80;
import dev.trapline.vm.softfloat.FpEnv;

/**
 * What every x87 instruction goes through: the pending exception, pointers, stack faults, flags (SDM 1 8.1 to 8.7).
 *
 * <p>Order within an instruction: {@link #begin} (may raise #MF), memory operand (may fault), {@link #record}, work, {@link
 * #finish}, result. With CR0.NE clear an unmasked exception asserts FERR# when it arises; interrupts are taken before the next
 * instruction, so a handler on IRQ 13 sees the state the external logic of a PC would show it (SDM 1 8.7.2).
 */
final class X87Stack {
  /** Exceptions found before the operation: unmasked, they leave operands and stack as they were (SDM 1 8.4). */
  private static final int BEFORE = FpEnv.IE | FpEnv.DE | FpEnv.ZE;

  private X87Stack() {}

  // ---- prologue

  /** Reports a pending unmasked exception and readies the environment. */
  static X87 begin(Cpu c) {
    X87 f = c.x87;
    c.reportX87();
    f.env.begin();
    return f;
  }

  /** Records the instruction pointer and opcode; clears C1. */
  static void record(Cpu c, X87 f, Insn in) {
    recordKeepingC1(c, f, in);
    f.status &= ~X87.C1;
  }

  /** {@link #record} for the few that leave C1 alone: FNOP, FCMOVcc, FCOMI and its kin. */
  static void recordKeepingC1(Cpu c, X87 f, Insn in) {
    f.fip = c.nextRip - in.length;
    f.fcs = c.seg[Cpu.CS].selector;
    f.fop = (in.row.enc().opcode() & 7) << 8 | in.modrm;
  }

  /** {@link #record} with the data pointer. */
  static void record(Cpu c, X87 f, Insn in, Operand.Mem m) {
    record(c, f, in, m, Operands.offset(c, m));
  }

  private static void record(Cpu c, X87 f, Insn in, Operand.Mem m, long offset) {
    record(c, f, in);
    f.fdp = offset;
    f.fds = c.seg[m.seg()].selector;
  }

  /** The memory operand. */
  static Operand.Mem memory(Insn in) {
    return (Operand.Mem) in.operands.get(0);
  }

  /** Loads the memory operand, of 16, 32 or 64 bits, and records the instruction. */
  static long load(Cpu c, X87 f, Insn in, int bits) {
    Operand.Mem m = memory(in);
    long offset = Operands.offset(c, m);
    long lin = Operands.linear(c, m.seg(), offset, bits / 8, Access.READ);
    long v = bits == 64 ? c.mem.read64(lin) : bits == 32 ? c.mem.read32(lin) : c.mem.read16(lin);
    record(c, f, in, m, offset);
    return v;
  }

  /** Linear address of a store to the memory operand, after every check a store of that size makes. */
  static long storeAddress(Cpu c, Operand.Mem m) {
    int bytes = m.bits() / 8;
    long lin = Operands.linear(c, m, bytes, Access.WRITE);
    c.mem.probeWrite(lin, bytes);
    return lin;
  }

  /** Number of the stack register in operand {@code i}. */
  static int st(Insn in, int i) {
    return ((Operand.Reg) in.operands.get(i)).index();
  }

  // ---- registers

  static void set(X87 f, int physical, int signExp, long sig) {
    f.signExp[physical] = signExp;
    f.sig[physical] = sig;
    f.valid |= 1 << physical;
  }

  /** Stores the environment's result. */
  static void setResult(X87 f, int physical) {
    set(f, physical, f.env.signExp, f.env.sig);
  }

  static void setIndefinite(X87 f, int physical) {
    set(f, physical, F80.INDEFINITE_EXP, F80.INDEFINITE_SIG);
  }

  static void pop(X87 f) {
    f.valid &= ~(1 << f.top);
    f.top = f.top + 1 & 7;
  }

  /** Makes room for a push, or reports overflow: then, if that is masked, the indefinite is pushed; either way false. */
  static boolean room(Cpu c, X87 f) {
    int t = f.top - 1 & 7;
    if ((f.valid >> t & 1) == 0) {
      return true;
    }
    if (stackFault(c, f, true)) {
      f.top = t;
      setIndefinite(f, t);
    }
    return false;
  }

  /** Pushes; only after {@link #room} said yes. */
  static void push(X87 f, int signExp, long sig) {
    f.top = f.top - 1 & 7;
    set(f, f.top, signExp, sig);
  }

  // ---- exceptions

  /** IE with SF; C1 says overflow or underflow (SDM 1 8.5.1.1). True if masked. */
  static boolean stackFault(Cpu c, X87 f, boolean overflow) {
    f.status = f.status & ~X87.C1 | X87.SF;
    f.env.flags = FpEnv.IE;
    f.env.roundedUp = overflow;
    return finish(c, f);
  }

  /**
   * Takes flags and rounding indication into the status word.
   *
   * @return whether the result is to be stored and the stack popped
   */
  static boolean finish(Cpu c, X87 f) {
    FpEnv e = f.env;
    f.status |= e.flags | (e.roundedUp ? X87.C1 : 0);
    int unmasked = e.unmasked();
    return unmasked == 0 || unmasked(c, f, unmasked);
  }

  /** {@link #finish} for a store to memory, where unmasked overflow and underflow keep the destination too. */
  static boolean finishStore(Cpu c, X87 f) {
    return finish(c, f) && (f.env.unmasked() & (FpEnv.OE | FpEnv.UE)) == 0;
  }

  private static boolean unmasked(Cpu c, X87 f, int which) {
    f.status |= X87.ES | X87.B;
    c.x87Pending();
    return (which & BEFORE) == 0;
  }
}
