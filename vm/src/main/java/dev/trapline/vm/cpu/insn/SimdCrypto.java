package dev.trapline.vm.cpu.insn;

import static dev.trapline.vm.cpu.insn.Def.row;
import static dev.trapline.vm.isa.Attr.ALIGNED;

import dev.trapline.vm.isa.Feature;
import dev.trapline.vm.isa.Row;
import java.util.List;

/**
 * AES rounds (SDM 1 12.13, FIPS 197) and carry-less multiplication. The AES state is a register read by columns: byte 4c + r is
 * row r of column c, so a column is a 32-bit value with row 0 in its low byte.
 */
final class SimdCrypto {
  private static final long D = 0xffffffffL;

  static final List<Row> ROWS = List.of(
      row("66 0F 38 DB /r", "aesimc", "Vdq,Wdq").feature(Feature.AES).with(ALIGNED).map(SimdCrypto::aesimc).spec("SDM 2A AESIMC"),
      row("66 0F 38 DC /r", "aesenc", "Vdq,Wdq").feature(Feature.AES).with(ALIGNED)
          .halves((al, ah, bl, bh) -> bl ^ encrypt(al, ah), (al, ah, bl, bh) -> bh ^ encrypt(ah, al)).spec("SDM 2A AESENC"),
      row("66 0F 38 DD /r", "aesenclast", "Vdq,Wdq").feature(Feature.AES).with(ALIGNED)
          .halves((al, ah, bl, bh) -> bl ^ encryptLast(al, ah), (al, ah, bl, bh) -> bh ^ encryptLast(ah, al))
          .spec("SDM 2A AESENCLAST"),
      row("66 0F 38 DE /r", "aesdec", "Vdq,Wdq").feature(Feature.AES).with(ALIGNED)
          .halves((al, ah, bl, bh) -> bl ^ decrypt(al, ah), (al, ah, bl, bh) -> bh ^ decrypt(ah, al)).spec("SDM 2A AESDEC"),
      row("66 0F 38 DF /r", "aesdeclast", "Vdq,Wdq").feature(Feature.AES).with(ALIGNED)
          .halves((al, ah, bl, bh) -> bl ^ decryptLast(al, ah), (al, ah, bl, bh) -> bh ^ decryptLast(ah, al))
          .spec("SDM 2A AESDECLAST"),
      row("66 0F 3A DF /r", "aeskeygenassist", "Vdq,Wdq,Ib").feature(Feature.AES).with(ALIGNED)
          .halvesImm((al, ah, bl, bh, i) -> keygen(bl, i), (al, ah, bl, bh, i) -> keygen(bh, i)).spec("SDM 2A AESKEYGENASSIST"),
      row("66 0F 3A 44 /r", "pclmulqdq", "Vdq,Wdq,Ib").feature(Feature.PCLMUL).with(ALIGNED)
          .halvesImm((al, ah, bl, bh, i) -> productLow((i & 1) == 0 ? al : ah, (i & 16) == 0 ? bl : bh),
              (al, ah, bl, bh, i) -> productHigh((i & 1) == 0 ? al : ah, (i & 16) == 0 ? bl : bh)).spec("SDM 2B PCLMULQDQ"));

  /** S-box and its inverse (FIPS 197 5.1.1). */
  private static final int[] SBOX = new int[256];
  private static final int[] INVERSE = new int[256];
  /** A row-0 byte after SubBytes, spread over its column by MixColumns; other rows are rotations. */
  private static final int[] MIX = new int[256];
  /** The same for InvMixColumns, without substitution. */
  private static final int[] UNMIX = new int[256];

  static {
    // Walk the powers of the generator 3 and of its inverse together: q is always the inverse of p.
    int p = 1;
    int q = 1;
    do {
      p = p ^ times2(p);
      q ^= q << 1;
      q ^= q << 2;
      q ^= q << 4;
      q &= 0xff;
      q ^= (q & 0x80) != 0 ? 9 : 0;
      substitute(p, q);
    } while (p != 1);
    substitute(0, 0);
    for (int i = 0; i < 256; i++) {
      int s = SBOX[i];
      MIX[i] = times2(s) | s << 8 | s << 16 | (times2(s) ^ s) << 24;
      int i2 = times2(i);
      int i4 = times2(i2);
      int i8 = times2(i4);
      UNMIX[i] = i8 ^ i4 ^ i2 | (i8 ^ i) << 8 | (i8 ^ i4 ^ i) << 16 | (i8 ^ i2 ^ i) << 24;
    }
  }

