package dev.trapline.vm.vmm;

/** Things the monitor does that cost cycles, and what kind of overhead each is. How much, a {@link CostProfile} says. */
public enum Cost {
  ROUND_TRIP(Overhead.CONTEXT_SWITCHES, "#VMEXIT and the VMRUN after it"),
  WORLD_SWITCH(Overhead.CONTEXT_SWITCHES, "registers of one guest saved and of another loaded"),
  DISPATCH(Overhead.BOOKKEEPING, "finding the handler of an exit"),
  SCHEDULE(Overhead.BOOKKEEPING, "choosing who runs, setting the timer"),
  EMULATE(Overhead.EMULATION, "an instruction decoded and carried out"),
  DEVICE(Overhead.EMULATION, "an access to a virtual device"),
  HOST_INTERRUPT(Overhead.INTERRUPTS, "a physical interrupt acknowledged"),
  IPI(Overhead.INTERRUPTS, "another processor interrupted: to leave its guest, or to look for work"),
  INJECT(Overhead.INTERRUPTS, "an interrupt or exception put into a guest"),
  WALK(Overhead.MEMORY, "a walk of a guest's page table"),
  FILL(Overhead.MEMORY, "an entry of a shadow or nested table written"),
  ZAP(Overhead.MEMORY, "an entry of a shadow or nested table taken out"),
  TABLE(Overhead.MEMORY, "a page for a table got and cleared"),
  FLUSH(Overhead.MEMORY, "translations of a guest dropped");

  private final Overhead kind;
  private final String meaning;

  Cost(Overhead kind, String meaning) {
    this.kind = kind;
    this.meaning = meaning;
  }

  public Overhead kind() {
    return kind;
  }

  public String meaning() {
    return meaning;
  }
}
