package dev.trapline.vm.bus;

/** Virtual time: retired instructions since reset. One step of a repeated string instruction counts as one. */
public interface Clock {
  /** Instructions retired before the one now executing. */
  long now();
}
