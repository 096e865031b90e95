package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.LOCK;
import static dev.trapline.vm.isa.Attr.ONLY64;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Cond;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Moves between general registers and memory: MOV, extensions, XCHG, CMPXCHG, CMOVcc, SETcc, LEA, XLAT, BSWAP. */
final class Data {
  static final List<Row> ROWS = Forms.list(moves(), extensions(), exchanges(), conditional());

  private Data() {}

  private static Stream<Row> moves() {
    return Stream.of(
        row("88 /r", "mov", "Eb,Gb").does(Data::mov).spec("SDM 2B MOV"),
        row("89 /r", "mov", "Ev,Gv").does(Data::mov).spec("SDM 2B MOV"),
        row("8A /r", "mov", "Gb,Eb").does(Data::mov).spec("SDM 2B MOV"),
        row("8B /r", "mov", "Gv,Ev").does(Data::mov).spec("SDM 2B MOV"),
        row("A0", "mov", "AL,Ob").does(Data::mov).spec("SDM 2B MOV"),
        row("A1", "mov", "rAX,Ov").does(Data::mov).spec("SDM 2B MOV"),
        row("A2", "mov", "Ob,AL").does(Data::mov).spec("SDM 2B MOV"),
        row("A3", "mov", "Ov,rAX").does(Data::mov).spec("SDM 2B MOV"),
        row("B0+r", "mov", "Zb,Ib").does(Data::mov).spec("SDM 2B MOV"),
        row("B8+r", "mov", "Zv,Iv").does(Data::mov).spec("SDM 2B MOV"),
        row("C6 /0", "mov", "Eb,Ib").does(Data::mov).spec("SDM 2B MOV"),
        row("C7 /0", "mov", "Ev,Iz").does(Data::mov).spec("SDM 2B MOV"),
        // No #NM, #MF or OSFXSR check, though CPUID lists it under SSE2: no XMM register is touched.
        row("NP 0F C3 /r", "movnti", "My,Gy").does(Data::mov).spec("SDM 2B MOVNTI"),
        row("8D /r", "lea", "Gv,Mn").does(Data::mov).spec("SDM 2A LEA"),
        row("D7", "xlatb", "").does(Data::xlat).spec("SDM 2C XLAT"),
        row("0F C8+r", "bswap", "Zv").sized(Data::bswap).spec("SDM 2A BSWAP"));
  }

  private static Stream<Row> extensions() {
    return Stream.of(
        row("0F B6 /r", "movzx", "Gv,Eb").does(Data::mov).spec("SDM 2B MOVZX"),
        row("0F B7 /r", "movzx", "Gv,Ew").does(Data::mov).spec("SDM 2B MOVZX"),
        row("0F BE /r", "movsx", "Gv,Eb").does(Data::extend8).spec("SDM 2B MOVSX"),
        row("0F BF /r", "movsx", "Gv,Ew").does(Data::extend16).spec("SDM 2B MOVSX"),
        row("o16 63 /r", "movsxd", "Gv,Ew").with(ONLY64).does(Data::mov).spec("SDM 2B MOVSXD"),
        row("o32 63 /r", "movsxd", "Gv,Ed").with(ONLY64).does(Data::mov).spec("SDM 2B MOVSXD"),
        row("o64 63 /r", "movsxd", "Gv,Ed").with(ONLY64).does(Data::extend32).spec("SDM 2B MOVSXD"),
        row("o16 98", "cbw", "").does(Data::cbw).spec("SDM 2A CBW"),
        row("o32 98", "cwde", "").does(Data::cwde).spec("SDM 2A CWDE"),
        row("o64 98", "cdqe", "").does(Data::cdqe).spec("SDM 2A CDQE"),
        row("o16 99", "cwd", "").does(Data::cwd).spec("SDM 2A CWD"),
        row("o32 99", "cdq", "").does(Data::cdq).spec("SDM 2A CDQ"),
        row("o64 99", "cqo", "").does(Data::cqo).spec("SDM 2A CQO"));
  }

  private static Stream<Row> exchanges() {
    return Stream.of(
        row("86 /r", "xchg", "Eb,Gb").with(LOCK).does(Data::xchg).spec("SDM 2C XCHG"),
        row("87 /r", "xchg", "Ev,Gv").with(LOCK).does(Data::xchg).spec("SDM 2C XCHG"),
        row("90+r", "xchg", "Zv,rAX").does(Data::xchg).spec("SDM 2C XCHG"),
        row("0F B0 /r", "cmpxchg", "Eb,Gb").with(LOCK).flags(FlagRule.SELF).does(Data::cmpxchg).spec("SDM 2A CMPXCHG"),
        row("0F B1 /r", "cmpxchg", "Ev,Gv").with(LOCK).flags(FlagRule.SELF).does(Data::cmpxchg).spec("SDM 2A CMPXCHG"),
        row("0F C7 /1 W0", "cmpxchg8b", "Mq").with(LOCK).flags(FlagRule.SELF).writes(Flags.ZF).feature(Feature.CX8)
            .does(Data::cmpxchg8b).spec("SDM 2A CMPXCHG8B"),
        row("0F C7 /1 W1", "cmpxchg16b", "Mdq").with(LOCK).flags(FlagRule.SELF).writes(Flags.ZF).feature(Feature.CX16)
            .does(Data::cmpxchg16b).spec("SDM 2A CMPXCHG16B"));
  }

