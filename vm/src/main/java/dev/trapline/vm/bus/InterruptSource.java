package dev.trapline.vm.bus;

/** Where the processor fetches the vector of a maskable interrupt: the 8259 pair, later a local APIC. */
public interface InterruptSource {
  /** Whether INTR is asserted. */
  boolean pending();

  /** The INTA cycle: acknowledges and returns the vector. */
  int acknowledge();
}
