package dev.trapline.vm.bus;

/**
 * Where the processor fetches the vector of a maskable interrupt: the 8259 pair, or its local APIC. A local APIC also brings events
 * that RFLAGS.IF does not hold off, and keeps the registers that are reached by instructions: task priority, base address, deadline.
 */
public interface InterruptSource {
  /** Events that RFLAGS.IF does not hold off, in the order in which they are taken. */
  enum Event { NONE, INIT, STARTUP, NMI }

  /** Whether INTR is asserted. */
  boolean pending();

  /** The INTA cycle: acknowledges and returns the vector. */
  int acknowledge();

  /**
   * The event to take next; it stays pending until {@link #take}.
   *
   * @param nmiHeld NMIs are held off now
   */
  default Event event(boolean nmiHeld) {
    return Event.NONE;
  }

  /** Takes what {@link #event} said; the start-up vector for {@link Event#STARTUP}, else 0. */
  default int take(Event event) {
    return 0;
  }

  /** CR8 was written: the task priority class is now 0 to 15. */
  default void taskPriority(int priorityClass) {
    // Without an APIC nothing compares priorities.
  }

  /** Whether an interrupt waits that a lower task priority might let through. */
  default boolean heldByPriority() {
    return false;
  }

  /** IA32_APIC_BASE was written. */
  default void base(long value) {
    // Without an APIC the register is only remembered.
  }

  /** IA32_TSC_DEADLINE: the armed deadline in time-stamp counts, 0 if none. */
  default long deadline() {
    return 0;
  }

  /**
   * IA32_TSC_DEADLINE was written, or the time-stamp counter under it.
   *
   * @param tsc the deadline in time-stamp counts, 0 to disarm
   * @param at the same in virtual time
   */
  default void deadline(long tsc, long at) {
    // Without an APIC there is no such register.
  }
}
