package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIAS;
import static dev.trapline.vm.isa.Attr.CPL0;
import static dev.trapline.vm.isa.Attr.ENDS;
import static dev.trapline.vm.isa.Attr.NO64;
import static dev.trapline.vm.isa.Attr.PROTECTED;
import static dev.trapline.vm.isa.Attr.SENSITIVE;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Delivery;
import dev.trapline.vm.cpu.FarTransfer;
import dev.trapline.vm.cpu.Fault;
import dev.trapline.vm.cpu.Iret;
import dev.trapline.vm.cpu.SystemCalls;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Intercept;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.mmu.Access;
import java.util.List;

/** Control transfers that may change segment, privilege or task: far JMP, CALL and RET, interrupts, system calls. */
final class FarControl {
  static final List<Row> ROWS = List.of(
      far("EA", "jmp", "Ap").with(NO64, SENSITIVE).does(FarControl::jump).spec("SDM 2A JMP"),
      far("FF /5", "jmp", "Mp").with(SENSITIVE).does(FarControl::jump).spec("SDM 2A JMP"),
      far("9A", "call", "Ap").with(NO64, SENSITIVE).does(FarControl::call).spec("SDM 2A CALL"),
      far("FF /3", "call", "Mp").with(SENSITIVE).does(FarControl::call).spec("SDM 2A CALL"),
      far("CB", "retf", "").with(SENSITIVE).does(FarControl::retf).spec("SDM 2B RET"),
      far("CA", "retf", "Iw").with(SENSITIVE).does(FarControl::retf).spec("SDM 2B RET"),
      far("CF", "iret", "").with(SENSITIVE).intercept(Intercept.IRET).does(FarControl::iret).spec("SDM 2A IRET"),
      far("CC", "int3", "").with(SENSITIVE).does(FarControl::int3).spec("SDM 2A INT"),
      far("CD", "int", "Ib").with(SENSITIVE, Attr.IOPL).intercept(Intercept.SWINT).does(FarControl::interrupt).spec("SDM 2A INT"),
      far("CE", "into", "").with(NO64, SENSITIVE).reads(Flags.OF).does(FarControl::into).spec("SDM 2A INT"),
      far("F1", "int1", "").with(SENSITIVE).intercept(Intercept.ICEBP).does(FarControl::int1).spec("SDM 2A INT"),
      far("0F 05", "syscall", "").with(SENSITIVE).feature(Feature.SYSCALL).does(SystemCalls::syscall).spec("APM3 SYSCALL"),
      far("0F 07", "sysret", "").with(PROTECTED, CPL0).feature(Feature.SYSCALL).does(FarControl::sysret).spec("APM3 SYSRET"),
      far("0F 34", "sysenter", "").with(SENSITIVE).feature(Feature.SYSENTER).does(SystemCalls::sysenter).spec("APM3 SYSENTER"),
      far("0F 35", "sysexit", "").feature(Feature.SYSENTER).does(SystemCalls::sysexit).spec("APM3 SYSEXIT"),
      far("0F AA", "rsm", "").intercept(Intercept.RSM).does(FarControl::undefined).spec("SDM 2B RSM"),
      far("0F 0B", "ud2", "").does(FarControl::undefined).spec("SDM 2B UD"),
      far("0F B9 /r", "ud1", "Gv,Ev").does(FarControl::undefinedOperands).spec("SDM 2B UD"),
      far("0F FF /r", "ud0", "Gv,Ev").with(ALIAS).does(FarControl::undefinedOperands).spec("SDM 2B UD"));

  private FarControl() {}

  private static Def far(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(ENDS);
  }

  /** Selector and offset of a direct or memory operand. */
  private record Pointer(int selector, long offset) {
    static Pointer of(Cpu c, Insn in) {
      if (in.op(0) instanceof Operand.Far f) {
        return new Pointer(f.selector(), f.offset());
      }
      int bytes = in.opBits / 8;
      long at = Operands.linear(c, in.mem(), bytes + 2, Access.READ);
      long offset = c.mem.read(at, bytes);
      return new Pointer(c.mem.read16(at + bytes), offset);
    }
  }

  static void jump(Cpu c, Insn in) {
    Pointer p = Pointer.of(c, in);
    FarTransfer.jump(c, p.selector, p.offset);
  }

  static void call(Cpu c, Insn in) {
    Pointer p = Pointer.of(c, in);
    FarTransfer.call(c, p.selector, p.offset, in.opBits);
  }

  static void retf(Cpu c, Insn in) {
    FarTransfer.ret(c, in.opBits, in.operands.isEmpty() ? 0 : (int) Operands.get(c, in, 0) & 0xffff);
  }

  static void iret(Cpu c, Insn in) {
    Iret.execute(c, in.opBits);
  }

  static void int3(Cpu c) {
    Delivery.softwareException(c, Fault.BP);
  }

  static void interrupt(Cpu c, Insn in) {
    Delivery.softwareInterrupt(c, (int) Operands.get(c, in, 0) & 0xff);
  }

  static void into(Cpu c) {
    if (Flags.of(c.aux)) {
      Delivery.softwareException(c, Fault.OF);
    }
  }

  static void int1(Cpu c) {
    Delivery.icebp(c);
  }

  static void sysret(Cpu c, Insn in) {
    SystemCalls.sysret(c, in.opBits == 64);
  }

  static void undefined(Cpu c) {
    throw c.ud();
  }

  static void undefinedOperands(Cpu c, Insn in) {
    throw c.ud();
  }
}
