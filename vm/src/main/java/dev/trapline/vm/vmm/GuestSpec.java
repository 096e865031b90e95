package dev.trapline.vm.vmm;

import dev.trapline.vm.machine.MachineConfig;
import java.util.List;

/**
 * What a guest is made of.
 *
 * @param name what people call it
 * @param machine its PC, as for the bare machine: memory, processors, drives, image
 * @param technique how its code is run: {@code hvm} or {@code trap}
 * @param paging how its memory is mapped: {@code shadow} or {@code nested}
 * @param weight share of processor time relative to the other guests, at least 1
 * @param cap the most of a processor each of its virtual ones may have, in percent; 0 for no cap
 * @param dedicated devices of the host that are the guest's alone, by the names of the host's consoles: {@code uart0}
 */
public record GuestSpec(String name, MachineConfig machine, String technique, String paging, int weight, int cap, List<String> dedicated) {
  /** Weight of a guest of which nothing is said. */
  public static final int STANDARD_WEIGHT = 256;

  /** @throws MonitorException if the name is no word, or a number out of range */
  public GuestSpec {
    dedicated = List.copyOf(dedicated);
    if (!name.matches("[A-Za-z][A-Za-z0-9_-]*")) {
      throw MonitorException.of("'%s' cannot be a guest's name: a letter, then letters, digits, - or _ expected", name);
    }
    if (weight < 1 || weight > 65_536) {
      throw MonitorException.of("guest %s: weight %d: 1 to 65536 expected", name, weight);
    }
    if (cap < 0 || cap > 100) {
      throw MonitorException.of("guest %s: cap %d: 0 to 100 percent expected", name, cap);
    }
  }

  /** Without devices of the host. */
  public GuestSpec(String name, MachineConfig machine, String technique, String paging, int weight, int cap) {
    this(name, machine, technique, paging, weight, cap, List.of());
  }

  public GuestSpec withDedicated(String... devices) {
    return new GuestSpec(name, machine, technique, paging, weight, cap, List.of(devices));
  }

  /** A guest by hardware assist with the standard weight and no cap. */
  public static GuestSpec hvm(String name, MachineConfig machine, String paging) {
    return new GuestSpec(name, machine, "hvm", paging, STANDARD_WEIGHT, 0);
  }
}
