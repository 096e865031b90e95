package dev.trapline.vm.isa;

/**
 * The six arithmetic flags as two longs, computed only when somebody reads them.
 *
 * <p>{@code res} is the result, sign-extended from the operand width. {@code aux} holds CF in bit 63, CF xor OF in
 * bit 62, AF in bit 3, and two correction bits that let any combination be stored (POPF, SAHF): bit 4 inverts SF,
 * bit 2 inverts PF. Then ZF is {@code res == 0}, SF the sign of {@code res} (corrected), PF the parity of its low byte
 * (corrected). A carry vector of an addition, shifted so that the operand's top bit is bit 63, is such an {@code aux}
 * without further work.
 */
public final class Flags {
  public static final int CF = 1;
  public static final int PF = 4;
  public static final int AF = 0x10;
  public static final int ZF = 0x40;
  public static final int SF = 0x80;
  public static final int OF = 0x800;
  /** All six. */
  public static final int OSZAPC = OF | SF | ZF | AF | PF | CF;

  private static final long CARRY = 1L << 63;
  private static final long TOP2 = 3L << 62;
  private static final int PF_INVERT = 2;
  private static final int AF_BIT = 3;
  private static final int SF_INVERT = 4;

  private Flags() {}

  public static boolean cf(long aux) {
    return aux < 0;
  }

  public static boolean of(long aux) {
    return (aux ^ (aux << 1)) < 0;
  }

  public static boolean zf(long res) {
    return res == 0;
  }

  public static boolean sf(long res, long aux) {
    return (res ^ (aux << (63 - SF_INVERT))) < 0;
  }

  public static boolean af(long aux) {
    return (aux >>> AF_BIT & 1) != 0;
  }

  public static boolean pf(long res, long aux) {
    int b = (int) res & 0xff;
    b ^= b >>> 4;
    return ((0x9669 >>> (b & 15) & 1) ^ ((int) (aux >>> PF_INVERT) & 1)) != 0;
  }

  /** The flags as they stand in RFLAGS (bits of {@link #OSZAPC}). */
  public static int pack(long res, long aux) {
    return (cf(aux) ? CF : 0) | (pf(res, aux) ? PF : 0) | (af(aux) ? AF : 0) | (zf(res) ? ZF : 0)
        | (sf(res, aux) ? SF : 0) | (of(aux) ? OF : 0);
  }

  /** The {@code res} word for a packed flags value; goes with {@link #unpackAux}. */
  public static long unpackRes(int flags) {
    return (flags & ZF) != 0 ? 0 : 1;
  }

  /** The {@code aux} word for a packed flags value; goes with {@link #unpackRes}. */
  public static long unpackAux(int flags) {
    long c = flags & CF;
    long o = flags >>> 11 & 1;
    long pfOfRes = (flags & ZF) != 0 ? 1 : 0;
    return c << 63 | (c ^ o) << 62 | (long) (flags >>> 4 & 1) << AF_BIT | (long) (flags >>> 7 & 1) << SF_INVERT
        | ((flags >>> 2 & 1) ^ pfOfRes) << PF_INVERT;
  }

  /** A carry vector (bit i set: carry out of bit i) of a {@code w}-bit operation as an {@code aux} word. */
  public static long carries(long vector, int w) {
    return vector << (64 - w) & TOP2 | vector & 1 << AF_BIT;
  }

  /** {@code aux} with CF and OF given and AF clear. */
  public static long carryOverflow(boolean c, boolean o) {
    return (c ? CARRY : 0) | (c != o ? CARRY >>> 1 : 0);
  }

  /** {@code aux} with CF replaced, everything else kept. */
  public static long withCarry(long aux, boolean c) {
    return cf(aux) == c ? aux : aux ^ TOP2;
  }

  /** {@code aux} with CF and OF replaced, everything else kept. */
  public static long withCarryOverflow(long aux, boolean c, boolean o) {
    return aux & ~TOP2 | carryOverflow(c, o);
  }

  /** {@code aux} with AF set, everything else kept. */
  public static long withAdjust(long aux) {
    return aux | 1 << AF_BIT;
  }

  /** Sign-extends the low {@code w} bits. */
  public static long sext(long v, int w) {
    return v << (64 - w) >> (64 - w);
  }

  /** Zero-extends the low {@code w} bits. */
  public static long zext(long v, int w) {
    return v << (64 - w) >>> (64 - w);
  }
}
