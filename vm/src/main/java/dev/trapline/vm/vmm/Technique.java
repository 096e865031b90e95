package dev.trapline.vm.vmm;

/** How code of a virtual processor is run, and what must leave it. Everything else is shared. */
interface Technique {
  /** The name it is chosen by. */
  String name();

  /**
   * Says whether guests can be mapped by a kind of paging.
   *
   * @throws MonitorException if not
   */
  default void require(GuestSpec spec) {
    // Every kind will do.
  }

  /** How the registers of a virtual processor get into the hardware and out of it. */
  Registers registers(Vcpu v);

  /** Makes a new virtual processor ready for its first entry. */
  void prepare(Vcpu v);

  /** What of its VMCB has to be as it is at every entry; nothing where the hardware does not read it. */
  Owned owned(Vcpu v);

  /** About to enter: interrupts and other events that wait are put in, or a window is asked for. */
  void deliver(Vcpu v);

  /**
   * Makes the next run of the host's processor enter the guest; or carries out some of its code here, if the hardware cannot.
   *
   * @param most instructions to be carried out here
   */
  void enter(Vcpu v, long most);

  /** Whether its guests run in guest mode, in an address space of their own identifier. */
  default boolean guestMode() {
    return false;
  }

  /** Whether the guest's own code is running: it was interrupted without an exit, and the next run goes on with it. */
  boolean inGuest(Vcpu v);

  /** Whether the processor whose turn it is on is in the guest or on its way there or back. */
  boolean underWay(Vcpu v);

  /**
   * Leaves the guest as a physical interrupt would, or gives up the way there.
   *
   * @return whether it had been entered: its registers are in the hardware
   */
  boolean leave(Vcpu v);

  /** Puts an exception or interrupt into a guest that was left. */
  void inject(Vcpu v, long event);

  /** Guest code was left: does what it was left for. */
  void handle(Vcpu v, long exitCode);
}
