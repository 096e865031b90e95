package dev.trapline.vm.cpu;

/**
 * Pushes and pops on a stack that is perhaps not yet the current one: far transfers and deliveries work on a frame, and the
 * processor's registers change only when all of it has succeeded.
 */
final class Frame {
  private final Cpu c;
  private final Segment ss;
  private final int width;
  private final boolean user;
  private final int error;
  long sp;

  private Frame(Cpu c, Segment ss, int width, boolean user, int error, long sp) {
    this.c = c;
    this.ss = ss;
    this.width = width;
    this.user = user;
    this.error = error;
    this.sp = sp;
  }

  /** The current stack; {@code error} is the code of its #SS. */
  static Frame current(Cpu c, int error) {
    return new Frame(c, c.seg[Cpu.SS], Stack.width(c), c.cpl == 3, error, Stack.pointer(c));
  }

  /** A stack in a segment other than SS, for a privilege level. */
  static Frame in(Cpu c, Segment ss, long sp, int cpl, int error) {
    return new Frame(c, ss, ss.big() ? 32 : 16, cpl == 3, error, ss.big() ? sp & 0xffffffffL : sp & 0xffff);
  }

  /** A 64-bit stack for a privilege level. */
  static Frame at64(Cpu c, long rsp, int cpl, int error) {
    return new Frame(c, c.seg[Cpu.SS], 64, cpl == 3, error, rsp);
  }

  void push(long value, int bits) {
    int bytes = bits >> 3;
    long to = cut(sp - bytes);
    c.mem.writeAs(user, linear(to, bytes), bytes, value);
    sp = to;
  }

  long pop(int bits) {
    int bytes = bits >> 3;
    long value = c.mem.readAs(user, linear(sp, bytes), bytes);
    sp = cut(sp + bytes);
    return value;
  }

  /** Reads {@code delta} bytes above the pointer. */
  long peek(int delta, int bits) {
    int bytes = bits >> 3;
    return c.mem.readAs(user, linear(cut(sp + delta), bytes), bytes);
  }

  /** Moves the pointer over {@code bytes} without reading them. */
  void skip(long bytes) {
    sp = cut(sp + bytes);
  }

  /** Makes its pointer the stack pointer; a 16-bit one leaves the rest of the register. */
  void commit() {
    c.r[Cpu.RSP] = width == 16 ? c.r[Cpu.RSP] & ~0xffffL | sp : sp;
  }

  private long cut(long offset) {
    return width == 64 ? offset : width == 32 ? offset & 0xffffffffL : offset & 0xffff;
  }

  private long linear(long offset, int bytes) {
    if (width == 64) {
      if (offset >> 47 != offset >> 63 || offset + bytes - 1 >> 47 != offset >> 63) {
        throw c.raise(Fault.SS, error);
      }
      return offset;
    }
    if (ss.unusable || !SegmentCheck.inside(ss, offset, bytes)) {
      throw c.raise(Fault.SS, error);
    }
    return ss.base + offset & 0xffffffffL;
  }
}
