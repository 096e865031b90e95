package dev.trapline.vm.bus;

/**
 * Virtual time: retired instructions since reset. One step of a repeated string instruction counts as one, and so does the delivery
 * of an exception, so that a guest which does nothing but fault cannot stop time.
 */
public interface Clock {
  /** Instructions retired before the one now executing. */
  long now();
}
