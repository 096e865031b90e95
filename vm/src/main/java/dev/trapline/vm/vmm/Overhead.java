package dev.trapline.vm.vmm;

/** Where the time goes that is not the guest's progress. */
public enum Overhead {
  EMULATION("instructions and devices carried out by the monitor"),
  INTERRUPTS("physical interrupts taken, virtual ones delivered"),
  CONTEXT_SWITCHES("between guest and monitor, and from guest to guest"),
  BOOKKEEPING("finding the handler, the scheduler, the timer, accounts"),
  MEMORY("faults of shadow and nested tables, and keeping the tables");

  private final String meaning;

  Overhead(String meaning) {
    this.meaning = meaning;
  }

  public String meaning() {
    return meaning;
  }
}
