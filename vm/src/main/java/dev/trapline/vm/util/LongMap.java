package dev.trapline.vm.util;

import java.util.Arrays;
import java.util.Map;

/** A map from longs, made once and asked often: asking allocates nothing. */
public final class LongMap<T> {
  private final long[] keys;
  private final Object[] values;
  private final int mask;

  /** @param from no value may be null */
  public LongMap(Map<Long, T> from) {
    int slots = Integer.highestOneBit(Math.max(4, from.size() * 4));
    this.keys = new long[slots];
    this.values = new Object[slots];
    this.mask = slots - 1;
    from.forEach(this::put);
  }

  private void put(long key, T value) {
    int i = slot(key);
    while (values[i] != null) {
      i = i + 1 & mask;
    }
    keys[i] = key;
    values[i] = value;
  }

  private int slot(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & mask;
  }

  /** The value of a key, or null. */
  @SuppressWarnings("unchecked")
  public T get(long key) {
    int i = slot(key);
    while (values[i] != null) {
      if (keys[i] == key) {
        return (T) values[i];
      }
      i = i + 1 & mask;
    }
    return null;
  }

  @Override
  public String toString() {
    return Arrays.toString(keys);
  }
}
