package dev.trapline.vm.machine.tables;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Little-endian bytes put one after another. */
final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Bytes u8(int... values) {
    for (int v : values) {
      out.write(v);
    }
    return this;
  }

  Bytes u16(int value) {
    return u8(value, value >> 8);
  }

  Bytes u32(long value) {
    return u16((int) value).u16((int) (value >> 16));
  }

  Bytes u64(long value) {
    return u32(value).u32(value >> 32);
  }

  /** ASCII in a field of a width, filled up with {@code fill}. */
  Bytes text(String s, int width, int fill) {
    byte[] field = new byte[width];
    Arrays.fill(field, (byte) fill);
    byte[] ascii = s.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, field, 0, Math.min(width, ascii.length));
    return add(field);
  }

  Bytes text(String s) {
    return add(s.getBytes(StandardCharsets.US_ASCII));
  }

  Bytes add(byte[]... parts) {
    for (byte[] p : parts) {
      out.writeBytes(p);
    }
    return this;
  }

  Bytes zeros(int n) {
    return add(new byte[n]);
  }

  /** Zeros up to a multiple of {@code n}. */
  Bytes align(int n) {
    return zeros(-out.size() & n - 1);
  }

  int size() {
    return out.size();
  }

  byte[] toArray() {
    return out.toByteArray();
  }

  /** Sets the byte at {@code at} so that the {@code length} bytes from {@code start} add up to 0. */
  static void checksum(byte[] bytes, int start, int length, int at) {
    bytes[at] = 0;
    int sum = 0;
    for (int i = start; i < start + length; i++) {
      sum += bytes[i];
    }
    bytes[at] = (byte) -sum;
  }
}
