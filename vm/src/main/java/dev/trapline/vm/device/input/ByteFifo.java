package dev.trapline.vm.device.input;

import java.util.ArrayDeque;

/** Bytes from a device on their way to the controller. */
final class ByteFifo {
  private final ArrayDeque<Integer> bytes = new ArrayDeque<>();

  void add(int... values) {
    for (int v : values) {
      bytes.add(v & 0xff);
    }
  }

  boolean isEmpty() {
    return bytes.isEmpty();
  }

  int remove() {
    return bytes.remove();
  }

  void clear() {
    bytes.clear();
  }

  byte[] toArray() {
    byte[] out = new byte[bytes.size()];
    int i = 0;
    for (int b : bytes) {
      out[i++] = (byte) b;
    }
    return out;
  }

  void set(byte[] from) {
    clear();
    for (byte b : from) {
      add(b);
    }
  }
}
