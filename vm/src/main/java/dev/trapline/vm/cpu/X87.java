package dev.trapline.vm.cpu;

import dev.trapline.vm.softfloat.FpEnv;

/**
 * The x87 register file and its environment (SDM 1 8.1, APM1 6.2). The eight registers are kept by physical number; MMX register
 * i is the significand of physical register i.
 *
 * <p><b>Pointers.</b> Every instruction but the control instructions (SDM 1 8.1.8) records {@link #fip}, {@link #fcs} and {@link #fop},
 * and one with a memory operand {@link #fdp} and {@link #fds} too, whether or not it raises an exception: so FNSTENV shows them. FXSAVE
 * and XSAVE write them only while an unmasked exception is pending. Both is what AMD processors were measured to do (APM2 11.4.4).
 */
public final class X87 {
  /** Status word: stack fault. */
  public static final int SF = 0x40;
  /** Status word: error summary, an unmasked exception is pending. */
  public static final int ES = 0x80;
  public static final int C0 = 0x100;
  public static final int C1 = 0x200;
  public static final int C2 = 0x400;
  public static final int C3 = 0x4000;
  /** Status word: busy, a copy of ES. */
  public static final int B = 0x8000;
  private static final int TOP_FIELD = 0x3800;

  /** Significands by physical register. */
  public final long[] sig = new long[8];
  /** Sign (bit 15) and biased exponent by physical register. */
  public final int[] signExp = new int[8];
  /** Physical number of ST(0). */
  public int top;
  /** Abridged tag word: bit i set if physical register i is not empty. */
  public int valid;
  /** Status word without its TOP field; see {@link #statusWord}. */
  public int status;
  /** Rounding, precision and masks of the control word; the result of the last operation. Flags live in {@link #status}. */
  public final FpEnv env = new FpEnv();
  private int control;

  /** Instruction pointer: offset (or linear address in 64-bit mode) of the last non-control instruction. */
  public long fip;
  public int fcs;
  /** Data pointer: offset of its memory operand. */
  public long fdp;
  public int fds;
  /** The low eleven bits of its opcode: first byte's low three bits, then ModRM. */
  public int fop;

  X87() {
    reset();
  }

  /** Power-up (SDM 3A table 9-1): every register +0.0 and valid, every exception unmasked; software starts with FNINIT. */
  public void reset() {
    for (int i = 0; i < 8; i++) {
      sig[i] = 0;
      signExp[i] = 0;
    }
    initialise();
    valid = 0xff;
    controlWord(0x40);
  }

  /** Takes over another one's registers. */
  void set(X87 from) {
    System.arraycopy(from.sig, 0, sig, 0, sig.length);
    System.arraycopy(from.signExp, 0, signExp, 0, signExp.length);
    valid = from.valid;
    controlWord(from.controlWord());
    statusWord(from.statusWord());
    fip = from.fip;
    fcs = from.fcs;
    fdp = from.fdp;
    fds = from.fds;
    fop = from.fop;
  }

  /** FNINIT. */
  public void initialise() {
    controlWord(0x37f);
    status = 0;
    top = 0;
    valid = 0;
    fip = 0;
    fcs = 0;
    fdp = 0;
    fds = 0;
    fop = 0;
  }

  // ---- words

  public int controlWord() {
    return control;
  }

  /** Loads the control word and recomputes the pending state: unmasking a raised flag makes it pending. */
  public void controlWord(int value) {
    control = value & 0x1f3f | 0x40;
    env.controlWord(control);
    summarise();
  }

  public int statusWord() {
    return status | top << 11;
  }

  /** Loads the status word; ES and B follow from flags and masks. */
  public void statusWord(int value) {
    top = value >> 11 & 7;
    status = value & 0xffff & ~TOP_FIELD;
    summarise();
  }

  private void summarise() {
    if ((status & ~control & FpEnv.ALL) != 0) {
      status |= ES | B;
    } else {
      status &= ~(ES | B);
    }
  }

  /** Whether an unmasked exception waits for the next waiting instruction. */
  public boolean pending() {
    return (status & ES) != 0;
  }

  /** The full tag word (SDM 1 8.1.7): two bits a physical register, 0 valid, 1 zero, 2 special, 3 empty. */
  public int tagWord() {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word |= tag(i) << 2 * i;
    }
    return word;
  }

  private int tag(int physical) {
    if ((valid >> physical & 1) == 0) {
      return 3;
    }
    int exp = signExp[physical] & 0x7fff;
    if (exp == 0) {
      return sig[physical] == 0 ? 1 : 2;
    }
    return exp != 0x7fff && sig[physical] < 0 ? 0 : 2;
  }

  /** Loads a full tag word; only "empty or not" is kept, as in the processor. */
  public void tagWord(int word) {
    int mask = 0;
    for (int i = 0; i < 8; i++) {
      if ((word >> 2 * i & 3) != 3) {
        mask |= 1 << i;
      }
    }
    valid = mask;
  }

  // ---- stack

  /** Physical number of ST(i). */
  public int physical(int i) {
    return top + i & 7;
  }

  /** Whether ST(i) is empty. */
  public boolean empty(int i) {
    return (valid >> (top + i & 7) & 1) == 0;
  }

  // ---- MMX

  /** Reads MMi; like every MMX instruction this sets TOP to 0 and all tags to valid (SDM 1 9.6.2). */
  public long mmx(int i) {
    top = 0;
    valid = 0xff;
    return sig[i];
  }

  /** Writes MMi: the exponent becomes all ones, TOP 0, all tags valid. */
  public void mmx(int i, long value) {
    top = 0;
    valid = 0xff;
    sig[i] = value;
    signExp[i] = 0xffff;
  }
}
