package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Virtual;
import java.util.List;
import picocli.CommandLine.Option;

/** Whether and how the machine runs as a guest of the monitor. */
final class MonitorOptions {
  @Option(names = "--bare", description = "on the bare machine, without a monitor; snapshots and journals need that")
  private boolean bare;

  @Option(names = "--technique", paramLabel = "NAME", description = "how the monitor runs the guest: hvm (SVM guest mode) or\n"
      + "trap (its kernel at lower privilege) (hvm)")
  private String technique;

  @Option(names = "--paging", paramLabel = "NAME", description = "the guest's memory by shadow or nested page tables (shadow)")
  private String paging;

  @Option(names = "--audit", paramLabel = "LEVEL",
      description = "after each exit, audit the guest's shadow or nested tables: off, entries (what changed)\nor full; full:100 after each 100th (off)")
  private String audit;

  @Option(names = "--dedicated", paramLabel = "DEVICE",
      description = "a device of the host's that is the guest's alone: uart0, uart1 (ports without\nexits), virtio-net0 (its DMA within the guest's memory); may be repeated")
  private List<String> dedicated = List.of();

  /** Whether there is to be no monitor. */
  boolean bare() {
    if (bare && chosen()) {
      throw new BadInput("--bare is without a monitor, --technique, --paging, --audit and --dedicated are with one: one of them");
    }
    return bare;
  }

  /** Whether the user says how the monitor runs the guest. */
  boolean chosen() {
    return technique != null || paging != null || audit != null || !dedicated.isEmpty();
  }

  /** How the monitor runs it, by default where nothing is said. */
  Virtual asGuest() {
    return new Virtual(technique == null ? "hvm" : technique, paging == null ? "shadow" : paging, audit == null ? "off" : audit,
        dedicated);
  }
}
