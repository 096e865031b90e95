package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.IOPL;
import static dev.trapline.vm.isa.Attr.REP;
import static dev.trapline.vm.isa.Attr.REPZ;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;
import java.util.stream.Stream;

/**
 * MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS and their repetition (SDM 2B REP).
 *
 * <p>A repeated instruction does a bounded number of elements and then lets the engine come back to it, so that interrupts
 * are taken between elements. Each element counts as one retired instruction. Registers are up to date after every
 * element: a fault in the middle leaves the instruction restartable.
 */
final class Strings {
  static final List<Row> ROWS = Stream.of(
      string("A4", "movsb", "Yb,Xb", REP).does(Strings::movs),
      string("A5", "movs", "Yv,Xv", REP).does(Strings::movs),
      string("A6", "cmpsb", "Xb,Yb", REPZ).flags(FlagRule.SELF).does(Strings::cmps),
      string("A7", "cmps", "Xv,Yv", REPZ).flags(FlagRule.SELF).does(Strings::cmps),
      string("AA", "stosb", "Yb,AL", REP).does(Strings::stos),
      string("AB", "stos", "Yv,rAX", REP).does(Strings::stos),
      string("AC", "lodsb", "AL,Xb", REP).does(Strings::lods),
      string("AD", "lods", "rAX,Xv", REP).does(Strings::lods),
      string("AE", "scasb", "AL,Yb", REPZ).flags(FlagRule.SELF).does(Strings::scas),
      string("AF", "scas", "rAX,Yv", REPZ).flags(FlagRule.SELF).does(Strings::scas),
      port("6C", "insb", "Yb,DX").does(Strings::ins),
      port("6D", "ins", "Yz,DX").does(Strings::ins),
      port("6E", "outsb", "DX,Xb").does(Strings::outs),
      port("6F", "outs", "DX,Xz").does(Strings::outs)).map(d -> d.spec("SDM 2A/2B string instructions, SDM 2B REP")).toList();

  /** Elements a repetition does before the engine looks up: bounds the latency of a stop request. */
  private static final int CHUNK = 16384;

  /** One element: moves the pointers, not the count. */
  private interface Element { void run(Cpu c, Insn in); }

  /** Up to {@code max} elements at once, moving the pointers; returns how many, 0 if only single elements will do. */
  private interface Bulk { long run(Cpu c, Insn in, long max); }

  private Strings() {}

  private static Def string(String encoding, String name, String operands, dev.trapline.vm.isa.Attr repeat) {
    return row(encoding, name, operands).with(repeat);
  }

  private static Def port(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(REP, IOPL, ENDS).intercept(Intercept.IOIO).after(PortIo::check);
  }

  static void movs(Cpu c, Insn in) {
    if (in.repeats()) {
      repeat(c, in, Strings::movsOne, Strings::movsBulk);
    } else {
      movsOne(c, in);
    }
  }

  static void stos(Cpu c, Insn in) {
    if (in.repeats()) {
      repeat(c, in, Strings::stosOne, Strings::stosBulk);
    } else {
      stosOne(c, in);
    }
  }

  static void lods(Cpu c, Insn in) {
    if (in.repeats()) {
      repeat(c, in, Strings::lodsOne, Strings::noBulk);
    } else {
      lodsOne(c, in);
    }
  }

  static void cmps(Cpu c, Insn in) {
    if (in.repeats()) {
      repeat(c, in, Strings::cmpsOne, Strings::noBulk);
    } else {
      cmpsOne(c, in);
    }
  }

  static void scas(Cpu c, Insn in) {
    if (in.repeats()) {
      repeat(c, in, Strings::scasOne, Strings::noBulk);
    } else {
      scasOne(c, in);
    }
  }

  static void ins(Cpu c, Insn in) {
    requirePermission(c, in.op(0).bits());
    if (in.repeats()) {
      repeat(c, in, Strings::insOne, Strings::noBulk);
    } else {
      insOne(c, in);
    }
  }

  static void outs(Cpu c, Insn in) {
    requirePermission(c, in.op(1).bits());
    if (in.repeats()) {
      repeat(c, in, Strings::outsOne, Strings::noBulk);
    } else {
      outsOne(c, in);
    }
  }

