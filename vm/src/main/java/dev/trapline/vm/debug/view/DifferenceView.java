package dev.trapline.vm.debug.view;

/**
 * What two states of a machine do not have in common.
 *
 * @param where a component's field, {@code pit.counter0.mode}, or a page, {@code memory[0x5000]}
 * @param before in the first, {@code (none)} if it is not there
 * @param after in the second
 */
public record DifferenceView(String where, String before, String after) {
  @Override
  public String toString() {
    return where + ": " + before + " -> " + after;
  }
}
