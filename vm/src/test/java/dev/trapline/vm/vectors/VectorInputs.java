package dev.trapline.vm.vectors;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Draws the inputs of a case: the same generator as in {@code vectors.c}, number for number. */
final class VectorInputs {
  private static final VarHandle I64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long[] EDGE = {0, 1, -1L, 2, -2L, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000L,
    0xffffffffL, 0x100000000L, 0x7fffffffffffffffL, 0x8000000000000000L, 0x8000000000000001L, ~0x7fL, ~0xffL, ~0x7fffL, ~0x7fffffffL,
    0x5555555555555555L, 0xaaaaaaaaaaaaaaaaL, 0x0123456789abcdefL, 0xfedcba9876543210L, 0x0f0f0f0f0f0f0f0fL, 0x99, 0x1234,
    0x8080808080808080L};
  private static final int[] EDGE32 = {0, 0x80000000, 0x3f800000, 0xbf800000, 0x40000000, 0x3f000000, 0x7f800000, 0xff800000, 0x7fc00000,
    0xffc00000, 0x7f800001, 0xffa00000, 0x7fffffff, 0x00800000, 0x80800000, 0x007fffff, 0x00000001, 0x80000001, 0x7f7fffff, 0xff7fffff,
    0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000, 0xdf000000, 0x3fc00000, 0x40200000, 0xc0200000, 0x4b000001, 0x3effffff, 0x34000000,
    0x33800000};
  private static final long[] EDGE64 = {0, 0x8000000000000000L, 0x3ff0000000000000L, 0xbff0000000000000L, 0x4000000000000000L,
    0x3fe0000000000000L, 0x7ff0000000000000L, 0xfff0000000000000L, 0x7ff8000000000000L, 0xfff8000000000000L, 0x7ff0000000000001L,
    0xfff4000000000000L, 0x7fffffffffffffffL, 0x0010000000000000L, 0x8010000000000000L, 0x000fffffffffffffL, 1, 0x8000000000000001L,
    0x7fefffffffffffffL, 0xffefffffffffffffL, 0x41e0000000000000L, 0xc1e0000000000000L, 0x41dfffffffc00000L, 0x41dfffffffe00000L,
    0x43e0000000000000L, 0xc3e0000000000000L, 0x3ff8000000000000L, 0x4004000000000000L, 0xc004000000000000L, 0x3fdfffffffffffffL,
    0x3810000000000000L, 0x47efffffe0000000L};
  private static final int[] EDGE16 = {0, 1, 0xffff, 0x7fff, 0x8000, 0x8001, 0x00ff, 0xff00, 0x0080, 0x007f, 0xff80, 0xff7f, 0x0100, 0x5555,
    0xaaaa, 0x4000};
  private static final int[] EDGE8 = {0, 1, 0xff, 0x7f, 0x80, 0x81, 0x0f, 0x40};
  private static final int[] SELECTORS = {0x33, 0x2b, 0x23, 0};

  private long seed;
  private long sig;
  private int se;

  /** Fills {@code s} with the inputs of case {@code k}; {@code hash} is {@link #hash} of the form's header. */
  void draw(VectorForm f, long hash, int k, VectorState s) {
    seed = hash ^ (k + 1) * 0xd1342543de82ef95L;
    for (int i = 0; i < 16; i++) {
      s.r[i] = pickInt();
    }
    s.flags = 2 | next() & 0x8d5;
    if ((f.uses() & VectorForm.DF) != 0) {
      s.flags |= next() & 0x400;
    }
    drawFpu(f, s);
    drawMemory(f, s);
    f.fixes().forEach(fix -> apply(s, fix));
    if (f.mode() == 32) {
      for (int i = 0; i < 16; i++) {
        s.r[i] = i < 8 ? s.r[i] & 0xffffffffL : 0;
      }
      // The generator's signal stack stands there.
      if (s.r[4] >>> 20 == 0x700) {
        s.r[4] ^= 0x80000000L;
      }
    }
    s.rip = VectorForm.INSN;
    s.cs = f.mode() == 64 ? 0x33 : 0x23;
    s.vector = -1;
    s.error = 0;
  }

  static long hash(byte[] header) {
    long h = 0xcbf29ce484222325L;
    for (byte b : header) {
      h = (h ^ b & 0xff) * 0x100000001b3L;
    }
    return h;
  }

