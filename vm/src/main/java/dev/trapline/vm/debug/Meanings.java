package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.Place;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import java.util.function.Supplier;

/** What it means to the user that a machine came back from running. */
record Meanings(Machine machine, Lenses lenses, Traps traps, Consoles consoles, SessionNames.Settings settings) {
  /**
   * The stop that an outcome is; null if it is none.
   *
   * @param selected number of the processor that commands are about
   * @param interruption the stop that somebody asked for, or null
   */
  Stop of(Outcome outcome, int selected, Supplier<Stop> interruption) {
    Stop seen = traps.seen(outcome);
    if (seen != null) {
      return seen;
    }
    Place place = lenses.inspector(selected).place();
    String text = consoles.takeSeen();
    if (text != null) {
      return new Stop.Reached(place, "text '" + text + "'");
    }
    return switch (outcome) {
      case Outcome.Limit l -> null;
      case Outcome.Requested r -> interruption.get();
      case Outcome.Breakpoint b -> traps.atBreakpoint();
      case Outcome.Exit e -> new Stop.Exit(lenses.inspector(machine.lastRun()).place(), e.value(), e.status());
      case Outcome.PowerOff p -> new Stop.Off(place, "power-off");
      case Outcome.ResetRequested r -> resetByGuest(place);
      case Outcome.Waiting w -> new Stop.Waiting(place);
      case Outcome.TripleFault t -> new Stop.TripleFault(lenses.inspector(lenses.shutdown(selected)).place());
      case Outcome.Dead d -> new Stop.Dead(place);
      case Outcome.Broken b -> new Stop.Broken(place, b.why());
      case Outcome.LeftGuest l -> throw new IllegalStateException("a monitor has this machine: its guests are what is debugged");
      case Outcome.Replayed r -> new Stop.Replayed(place);
      case Outcome.Diverged d -> new Stop.Diverged(place, d.how());
    };
  }

  /** The machine starts again, as a PC does, unless the user wants to see the guest's last state. */
  private Stop resetByGuest(Place place) {
    if (settings.stopsAtReset) {
      return new Stop.Off(place, "reset");
    }
    machine.restart();
    return null;
  }

  /**
   * The stop at a bound of a run.
   *
   * @param reached the stop to report there, without its place; null if it is the session's limit
   */
  static Stop atBound(Stop reached, Place place, long limit) {
    return switch (reached) {
      case Stop.Reached r -> new Stop.Reached(place, r.what());
      case Stop.Limit l -> new Stop.Limit(place, l.what());
      case null, default -> new Stop.Limit(place, limit + " instructions");
    };
  }
}
