package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.isa.Insn;

/**
 * One operation of a block: a decoded instruction bound to code. The subclass, generated once for each shape by {@link
 * OpCompiler}, is the code; the fields are what differs between instructions of one shape.
 */
abstract class Op {
  // Guests run hundreds of thousands of these, most of them seldom: small ones cost fewer cache misses.

  /** The instruction this operation executes. */
  Insn insn;
  /** Register number of operand 0, 1 and 2, where they are registers. */
  byte a;
  byte b;
  byte d;
  /** The second immediate, where there are two (ENTER), unsigned. */
  byte imm2;
  /** Memory operand: base and index register (16 is the zero register), log2 of the scale, segment, displacement. */
  byte base;
  byte index;
  byte shift;
  byte segment;
  long disp;
  /** Immediate or branch displacement, cut to the operand's width. */
  long imm;
  /** Offset of the next instruction from the start of the block. */
  short next;

  /** Executes; faults are thrown before anything has changed. */
  abstract void exec(Cpu c);

  /** A new operation of the same shape. */
  abstract Op fresh();
}
