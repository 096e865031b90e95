package dev.trapline.vm.debug;

import dev.trapline.vm.vmm.AuditPlan;
import dev.trapline.vm.vmm.MonitorException;
import java.util.List;

/**
 * How a monitor runs a guest.
 *
 * @param technique how its code runs, one of {@link #TECHNIQUES}
 * @param paging how its memory is mapped, one of {@link #PAGING}
 * @param audit how much of its tables is audited after exits: {@code off}, {@code entries} or {@code full}, with {@code :N} each Nth exit
 * @param dedicated devices of the host that are the guest's alone: {@code uart0}
 */
public record Virtual(String technique, String paging, String audit, List<String> dedicated) {
  public static final List<String> TECHNIQUES = List.of("hvm", "trap");
  public static final List<String> PAGING = List.of("shadow", "nested");

  /** Without audits. */
  public Virtual(String technique, String paging) {
    this(technique, paging, "off", List.of());
  }

  /** @throws BadInput if there is no such technique or paging */
  public Virtual {
    dedicated = List.copyOf(dedicated);
    if (!TECHNIQUES.contains(technique)) {
      throw new BadInput("--technique " + technique + ": one of " + String.join(", ", TECHNIQUES) + " expected");
    }
    if (!PAGING.contains(paging)) {
      throw new BadInput("--paging " + paging + ": one of " + String.join(", ", PAGING) + " expected");
    }
    try {
      AuditPlan.of(audit);
    } catch (MonitorException wrong) {
      throw new BadInput("--" + wrong.getMessage());
    }
  }
}
