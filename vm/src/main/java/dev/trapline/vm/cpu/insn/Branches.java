package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.D64;
import static dev.trapline.vm.isa.Attr.ENDS;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Stack;
import dev.trapline.vm.isa.Cond;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Near branches: JMP, CALL, RET, Jcc, LOOP, JCXZ. A target beyond the code segment's limit or not canonical raises #GP(0) at
 * the branch, before anything has changed. In 64-bit mode an operand-size prefix makes the target 16 bits wide (APM3: AMD).
 */
final class Branches {
  static final List<Row> ROWS = Forms.list(
      Stream.of(
          near("E9", "jmp", "Jz").sized(Branches::relative).spec("SDM 2A JMP"),
          near("EB", "jmp", "Jb").sized(Branches::relative).spec("SDM 2A JMP"),
          near("FF /4", "jmp", "Ev").sized(Branches::absolute).spec("SDM 2A JMP"),
          near("E8", "call", "Jz").sized(Branches::call).spec("SDM 2A CALL"),
          near("FF /2", "call", "Ev").sized(Branches::callAbsolute).spec("SDM 2A CALL"),
          near("C3", "ret", "").sized(Branches::ret).spec("SDM 2B RET"),
          near("C2", "ret", "Iw").sized(Branches::retPopping).spec("SDM 2B RET"),
          near("E0", "loopne", "Jb").reads(Flags.ZF).does(Branches::loopne).spec("SDM 2A LOOP"),
          near("E1", "loope", "Jb").reads(Flags.ZF).does(Branches::loope).spec("SDM 2A LOOP"),
          near("E2", "loop", "Jb").does(Branches::loop).spec("SDM 2A LOOP"),
          near("E3 a16", "jcxz", "Jb").sized(Branches::jcxz).spec("SDM 2A JCXZ"),
          near("E3 a32", "jecxz", "Jb").sized(Branches::jecxz).spec("SDM 2A JECXZ"),
          near("E3 a64", "jrcxz", "Jb").sized(Branches::jrcxz).spec("SDM 2A JRCXZ")),
      Arrays.stream(Cond.values()).flatMap(Branches::conditional));

  private Branches() {}

  private static Def near(String encoding, String name, String operands) {
    return row(encoding, name, operands).with(D64, ENDS);
  }

  private static Stream<Row> conditional(Cond cond) {
    String name = "j" + cond.names().getFirst();
    return Stream.of(near(Forms.hex(0x70 + cond.ordinal()), name, "Jb"), near("0F " + Forms.hex(0x80 + cond.ordinal()), name, "Jz"))
        .map(d -> d.when(cond).reads(Forms.flagsRead(cond)).sized(Branches::relative).spec("SDM 2A Jcc"));
  }

  /** The target cut to the operand size, or #GP(0). */
  private static long checked(Cpu c, long target, int w) {
    if ((c.mode & Cpu.M_64) != 0) {
      if (w == 16) {
        return target & 0xffff;
      }
      if (target >> 47 != target >> 63) {
        throw c.gp(0);
      }
      return target;
    }
    long offset = w == 16 ? target & 0xffff : target & 0xffffffffL;
    if (offset > c.seg[Cpu.CS].limit) {
      throw c.gp(0);
    }
    return offset;
  }

  static void relative(Cpu c, long displacement, int w) {
    c.rip = checked(c, c.rip + displacement, w);
  }

  static void absolute(Cpu c, long target, int w) {
    c.rip = checked(c, target, w);
  }

  static void call(Cpu c, long displacement, int w) {
    callAbsolute(c, c.rip + displacement, w);
  }

  static void callAbsolute(Cpu c, long target, int w) {
    long next = checked(c, target, w);
    Stack.push(c, c.rip, w);
    c.rip = next;
  }

  static void ret(Cpu c, int w) {
    retPopping(c, 0, w);
  }

  /** The pointer moves only once the target has been checked. */
  static void retPopping(Cpu c, long bytes, int w) {
    long next = checked(c, Stack.peek(c, 0, w), w);
    Stack.setPointer(c, c.r[Cpu.RSP] + (w >> 3) + bytes);
    c.rip = next;
  }

  static void loop(Cpu c, Insn in) {
    loopIf(c, in, true);
  }

  static void loope(Cpu c, Insn in) {
    loopIf(c, in, Flags.zf(c.res));
  }

  static void loopne(Cpu c, Insn in) {
    loopIf(c, in, !Flags.zf(c.res));
  }

  private static void loopIf(Cpu c, Insn in, boolean also) {
    long count = Operands.cut(c.r[Cpu.RCX] - 1, in.addrBits);
    if (count != 0 && also) {
      c.rip = checked(c, c.rip + Operands.get(c, in.op(0)), in.opBits);
    }
    Strings.setRegister(c, Cpu.RCX, in.addrBits, count);
  }

  static void jcxz(Cpu c, long displacement, int w) {
    if ((c.r[Cpu.RCX] & 0xffff) == 0) {
      relative(c, displacement, w);
    }
  }

  static void jecxz(Cpu c, long displacement, int w) {
    if ((int) c.r[Cpu.RCX] == 0) {
      relative(c, displacement, w);
    }
  }

  static void jrcxz(Cpu c, long displacement, int w) {
    if (c.r[Cpu.RCX] == 0) {
      relative(c, displacement, w);
    }
  }
}
