package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Control;
import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.Cpuid;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.RegFile;
import java.util.HashMap;
import java.util.Map;

/** Binds decoded instructions to operations; keeps one prototype for each shape. */
final class OpFactory {
  /** An instruction no row matches, a misplaced LOCK, or one not available in this mode. */
  static final class Undefined extends Op {
    @Override
    void exec(Cpu c) {
      throw c.ud();
    }

    @Override
    Op fresh() {
      return new Undefined();
    }
  }

  private final Map<Long, Op> prototypes = new HashMap<>();
  private final Cpuid cpuid;

  /** @param cpuid which rows exist */
  OpFactory(Cpuid cpuid) {
    this.cpuid = cpuid;
  }

  /** The operation of an instruction; null stands for bytes that no row matches. */
  Op bind(Insn in, int mode, boolean flagsDead) {
    if (in == null || !legal(in, mode)) {
      Op op = new Undefined();
      op.insn = in;
      return op;
    }
    long key = OpShape.key(in, mode, flagsDead);
    Op prototype = prototypes.get(key);
    if (prototype == null) {
      prototype = OpCompiler.compile(in, OpShape.of(in, mode, flagsDead));
      prototypes.put(key, prototype);
    }
    Op op = prototype.fresh();
    op.insn = in;
    for (int i = 0; i < in.operands.size(); i++) {
      fill(op, i, in.operands.get(i));
    }
    return op;
  }

  /** How many shapes have a class. */
  int shapes() {
    return prototypes.size();
  }

  private boolean legal(Insn in, int mode) {
    if (in.has(Insn.LOCK) && !mayLock(in)) {
      return false;
    }
    return registersExist(in) && cpuid.has(in.row.feature()) && !(in.row.is(Attr.PROTECTED) && (mode & Cpu.M_REAL) != 0);
  }

  /** LOCK needs a row that allows it and a memory destination; with MOV CR0 it is AMD's way to CR8 (APM3 MOV CRn). */
  private static boolean mayLock(Insn in) {
    return in.row.is(Attr.LOCK) && in.op(0) instanceof Operand.Mem
        || in.operands.stream().anyMatch(o -> o instanceof Operand.Reg r && r.file() == RegFile.CR);
  }

  /** MOV from and to a control or debug register that does not exist is #UD whatever the privilege (SDM 2B MOV). */
  private static boolean registersExist(Insn in) {
    for (Operand o : in.operands) {
      if (o instanceof Operand.Reg r && (r.file() == RegFile.CR && !Control.exists(r.index()) || r.file() == RegFile.DR && r.index() > 7)) {
        return false;
      }
    }
    return true;
  }

  private static void fill(Op op, int i, Operand o) {
    switch (o) {
      case Operand.Reg r -> {
        switch (i) {
          case 0 -> op.a = (byte) r.index();
          case 1 -> op.b = (byte) r.index();
          default -> op.d = (byte) r.index();
        }
      }
      case Operand.Mem m -> {
        op.base = (byte) (m.base() == Operand.Mem.RIP ? Operand.Mem.NONE : m.base());
        op.index = (byte) m.index();
        op.shift = (byte) m.shift();
        op.disp = m.disp();
        op.segment = (byte) m.seg();
      }
      case Operand.Imm m when i > 0 && op.insn.op(i - 1) instanceof Operand.Imm -> op.imm2 = (byte) m.value();
      case Operand.Imm m -> op.imm = Flags.zext(m.value(), m.bits());
      case Operand.Rel rel -> op.imm = rel.value();
      case Operand.Far f -> { }
    }
  }
}
