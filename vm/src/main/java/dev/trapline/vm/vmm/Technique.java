package dev.trapline.vm.vmm;

/** How code of a virtual processor is run, and what must leave it. Everything else is shared. */
interface Technique {
  /** The name it is chosen by. */
  String name();

  /** Makes a new virtual processor ready for its first entry. */
  void prepare(Vcpu v);

  /** About to enter: interrupts and other events that wait are put in, or a window is asked for. */
  void deliver(Vcpu v);

  /** Guest code was left: does what it was left for. */
  void handle(Vcpu v, long exitCode);
}
