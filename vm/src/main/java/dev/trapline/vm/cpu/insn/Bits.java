package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.DISCARDS;
import static dev.trapline.vm.isa.Attr.LOCK;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;
import java.util.stream.Stream;

/** BT, BTS, BTR, BTC, BSF, BSR, POPCNT, CRC32. TZCNT and LZCNT are not advertised: F3 in front of BSF and BSR is ignored. */
final class Bits {
  private static final int OSAPC = Flags.OSZAPC & ~Flags.ZF;

  static final List<Row> ROWS = Forms.list(
      test("A3", 4, "bt", Bits::bt, DISCARDS),
      test("AB", 5, "bts", Bits::bts, LOCK),
      test("B3", 6, "btr", Bits::btr, LOCK),
      test("BB", 7, "btc", Bits::btc, LOCK),
      Stream.of(
          row("0F BC /r", "bsf", "Gv,Ev").flags(FlagRule.SELF).undefined(OSAPC).does(Bits::bsf).spec("SDM 2A BSF"),
          row("0F BD /r", "bsr", "Gv,Ev").flags(FlagRule.SELF).undefined(OSAPC).does(Bits::bsr).spec("SDM 2A BSR"),
          row("F3 0F B8 /r", "popcnt", "Gv,Ev").flags(FlagRule.POPCNT).feature(Feature.POPCNT).does(Bits::popcnt).spec("SDM 2B POPCNT"),
          // Listed under SSE4.2 by CPUID, but no XMM register is touched: no #NM and no OSFXSR check (SDM 2A table 2-29).
          row("F2 0F 38 F0 /r", "crc32", "Gy,Eb").does(Bits::crc32of8).spec("SDM 2A CRC32"),
          row("F2 0F 38 F1 /r o16", "crc32", "Gd,Ew").does(Bits::crc32of16).spec("SDM 2A CRC32"),
          row("F2 0F 38 F1 /r o32", "crc32", "Gd,Ed").does(Bits::crc32of32).spec("SDM 2A CRC32"),
          row("F2 0F 38 F1 /r o64", "crc32", "Gq,Eq").does(Bits::crc32of64).spec("SDM 2A CRC32")));

  private Bits() {}

  /** A bit string in memory reaches beyond the operand, so the memory form with a register offset stands apart. */
  private static Stream<Row> test(String opcode, int digit, String name, Shape.LLLI function, Attr attr) {
    String spec = "SDM 2A " + name.toUpperCase(java.util.Locale.ROOT);
    return Stream.of(
        row("0F " + opcode + " /r", name, "Rv,Gv").with(attr).flags(FlagRule.BT).sized(function).spec(spec),
        row("0F " + opcode + " /r", name, "Mv,Gv").with(attr).flags(FlagRule.SELF).writes(FlagRule.BT.written)
            .undefined(FlagRule.BT.undefined).does((Cpu c, Insn in) -> string(c, in, function)).spec(spec),
        row("0F BA /" + digit, name, "Ev,Ib").with(attr).flags(FlagRule.BT).sized(function).spec(spec));
  }

  private static void string(Cpu c, Insn in, Shape.LLLI function) {
    Operand.Mem m = in.mem();
    int w = m.bits();
    long bit = Operands.get(c, in.op(1));
    long unit = Flags.sext(bit, w) >> Integer.numberOfTrailingZeros(w);
    long offset = Operands.cut(Operands.offset(c, m) + unit * (w >> 3), m.addrBits());
    boolean writes = !in.row.is(DISCARDS);
    long lin = Operands.linear(c, m.seg(), offset, w >> 3, writes ? Access.WRITE : Access.READ);
    long a = writes ? c.mem.readForWrite(lin, w >> 3) : c.mem.read(lin, w >> 3);
    if (writes) {
      c.mem.write(lin, w >> 3, function.f(a, bit, w));
    }
    Arithmetic.setFlags(c, FlagRule.BT, a, bit, 0, w);
  }

  private static long mask(long b, int w) {
    return 1L << (b & w - 1);
  }

  static long bt(long a, long b, int w) {
    return a;
  }

  static long bts(long a, long b, int w) {
    return a | mask(b, w);
  }

  static long btr(long a, long b, int w) {
    return a & ~mask(b, w);
  }

  static long btc(long a, long b, int w) {
    return a ^ mask(b, w);
  }

  static void bsf(Cpu c, Insn in) {
    long b = Operands.get(c, in.op(1));
    scanned(c, in, b, Long.numberOfTrailingZeros(b));
  }

  static void bsr(Cpu c, Insn in) {
    long b = Operands.get(c, in.op(1));
    scanned(c, in, b, 63 - Long.numberOfLeadingZeros(b));
  }

  /** With a zero source the whole destination stays as it was (APM3 BSF; so on Intel's silicon). */
  private static void scanned(Cpu c, Insn in, long source, long index) {
    if (source == 0) {
      c.arithmeticFlags(Flags.ZF | Flags.PF);
      return;
    }
    Operands.set(c, in.op(0), index);
    c.res = index | 0x100; // PF of the index, ZF clear
    c.aux = 0;
  }

  static long popcnt(long b) {
    return Long.bitCount(b);
  }

  static long crc32of8(long a, long b) {
    return crc32(a, b, 8);
  }

  static long crc32of16(long a, long b) {
    return crc32(a, b, 16);
  }

  static long crc32of32(long a, long b) {
    return crc32(a, b, 32);
  }

  static long crc32of64(long a, long b) {
    return crc32(a, b, 64);
  }

  /** CRC-32C, bits reflected: polynomial 11EDC6F41h. */
  private static long crc32(long a, long b, int bits) {
    int crc = (int) a;
    for (int done = 0; done < bits; done += 8) {
      crc ^= (int) (b >>> done) & 0xff;
      for (int i = 0; i < 8; i++) {
        crc = crc >>> 1 ^ 0x82f63b78 & -(crc & 1);
      }
    }
    return crc & 0xffffffffL;
  }
}
