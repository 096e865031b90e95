package dev.trapline.vm.vmm.sched;

import java.util.List;

/** Everybody in turn, each for one slice, whatever its weight. */
public final class RoundRobin implements Policy {
  private final long slice;
  private long turns;

  public RoundRobin(long slice) {
    this.slice = slice;
  }

  @Override
  public String name() {
    return "round-robin";
  }

  @Override
  public Task pick(List<Task> eligible, List<Task> ready, long now) {
    Task next = null;
    for (Task t : eligible) {
      if (next == null || t.account < next.account) {
        next = t;
      }
    }
    return next;
  }

  @Override
  public long slice(Task task) {
    return slice;
  }

  /** Its turn is over: it goes behind everybody else. */
  @Override
  public void charge(Task task, long ran, long now) {
    task.account = ++turns;
  }
}
