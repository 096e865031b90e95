package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.D64;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.IOPL;
import static dev.trapline.vm.isa.Attr.NO64;
import static dev.trapline.vm.isa.Attr.SENSITIVE;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Stack;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;

/** The stack: PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE. Segment registers are pushed and popped in their own group. */
final class PushPop {
  static final List<Row> ROWS = List.of(
      row("50+r", "push", "Zv").with(D64).sized(Stack::push).spec("SDM 2B PUSH"),
      row("FF /6", "push", "Ev").with(D64).sized(Stack::push).spec("SDM 2B PUSH"),
      row("68", "push", "Iz").with(D64).sized(Stack::push).spec("SDM 2B PUSH"),
      row("6A", "push", "Ibs").with(D64).sized(Stack::push).spec("SDM 2B PUSH"),
      row("58+r", "pop", "Zv").with(D64).sized(Stack::pop).spec("SDM 2B POP"),
      row("8F /0", "pop", "Rv").with(D64, ALIAS).sized(Stack::pop).spec("SDM 2B POP"),
      row("8F /0", "pop", "Mv").with(D64).does(PushPop::popMemory).spec("SDM 2B POP"),
      row("60", "pusha", "").with(NO64).sized(PushPop::pusha).spec("SDM 2B PUSHA"),
      row("61", "popa", "").with(NO64).sized(PushPop::popa).spec("SDM 2B POPA"),
      row("9C", "pushf", "").with(D64, IOPL, SENSITIVE).intercept(Intercept.PUSHF).reads(Flags.OSZAPC).sized(PushPop::pushf)
          .spec("SDM 2B PUSHF"),
      row("9D", "popf", "").with(D64, IOPL, SENSITIVE, ENDS).intercept(Intercept.POPF).flags(FlagRule.SELF).sized(PushPop::popf)
          .spec("SDM 2B POPF"),
      row("C8", "enter", "Iw,Ib").with(D64).sized(PushPop::enter).spec("SDM 2A ENTER"),
      row("C9", "leave", "").with(D64).sized(PushPop::leave).spec("SDM 2A LEAVE"));

  private PushPop() {}

  /** The address of POP [rSP+...] is computed with the pointer already moved (SDM 2B POP). */
  static void popMemory(Cpu c, Insn in) {
    Operand.Mem m = in.mem();
    int bytes = m.bits() >> 3;
    long value = Stack.peek(c, 0, m.bits());
    long old = c.r[Cpu.RSP];
    Stack.setPointer(c, old + bytes);
    long offset = Operands.offset(c, m);
    c.r[Cpu.RSP] = old;
    c.mem.write(Operands.linear(c, m.seg(), offset, bytes, Access.WRITE), bytes, value);
    Stack.setPointer(c, old + bytes);
  }

  static void pusha(Cpu c, int w) {
    int bytes = w >> 3;
    for (int i = 0; i < 8; i++) {
      Stack.poke(c, -bytes * (i + 1), w, c.r[i]);
    }
    Stack.setPointer(c, c.r[Cpu.RSP] - 8 * bytes);
  }

  static void popa(Cpu c, int w) {
    int bytes = w >> 3;
    long[] values = new long[8];
    for (int i = 0; i < 8; i++) {
      values[7 - i] = Stack.peek(c, bytes * i, w);
    }
    for (int i = 0; i < 8; i++) {
      if (i != Cpu.RSP) {
        c.r[i] = w == 16 ? c.r[i] & ~0xffffL | values[i] : values[i];
      }
    }
    Stack.setPointer(c, c.r[Cpu.RSP] + 8 * bytes);
  }

  /** RF and VM are pushed as 0 (SDM 2B PUSHF). */
  static void pushf(Cpu c, int w) {
    requireV86Iopl3(c);
    Stack.push(c, c.rflags() & ~(long) (Cpu.RF | Cpu.VM), w);
  }

  private static void requireV86Iopl3(Cpu c) {
    if (c.v86() && (c.sysFlags & Cpu.IOPL) != Cpu.IOPL) {
      throw c.gp(0);
    }
  }

  static void popf(Cpu c, int w) {
    requireV86Iopl3(c);
    long value = Stack.pop(c, w);
    int changed = Flags.OSZAPC | Cpu.TF | Cpu.DF | Cpu.NT;
    if (w != 16) {
      changed |= Cpu.AC | Cpu.ID | Cpu.RF;
      value &= ~(long) Cpu.RF;
    }
    if (c.cpl == 0) {
      changed |= Cpu.IOPL;
    }
    if (c.cpl <= (c.sysFlags & Cpu.IOPL) >> 12) {
      changed |= Cpu.IF;
    }
    c.rflags(c.rflags() & ~(long) changed | value & changed);
  }

  /**
   * Builds a frame (SDM 2A ENTER): pushes the frame pointer, copies the pointers of the enclosing frames, reserves space. The
   * last byte reserved must be writable, else the fault comes here.
   */
  static void enter(Cpu c, long size, long nesting, int w) {
    int level = (int) nesting & 31;
    int bytes = w >> 3;
    Stack.poke(c, -bytes, w, c.r[Cpu.RBP]);
    long frame = c.r[Cpu.RSP] - bytes;
    for (int i = 1; i < level; i++) {
      long from = Stack.cut(c, c.r[Cpu.RBP] - (long) i * bytes);
      long pointer = c.mem.read(c.linear(Cpu.SS, from, bytes, Access.READ), bytes);
      Stack.poke(c, -bytes * (i + 1), w, pointer);
    }
    if (level > 0) {
      Stack.poke(c, -bytes * (level + 1), w, Stack.cut(c, frame));
    }
    long pointer = Stack.cut(c, frame - (long) level * bytes - size);
    c.mem.probeWrite(c.linear(Cpu.SS, pointer, bytes, Access.WRITE), bytes);
    Strings.setRegister(c, Cpu.RBP, w, Stack.cut(c, frame));
    Stack.setPointer(c, pointer);
  }

  static void leave(Cpu c, int w) {
    long frame = Stack.cut(c, c.r[Cpu.RBP]);
    long value = c.mem.read(Operands.linear(c, Cpu.SS, frame, w >> 3, Access.READ), w >> 3);
    Stack.setPointer(c, frame + (w >> 3));
    Strings.setRegister(c, Cpu.RBP, w, value);
  }
}
