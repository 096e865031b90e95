package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.IOPL;
import static dev.trapline.vm.isa.Attr.NO64;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Row;
import java.util.List;

/** CLC, STC, CMC, CLD, STD, CLI, STI, LAHF, SAHF, SALC. */
final class FlagOps {
  private static final int SZAPC = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;

  static final List<Row> ROWS = List.of(
      row("F5", "cmc", "").flags(FlagRule.SELF).writes(Flags.CF).reads(Flags.CF).does(FlagOps::cmc).spec("SDM 2A CMC"),
      row("F8", "clc", "").flags(FlagRule.SELF).writes(Flags.CF).does(FlagOps::clc).spec("SDM 2A CLC"),
      row("F9", "stc", "").flags(FlagRule.SELF).writes(Flags.CF).does(FlagOps::stc).spec("SDM 2B STC"),
      row("FC", "cld", "").writes(Cpu.DF).does(FlagOps::cld).spec("SDM 2A CLD"),
      row("FD", "std", "").writes(Cpu.DF).does(FlagOps::std).spec("SDM 2B STD"),
      row("FA", "cli", "").with(IOPL, ENDS).writes(Cpu.IF).does(FlagOps::cli).spec("SDM 2A CLI"),
      row("FB", "sti", "").with(IOPL, ENDS).writes(Cpu.IF).does(FlagOps::sti).spec("SDM 2B STI"),
      row("9F", "lahf", "").reads(SZAPC).does(FlagOps::lahf).spec("SDM 2A LAHF"),
      row("9E", "sahf", "").flags(FlagRule.SELF).writes(SZAPC).does(FlagOps::sahf).spec("SDM 2B SAHF"),
      row("D6", "salc", "").with(NO64).reads(Flags.CF).does(FlagOps::salc).spec("APM3 appendix A (SALC)"));

  private FlagOps() {}

  static void cmc(Cpu c) {
    carry(c, !Flags.cf(c.aux));
  }

  static void clc(Cpu c) {
    carry(c, false);
  }

  static void stc(Cpu c) {
    carry(c, true);
  }

  private static void carry(Cpu c, boolean value) {
    c.aux = Flags.withCarryOverflow(c.aux, value, Flags.of(c.aux));
  }

  static void cld(Cpu c) {
    c.sysFlags &= ~Cpu.DF;
  }

  static void std(Cpu c) {
    c.sysFlags |= Cpu.DF;
  }

  static void cli(Cpu c) {
    requireIopl(c);
    c.sysFlags &= ~Cpu.IF;
  }

  /** Interrupts stay held off for the next instruction if they were disabled (SDM 2B STI). */
  static void sti(Cpu c) {
    requireIopl(c);
    if (!c.flag(Cpu.IF)) {
      c.sysFlags |= Cpu.IF;
      c.shadow = true;
    }
  }

  /** CPL within IOPL; CPL is 0 in real mode and 3 in virtual-8086 mode. Neither VME nor PVI is offered. */
  private static void requireIopl(Cpu c) {
    if (c.cpl > (c.sysFlags & Cpu.IOPL) >> 12) {
      throw c.gp(0);
    }
  }

  static void lahf(Cpu c) {
    long ah = Flags.pack(c.res, c.aux) & SZAPC | 2;
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xff00L | ah << 8;
  }

  static void sahf(Cpu c) {
    int overflow = Flags.of(c.aux) ? Flags.OF : 0;
    c.arithmeticFlags((int) (c.r[Cpu.RAX] >>> 8) & SZAPC | overflow);
  }

  static void salc(Cpu c) {
    c.r[Cpu.RAX] = c.r[Cpu.RAX] & ~0xffL | (Flags.cf(c.aux) ? 0xff : 0);
  }
}
