package dev.trapline.vm.device.virtio;

/** Little-endian numbers of any width up to 8 bytes. */
final class Bytes {
  private Bytes() {}

  static long get(byte[] b, int at, int bytes) {
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= (b[at + i] & 0xffL) << 8 * i;
    }
    return v;
  }

  static void put(byte[] b, int at, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      b[at + i] = (byte) (value >>> 8 * i);
    }
  }
}
