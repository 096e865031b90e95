package dev.trapline.vm.event;

/** Something that happened at the edge of the processor. */
public sealed interface Event {
  /** IN and OUT: one access as the instruction made it, whatever cycles the bus splits it into. */
  record Port(boolean write, int port, int bytes, long value) implements Event {}

  /** A load or store that a device answered. */
  record Mmio(boolean write, long address, int bytes, long value) implements Event {}

  /** RDMSR and WRMSR that did not fault. */
  record Msr(boolean write, int number, long value) implements Event {}

  /** A control register was written by MOV, LMSW, CLTS or a task switch; {@code value} is what it holds now. */
  record Control(int number, long value) implements Event {}

  /**
   * An exception is about to be delivered.
   *
   * @param errorCode or -1 if it has none
   * @param address CR2 of a page fault, else 0
   */
  record Raised(int vector, int errorCode, long address) implements Event {}

  /** A maskable interrupt or NMI, or {@code INT n}, is about to be delivered. */
  record Interrupt(int vector, boolean software) implements Event {}
}
