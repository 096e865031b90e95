package dev.trapline.vm.machine.save;

/** Who is told how far a save or load has come. */
@FunctionalInterface
public interface Progress {
  /** Nobody. */
  Progress NONE = (done, all) -> {};

  /** {@code done} of {@code all} bytes, before compression on saving and as in the file on loading. */
  void at(long done, long all);
}
