package dev.trapline.vm.machine;

import java.util.List;

/**
 * What has come into a machine since it was built, in order.
 *
 * @param entries each input with its place
 * @param done how many of them have come; the others are awaited by a machine that repeats a run
 */
public record Journal(List<Entry> entries, int done) {
  /** No input at all. */
  public static final Journal EMPTY = new Journal(List.of(), 0);

  /**
   * An input and its place.
   *
   * @param at the sum of all processors' instruction counts: on one processor, instructions since the start
   * @param interrupts taken at that count, before the next instruction
   * @param processors hash of all processors' states right before the input: a run that came here on another way shows
   */
  public record Entry(long at, int interrupts, long processors, Input input) {}

  public Journal {
    entries = List.copyOf(entries);
    if (done < 0 || done > entries.size()) {
      throw new IllegalArgumentException(done + " of " + entries.size() + " inputs");
    }
  }

  /** All of it still to come: what a repetition of the run starts with. */
  public Journal rewound() {
    return new Journal(entries, 0);
  }
}
