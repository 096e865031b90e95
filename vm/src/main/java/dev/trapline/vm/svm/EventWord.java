package dev.trapline.vm.svm;

/**
 * EVENTINJ and EXITINTINFO (APM2 15.7.2, 15.20): vector 7:0, type 10:8, error code valid 11, valid 31, error code 63:32.
 */
public final class EventWord {
  public static final int INTR = 0;
  public static final int NMI = 2;
  public static final int EXCEPTION = 3;
  public static final int SOFTWARE = 4;

  public static final long VALID = 1L << 31;
  public static final long ERROR_VALID = 1L << 11;
  private static final int NMI_VECTOR = 2;

  private EventWord() {}

  /** An event without error code. */
  public static long of(int type, int vector) {
    return VALID | (long) type << 8 | vector & 0xff;
  }

  /** An event; {@code errorCode} is -1 if it has none. */
  public static long of(int type, int vector, long errorCode) {
    return errorCode == -1 ? of(type, vector) : of(type, vector) | ERROR_VALID | errorCode << 32;
  }

  public static boolean valid(long word) {
    return (word & VALID) != 0;
  }

  public static int vector(long word) {
    return (int) word & 0xff;
  }

  public static int type(long word) {
    return (int) (word >>> 8) & 7;
  }

  /** The error code, or -1 if there is none. */
  public static long errorCode(long word) {
    return (word & ERROR_VALID) != 0 ? word >>> 32 : -1;
  }

  /** Whether VMRUN accepts it: a defined type, and for exceptions a vector of an exception, which excludes NMI (APM2 15.20). */
  public static boolean injectable(long word) {
    return switch (type(word)) {
      case INTR, NMI, SOFTWARE -> true;
      case EXCEPTION -> vector(word) < 32 && vector(word) != NMI_VECTOR;
      default -> false;
    };
  }
}
