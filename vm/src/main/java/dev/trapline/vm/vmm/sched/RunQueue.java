package dev.trapline.vm.vmm.sched;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tasks of one or more processors, and who of them has which. Caps hold whatever the policy: over a period a task gets no more than its part. */
public final class RunQueue {
  /** No such time. */
  public static final long NEVER = Long.MAX_VALUE;

  private final Policy policy;
  private final long period;
  private final List<Task> tasks = new ArrayList<>();
  /** By processor. */
  private final Task[] running;
  private final long[] since;

  /**
   * @param processors that share the tasks
   * @param period over which caps are counted
   */
  public RunQueue(Policy policy, int processors, long period) {
    this.policy = policy;
    this.period = period;
    this.running = new Task[processors];
    this.since = new long[processors];
  }

  public Policy policy() {
    return policy;
  }

  public void add(Task task) {
    tasks.add(task);
  }

  public void remove(Task task) {
    tasks.remove(task);
    Arrays.setAll(running, i -> running[i] == task ? null : running[i]);
  }

  public List<Task> tasks() {
    return List.copyOf(tasks);
  }

  /** A task has something to do from now on, or nothing. */
  public void ready(Task task, boolean isReady, long now) {
    if (isReady && !task.ready()) {
      policy.woke(task, tasks, now);
    }
    task.becomes(isReady, now);
  }

  /** Chooses who has a processor from now on; null if nobody may. The choice stands until {@link #leave}. */
  public Task enter(int processor, long now) {
    Task next = policy.pick(waiting(now), tasks.stream().filter(Task::ready).toList(), now);
    running[processor] = next;
    since[processor] = now;
    if (next != null) {
      next.dispatched(now);
    }
    return next;
  }

  /** Those that could run now and have no processor, in the order they were added. */
  public List<Task> waiting(long now) {
    var eligible = new ArrayList<Task>();
    for (Task t : tasks) {
      if (t.ready() && !runs(t) && left(t, now) > 0) {
        eligible.add(t);
      }
    }
    return eligible;
  }

  private boolean runs(Task task) {
    for (Task t : running) {
      if (t == task) {
        return true;
      }
    }
    return false;
  }

  /** When the turn ends of who has a processor, at the latest. */
  public long turnEnds(int processor) {
    Task t = running[processor];
    return t == null ? NEVER : since[processor] + Math.min(policy.slice(t), left(t, since[processor]));
  }

  /** Takes a processor from who has it and books what it ran. */
  public void leave(int processor, long now) {
    Task t = running[processor];
    if (t != null) {
      long ran = now - since[processor];
      t.ranFrom(since[processor], now);
      t.ranInPeriod += ran;
      policy.charge(t, ran, now);
      running[processor] = null;
    }
  }

  /** How long a task has had a processor, the turn it may have just now included. */
  public long ran(Task task, long now) {
    long ran = task.ran();
    for (int i = 0; i < running.length; i++) {
      ran += running[i] == task ? now - since[i] : 0;
    }
    return ran;
  }

  /** When a task that is ready but at its cap may run again, or {@link #NEVER}. */
  public long nextRelease(long now) {
    long next = NEVER;
    for (Task t : tasks) {
      if (t.ready() && !runs(t) && left(t, now) <= 0) {
        next = Math.min(next, t.periodBegan + period);
      }
    }
    return next;
  }

  /** How much of its cap a task has left in the present period. */
  private long left(Task t, long now) {
    if (now - t.periodBegan >= period) {
      t.periodBegan = now / period * period;
      t.ranInPeriod = 0;
    }
    return t.cap() == 0 ? NEVER : period * t.cap() / 100 - t.ranInPeriod;
  }
}
