package dev.trapline.vm.event;

/** What takes place in place of what was about to. */
public sealed interface Instead {
  /** Nothing happens: a write is dropped, an exception or interrupt lost, an instruction that left its guest passed over. */
  record Nothing() implements Instead {}

  /** A read gives this; for all else it is the same as {@link Nothing}. */
  record Value(long value) implements Instead {}

  /**
   * An exception or interrupt comes in its place.
   *
   * @param errorCode or -1
   */
  record Raise(int vector, int errorCode) implements Instead {}
}
