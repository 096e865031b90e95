package dev.trapline.vm.bus;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;

/**
 * Wakes devices at instruction counts. Due timers run in order of their count, then of registration, so a run is the same run
 * every time. A machine has a handful of timers; they are scanned.
 */
public final class Scheduler implements Clock, Stateful<Scheduler.State> {
  /** No event is pending. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Names and deadlines of all timers in order of registration. */
  public record State(List<Deadline> timers) implements StateRecord {}

  /** One timer: its name and the count it fires at, {@link #NEVER} if idle. */
  public record Deadline(String name, @Range(most = NEVER) long at) implements StateRecord {}

  /** A device's alarm clock. */
  public final class Timer {
    private final String name;
    private final Runnable action;
    private long at = NEVER;

    private Timer(String name, Runnable action) {
      this.name = name;
      this.action = action;
    }

    /** Fires once at a count (at once, if it has passed); replaces what was set before. */
    public void at(long count) {
      at = count;
      refresh();
    }

    public void cancel() {
      at(NEVER);
    }

    /** When it fires, or {@link #NEVER}. */
    public long deadline() {
      return at;
    }
  }

  private final Clock clock;
  private final Runnable earlier;
  private final List<Timer> timers = new ArrayList<>();
  private long next = NEVER;

  /**
   * @param clock virtual time
   * @param earlier told when the next event moves nearer, so that an engine on its way to the old one looks up
   */
  public Scheduler(Clock clock, Runnable earlier) {
    this.clock = clock;
    this.earlier = earlier;
  }

  @Override
  public long now() {
    return clock.now();
  }

  /** Registers a timer; its action runs with {@link #now} at or after the count it was set to. */
  public Timer timer(String name, Runnable action) {
    Timer t = new Timer(name, action);
    timers.add(t);
    return t;
  }

  /** The count of the next event, or {@link #NEVER}. */
  public long nextEvent() {
    return next;
  }

  /** Runs every timer due at {@code now}, including those that due timers set. */
  public void runDue(long now) {
    while (next <= now) {
      Timer due = first();
      due.at = NEVER;
      refresh();
      due.action.run();
    }
  }

  /** Disarms every timer: power-on. */
  public void reset() {
    timers.forEach(t -> t.at = NEVER);
    refresh();
  }

  private Timer first() {
    for (Timer t : timers) {
      if (t.at == next) {
        return t;
      }
    }
    throw new IllegalStateException("no timer is due at " + next);
  }

  private void refresh() {
    long old = next;
    next = NEVER;
    for (Timer t : timers) {
      next = Math.min(next, t.at);
    }
    if (next < old) {
      earlier.run();
    }
  }

  @Override
  public String stateName() {
    return "scheduler";
  }

  @Override
  public State state() {
    return new State(timers.stream().map(t -> new Deadline(t.name, t.at)).toList());
  }

  @Override
  public void state(State state) {
    List<String> saved = state.timers.stream().map(Deadline::name).toList();
    List<String> here = timers.stream().map(t -> t.name).toList();
    if (!saved.equals(here)) {
      throw new StateException("scheduler: timers " + saved + " saved, this machine has " + here);
    }
    for (int i = 0; i < timers.size(); i++) {
      timers.get(i).at = state.timers.get(i).at;
    }
    refresh();
  }
}
