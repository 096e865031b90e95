package dev.trapline.vm.cpu;

import dev.trapline.vm.mmu.Access;

/**
 * The stack as instructions use it: the pointer is SP, ESP or RSP by SS.B and the mode (SDM 1 6.2.5). Every access raises
 * its fault (#SS(0), #PF) before anything is changed, and moves the pointer only after the access.
 */
public final class Stack {
  private static final int FLAT32 = Cpu.M_FLAT | Cpu.M_STACK32;

  private Stack() {}

  /** Width of the stack pointer in bits. */
  public static int width(Cpu c) {
    return (c.mode & Cpu.M_64) != 0 ? 64 : (c.mode & Cpu.M_STACK32) != 0 ? 32 : 16;
  }

  /** The stack pointer, zero-extended. */
  public static long pointer(Cpu c) {
    return cut(c, c.r[Cpu.RSP]);
  }

  /** Cuts an offset to the width of the stack pointer. */
  public static long cut(Cpu c, long offset) {
    return (c.mode & Cpu.M_64) != 0 ? offset : (c.mode & Cpu.M_STACK32) != 0 ? offset & 0xffffffffL : offset & 0xffff;
  }

  /** Sets SP, ESP or RSP; a 16-bit pointer leaves the rest of the register. */
  public static void setPointer(Cpu c, long value) {
    c.r[Cpu.RSP] = (c.mode & Cpu.M_64) != 0 ? value
        : (c.mode & Cpu.M_STACK32) != 0 ? value & 0xffffffffL
        : c.r[Cpu.RSP] & ~0xffffL | value & 0xffff;
  }

  /** Pushes 16, 32 or 64 bits. */
  public static void push(Cpu c, long value, int bits) {
    if ((c.mode & FLAT32) == FLAT32) {
      long sp = c.r[Cpu.RSP] - (bits >> 3) & 0xffffffffL;
      c.mem.write(sp, bits >> 3, value);
      c.r[Cpu.RSP] = sp;
    } else {
      long sp = cut(c, c.r[Cpu.RSP] - (bits >> 3));
      c.mem.write(c.linear(Cpu.SS, sp, bits >> 3, Access.WRITE), bits >> 3, value);
      setPointer(c, sp);
    }
  }

  /** Pops 16, 32 or 64 bits, zero-extended. */
  public static long pop(Cpu c, int bits) {
    long value;
    if ((c.mode & FLAT32) == FLAT32) {
      long sp = c.r[Cpu.RSP] & 0xffffffffL;
      value = c.mem.read(sp, bits >> 3);
      c.r[Cpu.RSP] = sp + (bits >> 3) & 0xffffffffL;
    } else {
      value = peek(c, 0, bits);
      setPointer(c, c.r[Cpu.RSP] + (bits >> 3));
    }
    return value;
  }

  /** Reads the stack {@code delta} bytes above the pointer, which stays. */
  public static long peek(Cpu c, int delta, int bits) {
    if ((c.mode & FLAT32) == FLAT32) {
      return c.mem.read(c.r[Cpu.RSP] + delta & 0xffffffffL, bits >> 3);
    }
    long sp = cut(c, c.r[Cpu.RSP] + delta);
    return c.mem.read(c.linear(Cpu.SS, sp, bits >> 3, Access.READ), bits >> 3);
  }

  /** Writes the stack {@code delta} bytes above (below, if negative) the pointer, which stays. */
  public static void poke(Cpu c, int delta, int bits, long value) {
    long sp = cut(c, c.r[Cpu.RSP] + delta);
    c.mem.write(c.linear(Cpu.SS, sp, bits >> 3, Access.WRITE), bits >> 3, value);
  }
}
