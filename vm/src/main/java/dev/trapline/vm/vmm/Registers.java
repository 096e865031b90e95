package dev.trapline.vm.vmm;

/**
 * Moves the registers of a virtual processor between the hardware and the {@link dev.trapline.vm.cpu.Cpu} object of the guest's machine.
 * What stands in control registers is the {@link Mmu}'s business: it fills them in behind {@link #put} and corrects them behind the others.
 */
interface Registers {
  /** The hardware just stopped running the guest, and has its registers. */
  void left();

  /** From the hardware; what follows from control registers is still to be recomputed. */
  void fetch();

  /** The same while the host's processor runs the guest's code, as a debugger on a probe would read it. */
  void peek();

  /** To the hardware. */
  void put();
}
