package dev.trapline.vm.device.input;

import java.util.ArrayDeque;

/** Keys the host has pressed and released, oldest first. */
final class KeyQueue {
  /** Set in a change that is a release. */
  static final int UP = 0x8000;
  private final ArrayDeque<Integer> changes = new ArrayDeque<>();

  void add(int key, boolean down) {
    changes.add(down ? key : key | UP);
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  int size() {
    return changes.size();
  }

  int remove() {
    return changes.remove();
  }

  int[] toArray() {
    return changes.stream().mapToInt(Integer::intValue).toArray();
  }

  void set(int[] from) {
    changes.clear();
    for (int c : from) {
      changes.add(c);
    }
  }
}