  /** The right to the port is checked also when a repetition's count is zero (silicon vectors). */
  private static void requirePermission(Cpu c, int bits) {
    PortIo.requirePermission(c, (int) c.r[Cpu.RDX] & 0xffff, bits >> 3);
  }

  // ---- repetition

  private static void repeat(Cpu c, Insn in, Element element, Bulk bulk) {
    long count = Operands.cut(c.r[Cpu.RCX], in.addrBits);
    if (count == 0) {
      return;
    }
    // This instruction is in c.count already, as one element.
    long allowed = Math.clamp(c.countLimit - c.count + 1, 1, CHUNK);
    boolean compares = in.row.is(REPZ);
    boolean whileEqual = in.has(Insn.REP);
    while (true) {
      element.run(c, in);
      count--;
      allowed--;
      setRegister(c, Cpu.RCX, in.addrBits, count);
      if (count == 0 || compares && Flags.zf(c.res) != whileEqual) {
        return;
      }
      if (allowed > 0 && c.limit != 0) {
        long done = bulk.run(c, in, Math.min(count - 1, allowed - 1));
        count -= done;
        allowed -= done;
        c.count += done;
        setRegister(c, Cpu.RCX, in.addrBits, count);
      }
      // The block may be gone (it overwrote itself), or a watched address was touched: the engine decides.
      if (allowed <= 0 || c.limit == 0) {
        c.rip -= in.length;
        return;
      }
      c.count++;
    }
  }

  private static long noBulk(Cpu c, Insn in, long max) {
    return 0;
  }

  // ---- single elements

  private static void movsOne(Cpu c, Insn in) {
    int bytes = in.op(0).bits() >> 3;
    long value = c.mem.read(source(c, in, bytes), bytes);
    c.mem.write(destination(c, in, bytes, Access.WRITE), bytes, value);
    advance(c, in, Cpu.RSI, bytes);
    advance(c, in, Cpu.RDI, bytes);
  }

  private static void stosOne(Cpu c, Insn in) {
    int bytes = in.op(0).bits() >> 3;
    c.mem.write(destination(c, in, bytes, Access.WRITE), bytes, c.r[Cpu.RAX]);
    advance(c, in, Cpu.RDI, bytes);
  }

  private static void lodsOne(Cpu c, Insn in) {
    int bytes = in.op(1).bits() >> 3;
    long value = c.mem.read(source(c, in, bytes), bytes);
    Operands.setAccumulator(c, bytes << 3, value);
    advance(c, in, Cpu.RSI, bytes);
  }

  private static void cmpsOne(Cpu c, Insn in) {
    int bytes = in.op(0).bits() >> 3;
    long a = c.mem.read(source(c, in, bytes), bytes);
    long b = c.mem.read(destination(c, in, bytes, Access.READ), bytes);
    advance(c, in, Cpu.RSI, bytes);
    advance(c, in, Cpu.RDI, bytes);
    Arithmetic.setFlags(c, FlagRule.SUB, a, b, a - b, bytes << 3);
  }

  private static void scasOne(Cpu c, Insn in) {
    int bytes = in.op(1).bits() >> 3;
    long a = Operands.cut(c.r[Cpu.RAX], bytes << 3);
    long b = c.mem.read(destination(c, in, bytes, Access.READ), bytes);
    advance(c, in, Cpu.RDI, bytes);
    Arithmetic.setFlags(c, FlagRule.SUB, a, b, a - b, bytes << 3);
  }

  /** The store's fault comes before the port is read: reading has side effects. */
  private static void insOne(Cpu c, Insn in) {
    int bytes = in.op(0).bits() >> 3;
    int port = (int) c.r[Cpu.RDX] & 0xffff;
    long lin = destination(c, in, bytes, Access.WRITE);
    c.mem.probeWrite(lin, bytes);
    c.mem.write(lin, bytes, c.ports.in(port, bytes));
    advance(c, in, Cpu.RDI, bytes);
  }

  private static void outsOne(Cpu c, Insn in) {
    int bytes = in.op(1).bits() >> 3;
    int port = (int) c.r[Cpu.RDX] & 0xffff;
    long value = c.mem.read(source(c, in, bytes), bytes);
    c.ports.out(port, bytes, (int) value);
    advance(c, in, Cpu.RSI, bytes);
  }

