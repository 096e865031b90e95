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
 * @param memory bits of every piece it stored
 */
record Allowance(Set<Integer> registers, long flags, long memory) {
  private static final long ANYTHING = -1;

  static Allowance ofRegisters(int... numbers) {
    return new Allowance(Arrays.stream(numbers).boxed().collect(Collectors.toSet()), 0, 0);
  }

  static Allowance ofFlags(long bits) {
    return new Allowance(Set.of(), bits, 0);
  }

  static Allowance ofStores() {
    return new Allowance(Set.of(), 0, ANYTHING);
  }

  static Allowance ofStoredBits(long bits) {
    return new Allowance(Set.of(), 0, bits);
  }

  /** Everything an instruction that reads a device can compute from what it read. */
  static Allowance ofComputed() {
    Set<Integer> all = IntStream.range(0, Registers.ALL.size())
        .filter(i -> i < Registers.RIP && i != Registers.RSP || i >= Registers.XMM0 && i < Registers.MXCSR)
        .boxed().collect(Collectors.toSet());
    return new Allowance(all, ANYTHING, ANYTHING);
  }
}
