package dev.trapline.vm.device.display;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.Arrays;

/**
 * The adapter's 16 MiB. The VGA's four planes are the first 256 KiB: byte {@code 4 * offset + plane}, so that chain-4 pixels and the
 * linear frame buffer see pixels in order. Host memory is taken as the guest uses it.
 */
public final class VideoMemory implements MmioDevice, Stateful<VideoMemory.State> {
  /** Bytes of the adapter. */
  public static final int SIZE = 16 << 20;
  /** Bytes of the four planes. */
  static final int PLANES = 256 << 10;

  /** All bytes up to the last that is not zero. */
  public record State(@Length(value = SIZE, least = 0) byte[] bytes) implements StateRecord {}

  private byte[] bytes = new byte[PLANES];

  /** A byte; addresses wrap at the end. */
  int get(int at) {
    int a = at & SIZE - 1;
    return a < bytes.length ? bytes[a] & 0xff : 0;
  }

  void set(int at, int value) {
    int a = at & SIZE - 1;
    if (a >= bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Integer.highestOneBit(a) << 1));
    }
    bytes[a] = (byte) value;
  }

  /** The four planes at an offset, plane 0 in the low byte. */
  int planes(int offset) {
    int a = offset << 2 & PLANES - 1;
    return get(a) | get(a + 1) << 8 | get(a + 2) << 16 | get(a + 3) << 24;
  }

  /** Replaces the bits of {@code mask} at an offset of the planes. */
  void planes(int offset, int value, int mask) {
    int v = planes(offset) & ~mask | value & mask;
    for (int p = 0; p < 4; p++) {
      set((offset << 2 & PLANES - 1) + p, v >>> 8 * p);
    }
  }

  void clear(int from, int length) {
    int end = Math.min(bytes.length, from + length);
    if (from < end) {
      Arrays.fill(bytes, from, end, (byte) 0);
    }
  }

  // ---- the linear frame buffer

  @Override
  public long load(long offset, int n) {
    long v = 0;
    for (int i = 0; i < n; i++) {
      v |= (long) get((int) offset + i) << 8 * i;
    }
    return v;
  }

  @Override
  public void store(long offset, int n, long value) {
    for (int i = 0; i < n; i++) {
      set((int) offset + i, (int) (value >>> 8 * i));
    }
  }

  void reset() {
    bytes = new byte[PLANES];
  }

  @Override
  public String stateName() {
    return "vga-memory";
  }

  @Override
  public State state() {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return new State(Arrays.copyOf(bytes, end));
  }

  @Override
  public void state(State s) {
    if (s.bytes.length > SIZE) {
      throw new StateException("vga-memory: " + s.bytes.length + " bytes, the adapter has " + SIZE);
    }
    reset();
    for (int i = s.bytes.length - 1; i >= 0; i--) {
      set(i, s.bytes[i]);
    }
  }
}
