package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.NO64;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.List;
import java.util.stream.Stream;

/** The decimal adjustments DAA, DAS, AAA, AAS, AAM, AAD (SDM 1 7.3.4). */
final class Decimal {
  static final List<Row> ROWS = Stream.of(
      adjust("27", "daa", "").undefined(Flags.OF).does(Decimal::daa),
      adjust("2F", "das", "").undefined(Flags.OF).does(Decimal::das),
      adjust("37", "aaa", "").undefined(Flags.OF | Flags.SF | Flags.ZF | Flags.PF).does(Decimal::aaa),
      adjust("3F", "aas", "").undefined(Flags.OF | Flags.SF | Flags.ZF | Flags.PF).does(Decimal::aas),
      adjust("D4", "aam", "Ib").undefined(Flags.OF | Flags.AF | Flags.CF).does(Decimal::aam),
      adjust("D5", "aad", "Ib").undefined(Flags.OF | Flags.AF | Flags.CF).does(Decimal::aad))
      .map(d -> d.spec("SDM 2A, SDM 1 7.3.4")).toList();

  private Decimal() {}

  private static Def adjust(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(NO64).flags(FlagRule.SELF).reads(Flags.CF | Flags.AF);
  }

  static void daa(Cpu c) {
    int al = al(c);
    boolean low = (al & 15) > 9 || Flags.af(c.aux);
    boolean high = al > 0x99 || Flags.cf(c.aux);
    int value = al + (low ? 6 : 0) + (high ? 0x60 : 0);
    adjusted(c, value, low, high, (value & ~al & 0x80) != 0);
  }

  /** CF is also set if subtracting 6 borrows, even where the high digit stays. */
  static void das(Cpu c) {
    int al = al(c);
    boolean low = (al & 15) > 9 || Flags.af(c.aux);
    boolean high = al > 0x99 || Flags.cf(c.aux);
    int value = al - (low ? 6 : 0) - (high ? 0x60 : 0);
    adjusted(c, value, low, high || low && al < 6, (al & ~value & 0x80) != 0);
  }

  private static void adjusted(Cpu c, int value, boolean adjust, boolean carry, boolean overflow) {
    setAl(c, value);
    c.res = (byte) value;
    long aux = Flags.carryOverflow(carry, overflow);
    c.aux = adjust ? Flags.withAdjust(aux) : aux;
  }

  static void aaa(Cpu c) {
    boolean adjust = (al(c) & 15) > 9 || Flags.af(c.aux);
    unpacked(c, adjust ? 0x106 : 0, adjust);
  }

  static void aas(Cpu c) {
    boolean adjust = (al(c) & 15) > 9 || Flags.af(c.aux);
    unpacked(c, adjust ? -0x106 : 0, adjust);
  }

  /** SF, ZF, PF and OF are undefined; AMD has those of the 16-bit sum before the high digit of AL is cleared. */
  private static void unpacked(Cpu c, int add, boolean adjust) {
    int ax = ax(c);
    int sum = ax + add;
    boolean overflow = (add > 0 ? sum & ~ax : ax & ~sum) << 16 < 0;
    setAx(c, sum & 0xff0f);
    c.res = (short) sum;
    c.aux = adjust ? Flags.withAdjust(Flags.carryOverflow(true, overflow)) : 0;
  }

  static void aam(Cpu c, long base) {
    if (base == 0) {
      throw c.raise(Fault.DE);
    }
    int al = al(c);
    setAx(c, al / (int) base << 8 | al % (int) base);
    c.res = (byte) (al % base);
    c.aux = 0;
  }

  static void aad(Cpu c, long base) {
    int ax = ax(c);
    int product = (ax >> 8) * (int) base & 0xff;
    int al = (ax & 0xff) + product & 0xff;
    setAx(c, al);
    Arithmetic.setFlags(c, FlagRule.ADD, ax & 0xff, product, al, 8);
  }

  private static int al(Cpu c) {
    return (int) c.r[Cpu.RAX] & 0xff;
  }

  private static int ax(Cpu c) {
    return (int) c.r[Cpu.RAX] & 0xffff;
  }

  private static void setAl(Cpu c, int value) {
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xffL | value & 0xff;
  }

  private static void setAx(Cpu c, int value) {
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xffffL | value & 0xffff;
  }
}
