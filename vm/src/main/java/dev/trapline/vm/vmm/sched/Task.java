package dev.trapline.vm.vmm.sched;

/** What is scheduled: a virtual processor, as policies see it. All times are instructions of the host. */
public final class Task {
  private final String name;
  private final int weight;
  private final int cap;
  private long ran;
  private long waited;
  private long readySince;
  private boolean ready;
  private long dispatches;
  /** What the policy in force keeps of the task: credit left, or virtual time. */
  long account;
  /** What it ran since {@link #periodBegan}. */
  long ranInPeriod;
  long periodBegan;

  /**
   * @param weight share relative to others, at least 1
   * @param cap the most of a processor it may have, in percent; 0 for no cap
   */
  public Task(String name, int weight, int cap) {
    if (weight < 1 || cap < 0 || cap > 100) {
      throw new IllegalArgumentException(name + ": weight " + weight + " and cap " + cap + ": at least 1 and 0 to 100 expected");
    }
    this.name = name;
    this.weight = weight;
    this.cap = cap;
  }

  public String name() {
    return name;
  }

  public int weight() {
    return weight;
  }

  public int cap() {
    return cap;
  }

  /** Instructions of the host's time it had a processor. */
  public long ran() {
    return ran;
  }

  /** How long it was ready and had none. */
  public long waited() {
    return waited;
  }

  /** How often it was given a processor. */
  public long dispatches() {
    return dispatches;
  }

  /** Whether it has something to do. */
  public boolean ready() {
    return ready;
  }

  void becomes(boolean isReady, long now) {
    if (isReady && !ready) {
      readySince = now;
    }
    ready = isReady;
  }

  void dispatched(long now) {
    waited += now - readySince;
    dispatches++;
  }

  void ranFrom(long from, long to) {
    ran += to - from;
    readySince = to;
  }

  @Override
  public String toString() {
    return name;
  }
}
