package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.D64;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.NO64;
import static dev.trapline.vm.isa.Attr.PROTECTED;
import static dev.trapline.vm.isa.Attr.SENSITIVE;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Segments;
import dev.trapline.vm.cpu.Stack;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;
import java.util.stream.Stream;

/** Segment registers: MOV, PUSH, POP, LDS and its kin; the queries LAR, LSL, VERR, VERW, ARPL. */
final class SegmentLoads {
  static final List<Row> ROWS = Stream.concat(Stream.of(
      load("8E /r", "mov", "Sw,Rv").does(SegmentLoads::move).spec("SDM 2B MOV"),
      load("8E /r", "mov", "Sw,Mw").does(SegmentLoads::move).spec("SDM 2B MOV"),
      row("8C /r", "mov", "Rv,Sw").with(SENSITIVE).does(SegmentLoads::store).spec("SDM 2B MOV"),
      row("8C /r", "mov", "Mw,Sw").with(SENSITIVE).does(SegmentLoads::store).spec("SDM 2B MOV"),
      load("C4 /r", "les", "Gv,Mp").with(NO64).does(SegmentLoads::les).spec("SDM 2A LDS/LES/LFS/LGS/LSS"),
      load("C5 /r", "lds", "Gv,Mp").with(NO64).does(SegmentLoads::lds).spec("SDM 2A LDS/LES/LFS/LGS/LSS"),
      load("0F B2 /r", "lss", "Gv,Mp").does(SegmentLoads::lss).spec("SDM 2A LDS/LES/LFS/LGS/LSS"),
      load("0F B4 /r", "lfs", "Gv,Mp").does(SegmentLoads::lfs).spec("SDM 2A LDS/LES/LFS/LGS/LSS"),
      load("0F B5 /r", "lgs", "Gv,Mp").does(SegmentLoads::lgs).spec("SDM 2A LDS/LES/LFS/LGS/LSS"),
      query("0F 02 /r", "lar", "Gv,Ew").does(SegmentLoads::lar).spec("SDM 2A LAR"),
      query("0F 03 /r", "lsl", "Gv,Ew").does(SegmentLoads::lsl).spec("SDM 2A LSL"),
      query("0F 00 /4", "verr", "Ew").does(SegmentLoads::verr).spec("SDM 2C VERR"),
      query("0F 00 /5", "verw", "Ew").does(SegmentLoads::verw).spec("SDM 2C VERW"),
      row("63 /r", "arpl", "Ew,Gw").with(NO64, PROTECTED).flags(FlagRule.SELF).writes(Flags.ZF).does(SegmentLoads::arpl)
          .spec("SDM 2A ARPL")),
      stackRows()).toList();

  private SegmentLoads() {}

  private static Def load(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(ENDS, SENSITIVE);
  }

  private static Def query(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(PROTECTED, SENSITIVE).flags(FlagRule.SELF).writes(Flags.ZF);
  }

  private static Stream<Row> stackRows() {
    return Stream.of(
        pushing("06", "ES").with(NO64).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        pushing("0E", "CS").with(NO64, SENSITIVE).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        pushing("16", "SS").with(NO64, SENSITIVE).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        pushing("1E", "DS").with(NO64).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        pushing("0F A0", "FS").with(D64).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        pushing("0F A8", "GS").with(D64).does(SegmentLoads::push).spec("SDM 2B PUSH"),
        load("07", "pop", "ES").with(NO64).does(SegmentLoads::pop).spec("SDM 2B POP"),
        load("17", "pop", "SS").with(NO64).does(SegmentLoads::pop).spec("SDM 2B POP"),
        load("1F", "pop", "DS").with(NO64).does(SegmentLoads::pop).spec("SDM 2B POP"),
        load("0F A1", "pop", "FS").with(D64).does(SegmentLoads::pop).spec("SDM 2B POP"),
        load("0F A9", "pop", "GS").with(D64).does(SegmentLoads::pop).spec("SDM 2B POP"));
  }

