package dev.trapline.vm.vmm.sched;

import java.util.List;

/** How a processor is shared among tasks. Deterministic: ties go to the task that was added first. */
public sealed interface Policy permits RoundRobin, Credit, BorrowedVirtualTime {
  /** The name it is chosen by. */
  String name();

  /**
   * The task to run now on a processor, or null if there is none.
   *
   * @param eligible those that are ready, within their caps and on no other processor
   * @param ready all that have something to do
   */
  Task pick(List<Task> eligible, List<Task> ready, long now);

  /** How long the task may run before others are considered. */
  long slice(Task task);

  /** The task ran for a while. */
  void charge(Task task, long ran, long now);

  /** The task has something to do again after it had nothing. */
  default void woke(Task task, List<Task> all, long now) {
    // Most policies do not care how long a task slept.
  }

  /** The policy of a name. @throws IllegalArgumentException if there is none, naming those there are */
  static Policy of(String name, long slice) {
    return switch (name) {
      case "round-robin" -> new RoundRobin(slice);
      case "credit" -> new Credit(slice);
      case "bvt" -> new BorrowedVirtualTime(slice);
      default -> throw new IllegalArgumentException(name + " is no scheduling policy: round-robin, credit or bvt expected");
    };
  }
}
