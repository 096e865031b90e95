package dev.trapline.vm.debug;

import dev.trapline.vm.machine.MachineConfig;

/**
 * A guest among several.
 *
 * @param weight share of the processor relative to the others; 0 for the standard one
 * @param cap the most of a processor, in percent; 0 for no cap
 * @param until the guest is switched off when it has printed this; empty if it ends by itself
 */
public record GuestPlan(String name, MachineConfig machine, Image image, Virtual how, int weight, int cap, String until) {
  /** One that ends by itself. */
  public GuestPlan(String name, MachineConfig machine, Image image, Virtual how, int weight, int cap) {
    this(name, machine, image, how, weight, cap, "");
  }
}
