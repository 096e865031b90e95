package dev.trapline.vm.cpu;

/**
 * An exception the processor is about to deliver, used as control flow out of an instruction: one per processor, reused,
 * without stack trace. The vector and error code are valid until the next fault is raised.
 */
public final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;
  public static final int DE = 0;
  public static final int DB = 1;
  public static final int NMI = 2;
  public static final int BP = 3;
  public static final int OF = 4;
  public static final int BR = 5;
  public static final int UD = 6;
  public static final int NM = 7;
  public static final int DF = 8;
  public static final int TS = 10;
  public static final int NP = 11;
  public static final int SS = 12;
  public static final int GP = 13;
  public static final int PF = 14;
  public static final int MF = 16;
  public static final int AC = 17;
  public static final int MC = 18;
  public static final int XM = 19;

  private static final String[] NAMES = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP",
    "#SS", "#GP", "#PF", "15", "#MF", "#AC", "#MC", "#XM"};

  /** Vector, 0 to 31. */
  public int vector;
  /** Error code, or -1 if the exception has none. */
  public int errorCode;
  /** Faulting linear address of a page fault. */
  public long address;
  /** A #GP(0) for a non-canonical data address, which is #SS(0) if the instruction used the stack segment. */
  public boolean nonCanonical;

  Fault() {
    super(null, null, false, false);
  }

  Fault set(int vector, int errorCode) {
    this.vector = vector;
    this.errorCode = errorCode;
    this.nonCanonical = false;
    return this;
  }

  /** {@code #GP} and the like; the number for vectors without a name. */
  public static String name(int vector) {
    return vector >= 0 && vector < NAMES.length ? NAMES[vector] : Integer.toString(vector);
  }
}