  private static Stream<Row> conditional() {
    return Arrays.stream(Cond.values()).flatMap(cond -> {
      int code = cond.ordinal();
      String suffix = cond.names().getFirst();
      int reads = Forms.flagsRead(cond);
      return Stream.of(
          row("0F " + Forms.hex(0x40 + code) + " /r", "cmov" + suffix, "Gv,Ev").when(cond).reads(reads).feature(Feature.CMOV)
              .does(Data::mov).spec("SDM 2A CMOVcc"),
          row("0F " + Forms.hex(0x90 + code) + " /r", "set" + suffix, "Eb").when(cond).reads(reads)
              .does(Data::one).spec("SDM 2B SETcc"));
    });
  }

  static long mov(long b) {
    return b;
  }

  /** What SETcc stores if the condition holds; the engine stores 0 otherwise. */
  static long one(Cpu c) {
    return 1;
  }

  static long extend8(long b) {
    return (byte) b;
  }

  static long extend16(long b) {
    return (short) b;
  }

  static long extend32(long b) {
    return (int) b;
  }

  static void cbw(Cpu c) {
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xffffL | (byte) c.r[Cpu.RAX] & 0xffff;
  }

  static void cwde(Cpu c) {
    c.r[Cpu.RAX] = (short) c.r[Cpu.RAX] & 0xffffffffL;
  }

  static void cdqe(Cpu c) {
    c.r[Cpu.RAX] = (int) c.r[Cpu.RAX];
  }

  static void cwd(Cpu c) {
    c.r[Cpu.RDX] = c.r[Cpu.RDX] & ~0xffffL | (short) c.r[Cpu.RAX] >> 15 & 0xffff;
  }

  static void cdq(Cpu c) {
    c.r[Cpu.RDX] = (int) c.r[Cpu.RAX] >> 31 & 0xffffffffL;
  }

  static void cqo(Cpu c) {
    c.r[Cpu.RDX] = c.r[Cpu.RAX] >> 63;
  }

  /** A 16-bit operand is undefined in the manuals; every processor since the Pentium clears it. */
  static long bswap(long a, int w) {
    return switch (w) {
      case 64 -> Long.reverseBytes(a);
      case 32 -> Long.reverseBytes(a) >>> 32;
      default -> 0;
    };
  }

  static void xlat(Cpu c, Insn in) {
    long offset = Operands.cut(c.r[Cpu.RBX] + (c.r[Cpu.RAX] & 0xff), in.addrBits);
    long lin = Operands.linear(c, in.dataSegment(), offset, 1, Access.READ);
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xffL | c.mem.read8(lin);
  }

  static void xchg(Cpu c, Insn in) {
    long a = Operands.getForWrite(c, in.op(0));
    long b = Operands.get(c, in.op(1));
    Operands.set(c, in.op(0), b);
    Operands.set(c, in.op(1), a);
  }

  /**
   * Compares with the accumulator. A register destination is not written if the comparison fails (its upper half
   * stays, as on silicon); a memory destination is written in any case.
   */
  static void cmpxchg(Cpu c, Insn in) {
    int w = in.op(0).bits();
    long a = Operands.getForWrite(c, in.op(0));
    long accumulator = Operands.cut(c.r[Cpu.RAX], w);
    if (a == accumulator) {
      Operands.set(c, in.op(0), Operands.get(c, in.op(1)));
    } else {
      if (in.mem() != null) {
        Operands.set(c, in.op(0), a);
      }
      Operands.setAccumulator(c, w, a);
    }
    Arithmetic.setFlags(c, FlagRule.SUB, accumulator, a, accumulator - a, w);
  }

  static void cmpxchg8b(Cpu c, Insn in) {
    long lin = Operands.linear(c, in.mem(), 8, Access.WRITE);
    long old = c.mem.readForWrite(lin, 8);
    boolean equal = old == ((c.r[Cpu.RDX] & 0xffffffffL) << 32 | c.r[Cpu.RAX] & 0xffffffffL);
    c.mem.write64(lin, equal ? c.r[Cpu.RCX] << 32 | c.r[Cpu.RBX] & 0xffffffffL : old);
    if (!equal) {
      c.r[Cpu.RAX] = old & 0xffffffffL;
      c.r[Cpu.RDX] = old >>> 32;
    }
    setZero(c, equal);
  }

  static void cmpxchg16b(Cpu c, Insn in) {
    long lin = Operands.linear(c, in.mem(), 16, Access.WRITE);
    if ((lin & 15) != 0) {
      throw c.gp(0);
    }
    long low = c.mem.readForWrite(lin, 8);
    long high = c.mem.readForWrite(lin + 8, 8);
    boolean equal = low == c.r[Cpu.RAX] && high == c.r[Cpu.RDX];
    c.mem.write64(lin, equal ? c.r[Cpu.RBX] : low);
    c.mem.write64(lin + 8, equal ? c.r[Cpu.RCX] : high);
    if (!equal) {
      c.r[Cpu.RAX] = low;
      c.r[Cpu.RDX] = high;
    }
    setZero(c, equal);
  }

  private static void setZero(Cpu c, boolean zero) {
    int flags = Flags.pack(c.res, c.aux);
    c.arithmeticFlags(zero ? flags | Flags.ZF : flags & ~Flags.ZF);
  }
}
