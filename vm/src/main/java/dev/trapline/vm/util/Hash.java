package dev.trapline.vm.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A 64-bit hash of bytes, the same on every JVM and in every run: four lanes of multiply-and-rotate over little-endian
 * words, then a finisher. Made for telling states apart, not against an adversary.
 */
public final class Hash {
  private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long K1 = 0x9e3779b97f4a7c15L;
  private static final long K2 = 0xc2b2ae3d27d4eb4fL;
  private static final int STRIDE = 32;

  private Hash() {}

  /** Hash of a whole array. */
  public static long of(byte[] bytes) {
    long a = K1;
    long b = K2;
    long c = ~K1;
    long d = ~K2;
    int i = 0;
    for (; i + STRIDE <= bytes.length; i += STRIDE) {
      a = lane(a, (long) WORD.get(bytes, i));
      b = lane(b, (long) WORD.get(bytes, i + 8));
      c = lane(c, (long) WORD.get(bytes, i + 16));
      d = lane(d, (long) WORD.get(bytes, i + 24));
    }
    for (; i < bytes.length; i++) {
      a = lane(a, bytes[i]);
    }
    return combine(combine(combine(combine(bytes.length, a), b), c), d);
  }

  private static long lane(long acc, long word) {
    return Long.rotateLeft((acc ^ word) * K1, 29);
  }

  /** Folds one more word into a hash; order matters. */
  public static long combine(long hash, long word) {
    return finish(Long.rotateLeft(hash, 27) * K2 + finish(word + K1));
  }

  private static long finish(long x) {
    x = (x ^ x >>> 32) * K2;
    x = (x ^ x >>> 29) * K1;
    return x ^ x >>> 32;
  }
}
