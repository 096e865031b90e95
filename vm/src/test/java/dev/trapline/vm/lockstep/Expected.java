package dev.trapline.vm.lockstep;

import dev.trapline.vm.cpu.Cpu;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A difference that is known, with the manual section that proves us right. An entry that is no longer met fails the test.
 *
 * @param name short, for the list of what was met
 * @param why what QEMU does and what the manual says
 * @param spec manual section
 * @param when the steps it can happen at
 * @param metBy runs of the test that surely meet it, each with the number of steps by which it has
 */
record Expected(String name, String why, String spec, Predicate<Ours> when, Allowance allowed, Map<String, Integer> metBy) {
  /** Not at a step but in the hidden part of CS and in its descriptor. */
  static final Expected CODE_ACCESSED = new Expected("accessed bit of code segments",
      "QEMU does not set the accessed bit of a code segment's descriptor in a far transfer; the processor sets it whenever it loads the "
          + "selector into a segment register", "SDM 3A 3.4.5.1", o -> false, Allowance.ofRegisters(), Map.of("debian-cloud-amd64", 100));

  /** In the hidden part of TR. */
  static final Expected TASK_BUSY = new Expected("busy type of TR",
      "QEMU's LTR marks the descriptor busy but loads TR's hidden part from what it was before; the processor loads the descriptor that is "
          + "marked busy already, and VM entry asks for the busy type", "SDM 2A LTR, SDM 3C 27.3.1.2", o -> false, Allowance.ofRegisters(),
      Map.of("debian-cloud-amd64", 15_000));

  static final Expected RESUME_FLAG = new Expected("RF in a fault's frame",
      "QEMU 7.2 pushes RFLAGS as they are; the processor pushes RF as 1 for every fault", "SDM 3B 18.3.1.1",
      Ours::raised, Allowance.ofStoredBits(Cpu.RF),
      Map.of("debian-cloud-amd64 later", 10_000));

  /** In the hidden part of SS. */
  static final Expected SYSRET_STACK = new Expected("SS after SYSRET",
      "QEMU's SYSRET loads SS's hidden part with privilege level 3, as Intel's does; on an AMD processor, which ours is, SYSRET changes the "
          + "selector alone", "APM3 SYSRET", o -> false, Allowance.ofRegisters(), Map.of());

  static final List<Expected> ALL = List.of(CODE_ACCESSED, TASK_BUSY, RESUME_FLAG, SYSRET_STACK);
}