  private SimdCrypto() {}

  private static int times2(int v) {
    return (v << 1 ^ ((v & 0x80) != 0 ? 0x11b : 0)) & 0xff;
  }

  private static void substitute(int v, int inverse) {
    int x = inverse * 0x101; // doubled, so that a shift is a rotation
    int s = (inverse ^ x >> 7 ^ x >> 6 ^ x >> 5 ^ x >> 4) & 0xff ^ 0x63;
    SBOX[v] = s;
    INVERSE[s] = v;
  }

  private static int at(long half, int column, int row) {
    return (int) (half >>> 32 * column + 8 * row) & 0xff;
  }

  private static long columns(int low, int high) {
    return low & D | (long) high << 32;
  }

  /** Column from bytes of its four rows. */
  private static int mixed(int r0, int r1, int r2, int r3) {
    return MIX[r0] ^ Integer.rotateLeft(MIX[r1], 8) ^ Integer.rotateLeft(MIX[r2], 16) ^ Integer.rotateLeft(MIX[r3], 24);
  }

  private static int unmixed(int r0, int r1, int r2, int r3) {
    return UNMIX[r0] ^ Integer.rotateLeft(UNMIX[r1], 8) ^ Integer.rotateLeft(UNMIX[r2], 16) ^ Integer.rotateLeft(UNMIX[r3], 24);
  }

  private static int packed(int[] box, int r0, int r1, int r2, int r3) {
    return box[r0] | box[r1] << 8 | box[r2] << 16 | box[r3] << 24;
  }

  // ShiftRows moves row r left by r columns, so a half of the result takes rows 0 and 1 of its columns from itself and
  // the other half. "mine" holds columns 0 and 1 of the rotated view, "other" columns 2 and 3.

  private static long encrypt(long mine, long other) {
    return columns(mixed(at(mine, 0, 0), at(mine, 1, 1), at(other, 0, 2), at(other, 1, 3)),
        mixed(at(mine, 1, 0), at(other, 0, 1), at(other, 1, 2), at(mine, 0, 3)));
  }

  private static long encryptLast(long mine, long other) {
    return columns(packed(SBOX, at(mine, 0, 0), at(mine, 1, 1), at(other, 0, 2), at(other, 1, 3)),
        packed(SBOX, at(mine, 1, 0), at(other, 0, 1), at(other, 1, 2), at(mine, 0, 3)));
  }

  private static long decrypt(long mine, long other) {
    return aesimc(decryptLast(mine, other));
  }

  private static long decryptLast(long mine, long other) {
    return columns(packed(INVERSE, at(mine, 0, 0), at(other, 1, 1), at(other, 0, 2), at(mine, 1, 3)),
        packed(INVERSE, at(mine, 1, 0), at(mine, 0, 1), at(other, 1, 2), at(other, 0, 3)));
  }

  static long aesimc(long b) {
    return columns(unmixed(at(b, 0, 0), at(b, 0, 1), at(b, 0, 2), at(b, 0, 3)),
        unmixed(at(b, 1, 0), at(b, 1, 1), at(b, 1, 2), at(b, 1, 3)));
  }

  /** SubWord of the upper doubleword, and above it the same rotated and with the round constant. */
  static long keygen(long half, long rcon) {
    int word = packed(SBOX, at(half, 1, 0), at(half, 1, 1), at(half, 1, 2), at(half, 1, 3));
    return columns(word, Integer.rotateRight(word, 8) ^ (int) rcon);
  }

  static long productLow(long a, long b) {
    long r = 0;
    for (long rest = b; rest != 0; rest &= rest - 1) {
      r ^= a << Long.numberOfTrailingZeros(rest);
    }
    return r;
  }

  static long productHigh(long a, long b) {
    long r = 0;
    for (long rest = b & ~1; rest != 0; rest &= rest - 1) {
      r ^= a >>> 64 - Long.numberOfTrailingZeros(rest);
    }
    return r;
  }
}
