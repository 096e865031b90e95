package dev.trapline.vm.lockstep;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the two processors are apart after one step.
 *
 * @param registers by number
 * @param flags RFLAGS bits
 * @param memory differing bits of stores of ours, by their index
 */
record Differences(BitSet registers, long flags, Map<Integer, Long> memory) {
  static Differences of(Registers ours, Registers theirs) {
    var registers = new BitSet();
    for (int i = 0; i < Registers.ALL.size(); i++) {
      if (Registers.ALL.get(i).compared() && !ours.same(i, theirs)) {
        registers.set(i);
      }
    }
    return new Differences(registers, ours.low()[Registers.FLAGS] ^ theirs.low()[Registers.FLAGS], new TreeMap<>());
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
    memory.values().removeIf(bits -> (bits & ~allowed.memory()) == 0);
    return registers.cardinality() + memory.size() < before;
  }
}