  private void drawFpu(VectorForm f, VectorState s) {
    s.mxcsr = 0x1f80;
    java.util.Arrays.fill(s.xmm, 0);
    if ((f.uses() & VectorForm.VECTOR) != 0) {
      for (int i = 0; i < 32; i++) {
        s.xmm[i] = pickVector(f.vectorKind());
      }
      s.mxcsr = pickMxcsr();
    }
    s.cw = 0x37f;
    s.sw = 0;
    s.valid = 0;
    java.util.Arrays.fill(s.sig, 0);
    java.util.Arrays.fill(s.se, 0);
    if ((f.uses() & (VectorForm.X87 | VectorForm.MMX)) != 0) {
      pickX87(s, (f.uses() & VectorForm.MMX) != 0, f.vectorKind());
    }
  }

  private void drawMemory(VectorForm f, VectorState s) {
    for (int i = 0; i < f.windowBytes(); i += 8) {
      if (f.memoryKind() == VectorForm.Kind.F80) {
        if ((i & 15) == 0) {
          pickF80();
          I64.set(s.memory, i, sig);
          I64.set(s.memory, i + 8, (long) se);
        }
      } else {
        I64.set(s.memory, i, pickVector(f.memoryKind()));
      }
    }
  }

  private long next() {
    long z = seed += 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private static int bits(long n, int shift, int mask) {
    return (int) (n >>> shift) & mask;
  }

  private long pickInt() {
    long n = next();
    return switch (bits(n, 0, 7)) {
      case 0, 1, 2 -> EDGE[bits(n, 8, 31)];
      case 3 -> bits(n, 8, 63);
      case 4 -> n >> 32;
      case 5 -> n >>> 32;
      case 6 -> EDGE[bits(n, 8, 31)] ^ 1L << bits(n, 16, 63);
      default -> next();
    };
  }

  private int pickF32() {
    long n = next();
    int sign = bits(n, 7, 1) << 31;
    int fraction = (int) (n >>> 32) & 0x7fffff;
    return switch (bits(n, 0, 3)) {
      case 0 -> EDGE32[bits(n, 8, 31)];
      case 1 -> (int) (n >>> 32);
      case 2 -> sign | 111 + bits(n, 8, 31) << 23 | fraction;
      default -> sign | 120 + bits(n, 8, 15) << 23 | fraction & 0x780000;
    };
  }

  private long pickF64() {
    long n = next();
    long sign = (n >>> 7 & 1) << 63;
    long fraction = next() & 0xfffffffffffffL;
    return switch (bits(n, 0, 3)) {
      case 0 -> EDGE64[bits(n, 8, 31)];
      case 1 -> sign | (long) bits(n, 8, 0x7ff) << 52 | fraction;
      case 2 -> sign | 1007L + bits(n, 8, 31) << 52 | fraction;
      default -> sign | 1016L + bits(n, 8, 15) << 52 | fraction & 0xf000000000000L;
    };
  }

  private long pickBytes() {
    long n = next();
    long v = 0;
    switch (bits(n, 0, 3)) {
      case 0 -> v = next();
      case 1 -> v = EDGE[bits(n, 8, 31)];
      case 2 -> {
        for (int i = 0; i < 4; i++) {
          v |= (long) EDGE16[bits(n, 8 + 4 * i, 15)] << 16 * i;
        }
      }
      default -> {
        for (int i = 0; i < 8; i++) {
          v |= (long) EDGE8[bits(n, 8 + 4 * i, 7)] << 8 * i;
        }
      }
    }
    return v;
  }

  private long pickVector(VectorForm.Kind kind) {
    VectorForm.Kind k = kind == VectorForm.Kind.MIXED ? VectorForm.Kind.values()[(int) Long.remainderUnsigned(next(), 3)] : kind;
    return switch (k) {
      case F32 -> {
        long low = pickF32() & 0xffffffffL;
        yield low | (long) pickF32() << 32;
      }
      case F64 -> pickF64();
      case BCD -> decimal(next());
      default -> pickBytes();
    };
  }

  private static long decimal(long n) {
    long v = n;
    for (int i = 0; i < 64; i += 4) {
      if ((v >>> i & 15) > 9) {
        v ^= 8L << i;
      }
    }
    return v;
  }

  private void pickF80() {
    long n = next();
    int sign = bits(n, 7, 1) << 15;
    long fraction = next();
    long integer = 1L << 63;
    if (bits(n, 8, 3) == 0) {
      fraction &= 0xf000000000000000L;
    }
    switch (bits(n, 0, 15)) {
      case 0 -> f80(sign, 0);
      case 1 -> f80(sign | 0x7fff, integer);
      case 2 -> f80(sign | 0x7fff, integer | fraction | 1L << 62);
      case 3 -> f80(sign | 0x7fff, (integer | fraction | 1) & ~(1L << 62));
      case 4 -> f80(sign, fraction & ~integer);
      case 5 -> f80(sign | 0x3fff, integer);
      case 6 -> f80(sign | bits(n, 16, 0x7fff), bits(n, 40, 7) == 0 ? fraction : fraction | integer);
      case 7 -> f80(sign | 16320 + bits(n, 16, 127), fraction | integer);
      case 8 -> f80(sign | bits(n, 16, 7), fraction | integer);
      case 9 -> f80(sign | 0x7ffe - bits(n, 16, 3), fraction | integer);
      default -> f80(sign | 16371 + bits(n, 16, 31), fraction | integer);
    }
  }

  private void f80(int signExponent, long significand) {
    se = signExponent;
    sig = significand;
  }

  private int pickControl() {
    long n = next();
    int rounding = bits(n, 16, 3) << 10;
    int precision = new int[] {0, 0x200, 0x300, 0x300}[bits(n, 20, 3)];
    return switch (bits(n, 0, 7)) {
      case 4 -> 0x37f | rounding;
      case 5 -> 0x07f | rounding | precision;
      case 6 -> 0x27f;
      case 7 -> 0x040 | bits(n, 24, 0x3f) | rounding | precision;
      default -> 0x37f;
    };
  }

  private int pickMxcsr() {
    long n = next();
    int rounding = bits(n, 16, 3) << 13;
    return switch (bits(n, 0, 7)) {
      case 4 -> 0x1f80 | rounding;
      case 5 -> 0x1f80 | rounding | bits(n, 20, 1) << 15 | bits(n, 21, 1) << 6;
      case 6 -> 0x1f80 | bits(n, 24, 0x3f);
      case 7 -> bits(n, 24, 0x1f80) | rounding;
      default -> 0x1f80;
    };
  }

  private void pickX87(VectorState s, boolean mmx, VectorForm.Kind kind) {
    long n = next();
    int top = bits(n, 0, 7);
    int flags = bits(n, 8, 7) == 0 ? bits(n, 16, 0x3f) : 0;
    s.cw = pickControl();
    if (bits(n, 50, 7) != 0) {
      flags &= s.cw;
    }
    s.sw = top << 11 | bits(n, 24, 0x4700) | flags;
    if ((flags & ~s.cw & 0x3f) != 0) {
      s.sw |= 0x8080;
    }
    s.valid = switch (bits(n, 4, 3)) {
      case 0 -> 0xff;
      case 1 -> bits(n, 40, 0xff);
      default -> ~(1 << (top + 7 & 7)) & 0xff;
    };
    for (int i = 0; i < 8; i++) {
      if (mmx) {
        s.sig[i] = pickVector(kind);
        s.se[i] = (int) next() & 0xffff;
      } else {
        pickF80();
        s.sig[i] = sig;
        s.se[i] = se;
      }
    }
  }

  private void apply(VectorState s, VectorForm.Fix f) {
    int reg = f.reg();
    long old = switch (f.kind()) {
      case MEM_SET, MEM_AND, MEM_OR, MEM_SELECTOR -> (long) I64.get(s.memory, f.at());
      default -> s.r[reg];
    };
    long v = f.value();
    switch (f.kind()) {
      case SET -> s.r[reg] = v;
      case AND -> s.r[reg] = old & v;
      case OR -> s.r[reg] = old | v;
      case SEXT -> s.r[reg] = old << 64 - v >> 64 - v;
      case ADD_RANDOM -> s.r[reg] = old + (next() & v);
      case PICK_SELECTOR -> s.r[reg] = old & ~0xffffL | SELECTORS[(int) (next() & v)];
      case MEM_SET -> I64.set(s.memory, f.at(), v);
      case MEM_AND -> I64.set(s.memory, f.at(), old & v);
      case MEM_OR -> I64.set(s.memory, f.at(), old | v);
      case MEM_SELECTOR -> I64.set(s.memory, f.at(), old & ~0xffffL | SELECTORS[(int) (next() & v)]);
    }
  }
}
