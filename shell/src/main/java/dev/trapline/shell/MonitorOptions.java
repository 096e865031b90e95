package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Virtual;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether and how the machine runs as a guest of the monitor. */
final class MonitorOptions {
  @Option(names = "--bare", description = "on the bare machine, as without --technique and --paging")
  private boolean bare;

  @Option(names = "--technique", paramLabel = "NAME", description = "as a guest of the monitor: hvm (SVM guest mode) or trap (its kernel at lower privilege)")
  private String technique;

  @Option(names = "--paging", paramLabel = "NAME", description = "the guest's memory by shadow or nested page tables (shadow)")
  private String paging;

  @Option(names = "--audit", paramLabel = "LEVEL",
      description = "after each exit, audit the guest's shadow or nested tables: off, entries (what changed) or full; full:100 after each 100th (off)")
  private String audit;

  /** How the monitor runs it; empty for the bare machine. */
  Optional<Virtual> virtual() {
    if (technique == null && paging == null && audit == null) {
      return Optional.empty();
    }
    if (bare) {
      throw new BadInput("--bare is without a monitor, --technique, --paging and --audit are with one: one of them");
    }
    return Optional.of(asGuest());
  }

  /** How the monitor runs it, by default where nothing is said. */
  Virtual asGuest() {
    return new Virtual(technique == null ? "hvm" : technique, paging == null ? "shadow" : paging, audit == null ? "off" : audit);
  }
}
