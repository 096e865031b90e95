package dev.trapline.vm.lockstep;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where the two processors are apart after one step.
 *
 * @param registers by number
 * @param flags RFLAGS bits
 * @param memory indices of stores of ours whose bytes QEMU has not
 */
record Differences(BitSet registers, long flags, List<Integer> memory) {
  static Differences of(Registers ours, Registers theirs) {
    var registers = new BitSet();
    for (int i = 0; i < Registers.ALL.size(); i++) {
      if (Registers.ALL.get(i).compared() && !ours.same(i, theirs)) {
        registers.set(i);
      }
    }
    return new Differences(registers, ours.low()[Registers.FLAGS] ^ theirs.low()[Registers.FLAGS], new ArrayList<>());
  }

  boolean none() {
    return registers.isEmpty() && memory.isEmpty();
  }

  /** What of these differences an allowance covers is taken out; tells if there was anything. */
  boolean take(Allowance allowed) {
    int before = registers.cardinality() + memory.size();
    boolean flagsCovered = (flags & ~allowed.flags()) == 0;
    allowed.registers().stream().filter(r -> r != Registers.FLAGS).forEach(registers::clear);
    if (flagsCovered) {
      registers.clear(Registers.FLAGS);
    }
    if (allowed.memory()) {
      memory.clear();
    }
    return registers.cardinality() + memory.size() < before;
  }
}
