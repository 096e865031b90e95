package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.LinearMemory;
import dev.trapline.vm.cpu.insn.SimdShape;
import dev.trapline.vm.interp.OpShape.Kind;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.Row;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * The vector part of {@link OpCompiler}: pushes the halves of the second operand and calls the row's {@link SimdShape}. MMX
 * operands are left to the shape's own, general execution.
 */
final class SimdEmitter {
  private static final ClassDesc J = ConstantDescs.CD_long;
  private static final ClassDesc V = ConstantDescs.CD_void;

  private final OpCompiler op;
  private final CodeBuilder code;
  private final Row row;
  private final OpShape shape;
  private final int memoryBits;

  SimdEmitter(OpCompiler op, CodeBuilder code, Row row, OpShape shape, int memoryBits) {
    this.op = op;
    this.code = code;
    this.row = row;
    this.shape = shape;
    this.memoryBits = memoryBits;
  }

  /** Whether operands of these kinds are handled here. */
  static boolean handles(SimdShape simd, OpShape shape) {
    Kind to = shape.kinds().get(0);
    Kind from = shape.kinds().get(1);
    if (simd instanceof SimdShape.ToXmm && to == Kind.XMM) {
      return from != Kind.OTHER;
    }
    boolean stores = simd instanceof SimdShape.Map ? to == Kind.MEM : simd instanceof SimdShape.Value && to != Kind.OTHER;
    return stores && from == Kind.XMM;
  }

  void emit(SimdShape simd) {
    if (shape.address() != null) {
      op.linearAddress();
      code.lstore(OpCompiler.LINEAR_SLOT);
      if (memoryBits == 128 && row.is(Attr.ALIGNED)) {
        code.aload(OpCompiler.CPU_SLOT).lload(OpCompiler.LINEAR_SLOT);
        code.invokestatic(OpCompiler.SUPPORT, "requireAligned", MethodTypeDesc.of(V, OpCompiler.CPU, J));
      }
    }
    if (shape.kinds().getFirst() == Kind.XMM) {
      toXmm();
    } else if (simd instanceof SimdShape.Map) {
      toMemory();
    } else {
      value();
    }
  }

  private void toXmm() {
    op.pushFunction(SimdShape.ToXmm.class);
    code.aload(OpCompiler.CPU_SLOT);
    op.opInt("a");
    source();
    immediate();
    code.invokeinterface(OpCompiler.desc(SimdShape.ToXmm.class), "xmm",
        MethodTypeDesc.of(V, OpCompiler.CPU, ConstantDescs.CD_int, J, J, J));
  }

  private void toMemory() {
    op.pushFunction(SimdShape.Map.class);
    code.aload(OpCompiler.CPU_SLOT).lload(OpCompiler.LINEAR_SLOT);
    source();
    code.invokevirtual(OpCompiler.desc(SimdShape.Map.class), "memory", MethodTypeDesc.of(V, OpCompiler.CPU, J, J, J));
  }

  private void value() {
    op.pushFunction(SimdShape.Value.class);
    code.aload(OpCompiler.CPU_SLOT);
    source();
    immediate();
    code.invokeinterface(OpCompiler.desc(SimdShape.Value.class), "value", MethodTypeDesc.of(J, OpCompiler.CPU, J, J, J));
    code.lstore(OpCompiler.RESULT_SLOT);
    op.store(0);
  }

  private void immediate() {
    code.aload(0).getfield(OpCompiler.OP, "imm", J);
  }

  /** Pushes the low and the high half of operand 1. */
  private void source() {
    switch (shape.kinds().get(1)) {
      case XMM -> {
        half(0);
        half(1);
      }
      case MEM -> {
        if (memoryBits == 128) {
          op.memory();
          code.lload(OpCompiler.LINEAR_SLOT);
          code.invokevirtual(OpCompiler.desc(LinearMemory.class), "read128", MethodTypeDesc.of(J, J));
          code.aload(OpCompiler.CPU_SLOT).getfield(OpCompiler.CPU, "high", J);
        } else {
          op.fetch(1, false);
          code.lconst_0();
        }
      }
      default -> {
        op.fetch(1, false);
        code.lconst_0();
      }
    }
  }

  private void half(int which) {
    code.aload(OpCompiler.CPU_SLOT).getfield(OpCompiler.CPU, "xmm", OpCompiler.LONGS);
    op.opInt("b");
    code.iconst_1().ishl().loadConstant(which).iadd().laload();
  }
}
