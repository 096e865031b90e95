package dev.trapline.vm.device.apic;

import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;

/**
 * The timer of a local APIC (SDM 3A 11.5.4): counts down once or again and again, or waits for a value of the time-stamp counter. Its
 * clock ticks once in an instruction's time; the divider divides that.
 */
final class ApicTimer {
  /** Ways to run by their encoding in bits 18 and 17 of the LVT entry. */
  enum Kind { ONE_SHOT, PERIODIC, DEADLINE, RESERVED }

  /**
   * @param divide divide configuration register
   * @param initial initial count
   * @param since virtual time at which the count was the initial one
   * @param deadline in time-stamp counts, 0 if none
   */
  record State(Kind kind, int divide, @Range(most = 0xffffffffL) long initial, @Range(most = 1L << 62) long since, long deadline)
      implements StateRecord {}

  private static final Kind[] KINDS = Kind.values();

  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final Runnable expired;
  private Kind kind = Kind.ONE_SHOT;
  private int divide;
  private long initial;
  private long since;
  private long deadline;

  ApicTimer(String name, Scheduler scheduler, Runnable expired) {
    this.scheduler = scheduler;
    this.expired = expired;
    this.timer = scheduler.timer(name, this::fire);
  }

  static Kind kind(int lvt) {
    return KINDS[lvt >>> 17 & 3];
  }

  private long divisor() {
    int code = divide >>> 1 & 4 | divide & 3;
    return code == 7 ? 1 : 2L << code;
  }

  private long length() {
    return initial * divisor();
  }

  /** The LVT entry names another kind: what runs stops if it is the deadline's or becomes it. */
  void kind(Kind wanted) {
    if (wanted != kind && (wanted == Kind.DEADLINE || kind == Kind.DEADLINE)) {
      timer.cancel();
      initial = 0;
      deadline = 0;
    }
    kind = wanted;
  }

  void divide(int value) {
    long left = current();
    divide = value & 0xb;
    if (timer.deadline() != Scheduler.NEVER && kind != Kind.DEADLINE) {
      since = scheduler.now() - (initial - left) * divisor();
      timer.at(since + length());
    }
  }

  int divide() {
    return divide;
  }

  /** Loads the initial count and starts; 0 stops. No effect in deadline mode. */
  void initial(long count) {
    if (kind == Kind.DEADLINE) {
      return;
    }
    initial = count;
    since = scheduler.now();
    if (count == 0) {
      timer.cancel();
    } else {
      timer.at(since + length());
    }
  }

  long initial() {
    return initial;
  }

  /** The current count. */
  long current() {
    if (kind == Kind.DEADLINE || timer.deadline() == Scheduler.NEVER) {
      return 0;
    }
    return Math.max(0, initial - (scheduler.now() - since) / divisor());
  }

  long deadline() {
    return deadline;
  }

  /** Arms the deadline; ignored in the other modes. */
  void deadline(long tsc, long at) {
    if (kind != Kind.DEADLINE) {
      return;
    }
    deadline = tsc;
    if (tsc == 0) {
      timer.cancel();
    } else {
      timer.at(Math.max(at, scheduler.now()));
    }
  }

  private void fire() {
    if (kind == Kind.PERIODIC) {
      since += length();
      timer.at(since + length());
    }
    deadline = 0;
    expired.run();
  }

  void reset() {
    timer.cancel();
    state(new State(Kind.ONE_SHOT, 0, 0, 0, 0));
  }

  State state() {
    return new State(kind, divide, initial, since, deadline);
  }

  /** The scheduler keeps when the timer fires. */
  void state(State s) {
    kind = s.kind;
    divide = s.divide;
    initial = s.initial;
    since = s.since;
    deadline = s.deadline;
  }
}
