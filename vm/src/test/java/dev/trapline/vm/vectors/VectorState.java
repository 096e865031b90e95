package dev.trapline.vm.vectors;

/** Registers and memory window before or after an instruction. */
final class VectorState {
  final long[] r = new long[16];
  long flags;
  long rip;
  int cs;
  final long[] xmm = new long[32];
  int mxcsr;
  int cw;
  int sw;
  int valid;
  /** x87 significands by physical register. */
  final long[] sig = new long[8];
  /** x87 signs and exponents by physical register. */
  final int[] se = new int[8];
  final byte[] memory = new byte[1024];
  /** Exception, or -1. */
  int vector;
  int error;

  void copyFrom(VectorState o) {
    System.arraycopy(o.r, 0, r, 0, 16);
    flags = o.flags;
    rip = o.rip;
    cs = o.cs;
    System.arraycopy(o.xmm, 0, xmm, 0, 32);
    mxcsr = o.mxcsr;
    cw = o.cw;
    sw = o.sw;
    valid = o.valid;
    System.arraycopy(o.sig, 0, sig, 0, 8);
    System.arraycopy(o.se, 0, se, 0, 8);
    System.arraycopy(o.memory, 0, memory, 0, 1024);
    vector = o.vector;
    error = o.error;
  }
}
