package dev.trapline.vm.device.apic;

import dev.trapline.vm.state.StateException;

/** 256 bits as IRR, ISR and TMR have them: eight words, bit n of the whole is vector n. */
final class Vectors {
  private final int[] words = new int[8];

  boolean has(int vector) {
    return (words[vector >>> 5] >>> vector & 1) != 0;
  }

  void set(int vector, boolean on) {
    int bit = 1 << vector;
    words[vector >>> 5] = on ? words[vector >>> 5] | bit : words[vector >>> 5] & ~bit;
  }

  /** The highest vector, or -1. */
  int highest() {
    for (int i = 7; i >= 0; i--) {
      if (words[i] != 0) {
        return 32 * i + 31 - Integer.numberOfLeadingZeros(words[i]);
      }
    }
    return -1;
  }

  int word(int index) {
    return words[index];
  }

  void clear() {
    words(new int[8]);
  }

  int[] words() {
    return words.clone();
  }

  void words(int[] saved) {
    if (saved.length != words.length) {
      throw new StateException("lapic: " + saved.length + " words of vectors, 8 expected");
    }
    System.arraycopy(saved, 0, words, 0, words.length);
  }
}
