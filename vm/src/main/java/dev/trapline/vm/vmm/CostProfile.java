package dev.trapline.vm.vmm;

import java.util.EnumMap;
import java.util.Map;

/**
 * Cycles for each thing the monitor does: a model of some machine, so that overheads can be compared. Modelled cycles are accounts; they
 * do not move virtual time.
 */
public record CostProfile(String name, Map<Cost, Integer> cycles) {
  public CostProfile {
    cycles = Map.copyOf(cycles);
    for (Cost c : Cost.values()) {
      if (!cycles.containsKey(c)) {
        throw new IllegalArgumentException("cost profile " + name + " says nothing of " + c);
      }
    }
  }

  public int of(Cost cost) {
    return cycles.get(cost);
  }

  /** Round figures in the order of those published for processors of about 2008: an exit and entry about 1,900 cycles. */
  public static CostProfile standard() {
    Map<Cost, Integer> c = new EnumMap<>(Cost.class);
    c.put(Cost.ROUND_TRIP, 1900);
    c.put(Cost.WORLD_SWITCH, 1200);
    c.put(Cost.DISPATCH, 60);
    c.put(Cost.SCHEDULE, 400);
    c.put(Cost.EMULATE, 1500);
    c.put(Cost.DEVICE, 500);
    c.put(Cost.HOST_INTERRUPT, 300);
    c.put(Cost.IPI, 500);
    c.put(Cost.INJECT, 250);
    c.put(Cost.WALK, 120);
    c.put(Cost.FILL, 80);
    c.put(Cost.ZAP, 60);
    c.put(Cost.TABLE, 500);
    c.put(Cost.FLUSH, 300);
    return new CostProfile("standard", c);
  }
}