  private static long source(Cpu c, Insn in, int bytes) {
    return Operands.linear(c, in.dataSegment(), Operands.cut(c.r[Cpu.RSI], in.addrBits), bytes, Access.READ);
  }

  private static long destination(Cpu c, Insn in, int bytes, Access access) {
    return Operands.linear(c, Cpu.ES, Operands.cut(c.r[Cpu.RDI], in.addrBits), bytes, access);
  }

  private static void advance(Cpu c, Insn in, int register, long bytes) {
    setRegister(c, register, in.addrBits, c.r[register] + (c.flag(Cpu.DF) ? -bytes : bytes));
  }

  /** Writes the low 16, 32 (clearing the upper half) or 64 bits of a register. */
  static void setRegister(Cpu c, int register, int bits, long value) {
    c.r[register] = switch (bits) {
      case 16 -> c.r[register] & ~0xffffL | value & 0xffff;
      case 32 -> value & 0xffffffffL;
      default -> value;
    };
  }

  // ---- many elements within a page, upwards, once the TLB holds both pages

  private static long movsBulk(Cpu c, Insn in, long max) {
    int bytes = in.op(0).bits() >> 3;
    long from = bulkLinear(c, in, in.dataSegment(), Cpu.RSI);
    long to = bulkLinear(c, in, Cpu.ES, Cpu.RDI);
    byte[] source = c.mem.cachedForRead(from);
    byte[] target = c.mem.cachedForWrite(to);
    if (source == null || target == null || c.flag(Cpu.DF)) {
      return 0;
    }
    int at = (int) from & 0xfff;
    int put = (int) to & 0xfff;
    long n = Math.min(max, Math.min(room(c, in, in.dataSegment(), Cpu.RSI, from), room(c, in, Cpu.ES, Cpu.RDI, to)) / bytes);
    if (source == target && put > at && put < at + n * bytes) {
      n = (put - at) / bytes; // beyond that an element reads what this instruction wrote
    }
    if (n <= 0) {
      return 0;
    }
    System.arraycopy(source, at, target, put, (int) n * bytes);
    advance(c, in, Cpu.RSI, n * bytes);
    advance(c, in, Cpu.RDI, n * bytes);
    return n;
  }

  private static long stosBulk(Cpu c, Insn in, long max) {
    int bytes = in.op(0).bits() >> 3;
    long to = bulkLinear(c, in, Cpu.ES, Cpu.RDI);
    byte[] target = c.mem.cachedForWrite(to);
    long n = Math.min(max, room(c, in, Cpu.ES, Cpu.RDI, to) / bytes);
    if (target == null || c.flag(Cpu.DF) || n <= 0) {
      return 0;
    }
    int start = (int) to & 0xfff;
    int total = (int) n * bytes;
    for (int i = 0; i < bytes; i++) {
      target[start + i] = (byte) (c.r[Cpu.RAX] >>> 8 * i);
    }
    for (int filled = bytes; filled < total; filled *= 2) {
      System.arraycopy(target, start, target, start + filled, Math.min(filled, total - filled));
    }
    advance(c, in, Cpu.RDI, total);
    return n;
  }

  /** The linear address of a pointer whose segment has just passed its checks. */
  private static long bulkLinear(Cpu c, Insn in, int segment, int register) {
    long offset = Operands.cut(c.r[register], in.addrBits);
    if ((c.mode & Cpu.M_64) != 0) {
      return segment >= Cpu.FS ? c.seg[segment].base + offset : offset;
    }
    return c.seg[segment].base + offset & 0xffffffffL;
  }

  /** Bytes from a pointer to the end of its page, address space or segment; 0 for the rare expand-down segment. */
  private static long room(Cpu c, Insn in, int segment, int register, long linear) {
    long room = 4096 - (linear & 0xfff);
    if ((c.mode & Cpu.M_64) != 0 && in.addrBits == 64) {
      return room;
    }
    long offset = Operands.cut(c.r[register], in.addrBits);
    room = Math.min(room, (1L << in.addrBits) - offset);
    if ((c.mode & Cpu.M_64) != 0) {
      return room;
    }
    boolean expandDown = !c.seg[segment].isCode() && c.seg[segment].bit2();
    return expandDown ? 0 : Math.min(room, c.seg[segment].limit - offset + 1);
  }
}
