package dev.trapline.vm.vmm.sched;

import java.util.List;

/**
 * Shares by weight: running costs credit, and when nobody who is ready has any left, everybody gets new credit by weight. Credit not used
 * is kept only to the amount of two such payments, so a sleeper cannot save up a monopoly.
 */
public final class Credit implements Policy {
  private final long slice;

  public Credit(long slice) {
    this.slice = slice;
  }

  @Override
  public String name() {
    return "credit";
  }

  @Override
  public Task pick(List<Task> eligible, List<Task> ready, long now) {
    if (eligible.isEmpty()) {
      return null;
    }
    Task next = richest(eligible);
    while (next.account <= 0) {
      pay(ready);
      next = richest(eligible);
    }
    return next;
  }

  private static Task richest(List<Task> tasks) {
    Task best = tasks.getFirst();
    for (Task t : tasks) {
      if (t.account > best.account) {
        best = t;
      }
    }
    return best;
  }

  /** As much as they can use up in one slice each, divided by weight. */
  private void pay(List<Task> tasks) {
    long weights = tasks.stream().mapToLong(Task::weight).sum();
    for (Task t : tasks) {
      long pay = Math.max(1, slice * tasks.size() * t.weight() / weights);
      t.account = Math.min(t.account + pay, 2 * pay);
    }
  }

  @Override
  public long slice(Task task) {
    return slice;
  }

  @Override
  public void charge(Task task, long ran, long now) {
    task.account -= ran;
  }
}
