package dev.trapline.vm.vmm.sched;

import java.util.ArrayList;
import java.util.List;

/** The tasks of a processor, and who of them has it. Caps hold whatever the policy: over a period a task gets no more than its part. */
public final class RunQueue {
  /** No such time. */
  public static final long NEVER = Long.MAX_VALUE;

  private final Policy policy;
  private final long period;
  private final List<Task> tasks = new ArrayList<>();
  private Task running;
  private long since;

  /**
   * @param period over which caps are counted
   */
  public RunQueue(Policy policy, long period) {
    this.policy = policy;
    this.period = period;
  }

  public Policy policy() {
    return policy;
  }

  public void add(Task task) {
    tasks.add(task);
  }

  public void remove(Task task) {
    tasks.remove(task);
    running = running == task ? null : running;
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

  /** Chooses who has the processor from now on; null if nobody may. The choice stands until {@link #leave}. */
  public Task enter(long now) {
    var eligible = new ArrayList<Task>();
    for (Task t : tasks) {
      if (t.ready() && left(t, now) > 0) {
        eligible.add(t);
      }
    }
    running = policy.pick(eligible, now);
    since = now;
    if (running != null) {
      running.dispatched(now);
    }
    return running;
  }

  /** When the running task's turn ends, at the latest. */
  public long turnEnds() {
    return running == null ? NEVER : since + Math.min(policy.slice(running), left(running, since));
  }

  /** Takes the processor from who has it and books what it ran. */
  public void leave(long now) {
    if (running != null) {
      running.ranFrom(since, now);
      running.ranInPeriod += now - since;
      policy.charge(running, now - since, now);
      running = null;
    }
  }

  /** How long a task has had the processor, the turn it may have just now included. */
  public long ran(Task task, long now) {
    return task.ran() + (task == running ? now - since : 0);
  }

  /** When a task that is ready but at its cap may run again, or {@link #NEVER}. */
  public long nextRelease(long now) {
    long next = NEVER;
    for (Task t : tasks) {
      if (t.ready() && left(t, now) <= 0) {
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
