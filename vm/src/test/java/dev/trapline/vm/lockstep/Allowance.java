package dev.trapline.vm.lockstep;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What one step may leave different for a stated reason.
 *
 * @param registers by number; RFLAGS are in {@code flags}
 * @param flags RFLAGS bits
 * @param memory whether also what it stored
 */
record Allowance(Set<Integer> registers, long flags, boolean memory) {
  private static final long ALL_FLAGS = -1;

  static Allowance ofRegisters(int... numbers) {
    return new Allowance(Arrays.stream(numbers).boxed().collect(Collectors.toSet()), 0, false);
  }

  static Allowance ofFlags(long bits) {
    return new Allowance(Set.of(), bits, false);
  }

  static Allowance ofStores() {
    return new Allowance(Set.of(), 0, true);
  }

  /** Everything an instruction that reads a device can compute from what it read. */
  static Allowance ofComputed() {
    Set<Integer> all = IntStream.range(0, Registers.ALL.size())
        .filter(i -> i < Registers.RIP && i != Registers.RSP || i >= Registers.XMM0 && i < Registers.MXCSR).boxed().collect(Collectors.toSet());
    return new Allowance(all, ALL_FLAGS, true);
  }
}
