package dev.trapline.vm.cpu.insn;

/**
 * Arithmetic on lanes of 8, 16 or 32 bits inside a long, all lanes at once. {@code H} is a mask with the top bit of every
 * lane: {@link #H8}, {@link #H16}, {@link #H32}, {@link #H64}.
 */
final class Swar {
  static final long H8 = 0x8080808080808080L;
  static final long H16 = 0x8000800080008000L;
  static final long H32 = 0x8000000080000000L;
  static final long H64 = 0x8000000000000000L;

  /** A function of one lane. */
  interface Lane { int f(int x); }

  /** A function of two lanes. */
  interface Lane2 { int f(int x, int y); }

  private Swar() {}

  /** Lane width in bits. */
  private static int width(long h) {
    return Long.numberOfTrailingZeros(h) + 1;
  }

  static long add(long a, long b, long h) {
    return (a & ~h) + (b & ~h) ^ (a ^ b) & h;
  }

  static long sub(long a, long b, long h) {
    return (a | h) - (b & ~h) ^ ~(a ^ b) & h;
  }

  /** Lanes whose top bit is set in {@code m} become all ones, others zero. */
  static long fill(long m, long h) {
    int top = width(h) - 1;
    long t = m & h;
    return (t - (t >>> top)) | t;
  }

  /** Mask of lanes with a = b. */
  static long equal(long a, long b, long h) {
    long x = a ^ b;
    return fill(~((x & ~h) + ~h | x), h);
  }

  /** Mask of lanes with a &lt; b, unsigned. */
  static long below(long a, long b, long h) {
    return fill(~a & b | (~a | b) & sub(a, b, h), h);
  }

  /** Mask of lanes with a &lt; b, signed. */
  static long less(long a, long b, long h) {
    return below(a ^ h, b ^ h, h);
  }

  static long select(long mask, long yes, long no) {
    return no ^ (yes ^ no) & mask;
  }

  /** Unsigned saturating sum. */
  static long addUnsigned(long a, long b, long h) {
    long s = add(a, b, h);
    return s | fill(a & b | (a | b) & ~s, h);
  }

  /** Unsigned saturating difference. */
  static long subUnsigned(long a, long b, long h) {
    return sub(a, b, h) & ~below(a, b, h);
  }

  /** Signed saturating sum. */
  static long addSigned(long a, long b, long h) {
    long s = add(a, b, h);
    return select(fill(~(a ^ b) & (a ^ s), h), limit(a, h), s);
  }

  /** Signed saturating difference. */
  static long subSigned(long a, long b, long h) {
    long s = sub(a, b, h);
    return select(fill((a ^ b) & (a ^ s), h), limit(a, h), s);
  }

  /** Smallest value in lanes where a is negative, largest elsewhere. */
  private static long limit(long a, long h) {
    return ~h + ((a & h) >>> width(h) - 1);
  }

  /** Unsigned average, rounded up. */
  static long average(long a, long b, long h) {
    return (a | b) - ((a ^ b) >>> 1 & ~h);
  }

  /** The value in every lane. */
  private static long splat(long lane, long h) {
    return (h >>> width(h) - 1) * lane;
  }

  private static long ones(int w) {
    return -1L >>> 64 - w;
  }

  static long shiftLeft(long a, long n, long h) {
    int w = width(h);
    return Long.compareUnsigned(n, w) >= 0 ? 0 : a << n & splat(ones(w) << n & ones(w), h);
  }

  static long shiftRight(long a, long n, long h) {
    int w = width(h);
    return Long.compareUnsigned(n, w) >= 0 ? 0 : a >>> n & splat(ones(w) >>> n, h);
  }

  /** Arithmetic shift; counts beyond the width fill with the sign. */
  static long shiftArithmetic(long a, long n, long h) {
    int w = width(h);
    long k = Long.compareUnsigned(n, w) >= 0 ? w - 1 : n;
    long sign = h >>> k;
    return sub(shiftRight(a, k, h) ^ sign, sign, h);
  }

  static long bytes(long a, Lane fn) {
    long r = 0;
    for (int i = 0; i < 64; i += 8) {
      r |= (fn.f((byte) (a >>> i)) & 0xffL) << i;
    }
    return r;
  }

  /** Signed words. */
  static long words(long a, long b, Lane2 fn) {
    long r = 0;
    for (int i = 0; i < 64; i += 16) {
      r |= (fn.f((short) (a >>> i), (short) (b >>> i)) & 0xffffL) << i;
    }
    return r;
  }

  /** Doublewords. */
  static long dwords(long a, long b, Lane2 fn) {
    return fn.f((int) a, (int) b) & 0xffffffffL | (long) fn.f((int) (a >>> 32), (int) (b >>> 32)) << 32;
  }

  static int saturate8(int v) {
    return Math.clamp(v, -128, 127);
  }

  static int saturate8Unsigned(int v) {
    return Math.clamp(v, 0, 255);
  }

  static int saturate16(int v) {
    return Math.clamp(v, -32768, 32767);
  }

  static int saturate16Unsigned(int v) {
    return Math.clamp(v, 0, 65535);
  }
}
