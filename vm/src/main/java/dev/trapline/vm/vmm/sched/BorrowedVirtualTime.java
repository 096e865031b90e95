package dev.trapline.vm.vmm.sched;

import java.util.List;

/**
 * Borrowed virtual time (Duda and Cheriton, 1999), the policy of the first Xen: each task has a virtual time that advances by what it ran
 * over its weight, and the one furthest behind runs. One that slept is moved up to the least of those that did not, so it goes first
 * for a while but is owed nothing for its sleep.
 */
public final class BorrowedVirtualTime implements Policy {
  /** So that dividing by weights loses nothing that matters. */
  private static final int SCALE = 1 << 20;

  private final long slice;

  public BorrowedVirtualTime(long slice) {
    this.slice = slice;
  }

  @Override
  public String name() {
    return "bvt";
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

  @Override
  public void charge(Task task, long ran, long now) {
    task.account += ran * SCALE / task.weight();
  }

  @Override
  public void woke(Task task, List<Task> all, long now) {
    long least = Long.MAX_VALUE;
    for (Task t : all) {
      if (t != task && t.ready()) {
        least = Math.min(least, t.account);
      }
    }
    if (least != Long.MAX_VALUE) {
      task.account = Math.max(task.account, least);
    }
  }
}
