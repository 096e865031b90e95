package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;

/**
 * One operation of a block: a decoded instruction bound to code. The subclass, generated once for each shape by {@link
 * OpCompiler}, is the code; the fields are what differs between instructions of one shape.
 */
abstract class Op {
  /** The instruction this operation executes. */
  Insn insn;
  /** Register number of operand 0, 1 and 2, where they are registers. */
  int a;
  int b;
  int d;
  /** Immediate or branch displacement, cut to the operand's width. */
  long imm;
  /** The second immediate, where there are two (ENTER). */
  long imm2;
  /** Memory operand: base and index register (16 is the zero register), log2 of the scale, displacement, segment. */
  int base;
  int index;
  int shift;
  long disp;
  int segment;
  /** Offset of the next instruction from the start of the block. */
  int next;

  /** Executes; faults are thrown before anything has changed. */
  abstract void exec(Cpu c);

  /** A new operation of the same shape. */
  abstract Op fresh();
}
