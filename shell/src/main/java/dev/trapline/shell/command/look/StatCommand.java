package dev.trapline.shell.command.look;

import dev.trapline.shell.command.Listing;
import dev.trapline.shell.command.Shell;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.ExitTally;
import dev.trapline.vm.debug.MonitorViews;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stat}. */
@Command(name = "stat", description = "Count what the monitor had to do: stat exits, stat overheads",
    footerHeading = "Examples:%n", footer = {
        "  stat exits             how many of each reason, their part of the time, least, most and average modelled cycles",
        "  stat exits --diff      since the last stat exits",
        "  stat exits --reset     counts from here on; the monitor's own counters go on",
        "  stat exits --top 5     the five most frequent",
        "  stat overheads         cycles that are not the guest's progress, by kind"})
public final class StatCommand extends Listing {
  @Parameters(index = "0", arity = "0..1", paramLabel = "WHAT", description = "exits or overheads")
  private String what = "exits";

  @Option(names = "--diff", description = "since the last time")
  private boolean diff;

  @Option(names = "--reset", description = "count from here on")
  private boolean reset;

  @Override
  public Object run(Shell shell) {
    if (!List.of("exits", "overheads").contains(what)) {
      throw new BadInput("stat " + what + ": exits or overheads");
    }
    MonitorViews monitor = shell.session().monitor();
    if (what.equals("exits")) {
      return exits(shell, monitor);
    }
    if (diff || reset) {
      throw new BadInput("stat overheads counts from the start: --diff and --reset are for exits");
    }
    return monitor.overheads();
  }

  private Object exits(Shell shell, MonitorViews monitor) {
    ExitTally now = monitor.tally();
    Shell.Tallies before = shell.tallies();
    shell.tallies(new Shell.Tallies(reset ? now : before.reset(), now));
    return monitor.statistics(diff ? before.last() : reset ? now : before.reset());
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
