package dev.trapline.vm.isa;

/** Properties of a row that are yes or no. */
public enum Attr {
  /** LOCK is legal with a memory destination; on every other row it raises #UD. */
  LOCK,
  /** F3 (and F2) repeat the instruction: MOVS, STOS, LODS, INS, OUTS. */
  REP,
  /** F3 repeats while equal, F2 while not equal: CMPS, SCAS. */
  REPZ,
  /** #UD in 64-bit mode. */
  NO64,
  /** Exists in 64-bit mode only. */
  ONLY64,
  /** Operand size defaults to 64 in 64-bit mode (stack and near-branch instructions). */
  D64,
  /** #UD in real and virtual-8086 mode. */
  PROTECTED,
  /** Ends a block: it changes RIP, the mode, address translation or interrupt recognition, or must see an exact clock. */
  ENDS,
  /** The function's result only feeds the flag rule: CMP, TEST. */
  DISCARDS,
  /** CF is passed to the function after the operands. */
  CARRY,
  /** CPL must be 0, else #GP(0). */
  CPL0,
  /** CLI, STI, IN, OUT and the like: IOPL-sensitive; the semantics check. */
  IOPL,
  /**
   * Sensitive in Popek and Goldberg's sense but not privileged: the seventeen (eighteen names) of Robin and Irvine, and those of the same
   * classes that they do not name or that came later. {@code vm.theory} finds them by experiment, and a test compares.
   */
  SENSITIVE,
  /** A 16-byte memory operand must be aligned, else #GP(0). */
  ALIGNED,
  /** Accepted by decoder and disassembler as an alias; the assembler never produces it. */
  ALIAS
}