  private static Def pushing(String encoding, String segment) {
    return row(encoding, "push", segment);
  }

  /** The segment register an operand names; 6 and 7 do not exist. */
  private static int register(Cpu c, Operand o) {
    int i = ((Operand.Reg) o).index();
    if (i > Cpu.GS) {
      throw c.ud();
    }
    return i;
  }

  static void move(Cpu c, Insn in) {
    int segment = register(c, in.op(0));
    if (segment == Cpu.CS) {
      throw c.ud();
    }
    Segments.load(c, segment, (int) Operands.get(c, in, 1));
    if (segment == Cpu.SS) {
      c.holdForStackLoad();
    }
  }

  static void store(Cpu c, Insn in) {
    Operands.set(c, in.op(0), c.seg[register(c, in.op(1))].selector & 0xffffL);
  }

  static void push(Cpu c, Insn in) {
    Stack.push(c, c.seg[register(c, in.op(0))].selector & 0xffffL, in.opBits);
  }

  /** The pointer moves with the width of the old stack; nothing moves if the load faults. */
  static void pop(Cpu c, Insn in) {
    int segment = register(c, in.op(0));
    int selector = (int) Stack.peek(c, 0, in.opBits) & 0xffff;
    long old = c.r[Cpu.RSP];
    Stack.setPointer(c, old + in.opBits / 8);
    long moved = c.r[Cpu.RSP];
    c.r[Cpu.RSP] = old;
    Segments.load(c, segment, selector);
    c.r[Cpu.RSP] = moved;
    if (segment == Cpu.SS) {
      c.holdForStackLoad();
    }
  }

  private static void loadPointer(Cpu c, Insn in, int segment) {
    Operand.Mem m = in.mem();
    int bytes = in.opBits / 8;
    long at = Operands.linear(c, m, bytes + 2, Access.READ);
    long offset = c.mem.read(at, bytes);
    Segments.load(c, segment, c.mem.read16(at + bytes));
    Operands.set(c, in.op(0), offset);
  }

  static void les(Cpu c, Insn in) {
    loadPointer(c, in, Cpu.ES);
  }

  static void lds(Cpu c, Insn in) {
    loadPointer(c, in, Cpu.DS);
  }

  static void lss(Cpu c, Insn in) {
    loadPointer(c, in, Cpu.SS);
  }

  static void lfs(Cpu c, Insn in) {
    loadPointer(c, in, Cpu.FS);
  }

  static void lgs(Cpu c, Insn in) {
    loadPointer(c, in, Cpu.GS);
  }

  // ---- queries

  private static void zero(Cpu c, boolean set) {
    int others = Flags.pack(c.res, c.aux) & ~Flags.ZF;
    c.arithmeticFlags(others | (set ? Flags.ZF : 0));
  }

  static void lar(Cpu c, Insn in) {
    answer(c, in, Segments.accessRights(c, (int) Operands.get(c, in, 1)));
  }

  static void lsl(Cpu c, Insn in) {
    answer(c, in, Segments.limit(c, (int) Operands.get(c, in, 1)));
  }

  private static void answer(Cpu c, Insn in, long value) {
    if (value >= 0) {
      Operands.set(c, in.op(0), value);
    }
    zero(c, value >= 0);
  }

  static void verr(Cpu c, long selector) {
    zero(c, Segments.verifyRead(c, (int) selector));
  }

  static void verw(Cpu c, long selector) {
    zero(c, Segments.verifyWrite(c, (int) selector));
  }

  static void arpl(Cpu c, Insn in) {
    long selector = Operands.get(c, in.op(0)); // without write intent: it stores only what it changes (silicon vectors)
    long rpl = Operands.get(c, in, 1) & 3;
    boolean raise = (selector & 3) < rpl;
    if (raise) {
      Operands.set(c, in.op(0), selector & ~3L | rpl);
    }
    zero(c, raise);
  }
}
