package dev.trapline.vm.debug.view;

import java.util.List;

/**
 * An unprivileged instruction that did something else in a deprivileged kernel than on the bare machine.
 *
 * @param what the first of its differences of this kind: what it gave, and what the bare machine would have given
 * @param count how often
 * @param places where, the most frequent first
 */
public record HoleView(String mnemonic, String what, long count, List<Place> places) {
  /**
   * A place.
   *
   * @param rip offset in its code segment
   * @param symbol name and offset, or empty
   */
  public record Place(long rip, String symbol, long count) {}
}
