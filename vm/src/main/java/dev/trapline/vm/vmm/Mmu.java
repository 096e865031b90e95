package dev.trapline.vm.vmm;

/** How a guest's memory is mapped onto host frames while its code runs. */
interface Mmu {
  /** The name it is chosen by. */
  String name();

  /** A virtual processor is new. */
  void prepare(Vcpu v);

  /** What concerns memory in its VMCB. */
  Owned owned(Vcpu v);

  /** Registers were just put into the VMCB: CR0, CR3, CR4 and EFER become what the hardware needs. */
  void controls(Vcpu v);

  /**
   * Registers were just fetched from the VMCB: what there stands for the hardware is put back to what the guest knows, and what follows
   * from control registers recomputed.
   */
  void fetched(Vcpu v);

  /** The guest did what drops all translations of a virtual processor. */
  default void dropTranslations(Vcpu v) {
    // The hardware does it where the hardware knows.
  }

  /** The guest dropped the translation of a linear address. */
  default void invalidate(Vcpu v, long linear) {
    // Likewise.
  }

  /** Somebody other than the guest's code stored into real memory. */
  void stored(long gpa, int length);

  /** The frame behind a page of real memory goes away: nothing may lead to it any more. */
  void discarded(long gpa);

  /** Other memory or devices stand at guest-physical addresses now. */
  void mapChanged();

  /**
   * A nested page fault, or a page fault with shadow tables.
   *
   * @return what is to be done
   */
  Answer fault(Vcpu v);

  /** Checks what must hold of the tables. */
  void audit(AuditPlan.Level level, Findings findings);

  /** Names the tables at which the hardware begins to walk for a virtual processor. */
  void tops(Vcpu v, TopVisitor to);

  /** Is told where walks begin. */
  interface TopVisitor {
    /**
     * A table.
     *
     * @param table its host-physical address
     * @param level 4, or 3 for the four entries of the PAE format
     */
    void top(long table, int level);
  }

  /** What to do after a fault was looked at. */
  enum Answer {
    /** The tables were filled: try again. */
    RETRY,
    /** No memory is there, or the store must be seen: the monitor carries the instruction out. */
    EMULATE,
    /** The fault is the guest's own: it is to be delivered. */
    REFLECT
  }

  /** The way of a name. @throws MonitorException if there is none */
  static Mmu of(String name, Guest guest, FrameTable frames) {
    return switch (name) {
      case "nested" -> new NestedMmu(guest, frames);
      case "shadow" -> new ShadowMmu(guest, frames);
      default -> throw MonitorException.of("guest %s: paging '%s': nested or shadow expected", guest.name(), name);
    };
  }
}
