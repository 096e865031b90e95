package dev.trapline.shell.console;

import dev.trapline.vm.machine.Pacing;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A second of the guest's waiting takes a second of ours. Time that a guest computes counts too: only what is left until an event is
 * waited for, and a guest that is late, or was stopped, does not hurry to make up for it.
 */
public final class RealTime implements Pacing {
  /** Shorter waits are left to add up, in nanoseconds. */
  private static final long GRAIN = 500_000;
  /** Later than this the clocks are compared anew. */
  private static final long LATE = 50_000_000;
  private static final double SECOND = 1e9;

  /** Waits on the host: returns true when woken before the time is over. */
  interface Sleep {
    boolean nanos(long n) throws InterruptedException;
  }

  private final long perSecond;
  private final LongSupplier clock;
  private final Sleep sleep;
  private final Semaphore woken;
  private long hostZero;
  private long guestZero = -1;

  /** @param perSecond instructions in a second of virtual time */
  public RealTime(long perSecond) {
    this(perSecond, System::nanoTime, new Semaphore(0));
  }

  private RealTime(long perSecond, LongSupplier clock, Semaphore woken) {
    this(perSecond, clock, n -> woken.tryAcquire(n, TimeUnit.NANOSECONDS), woken);
  }

  RealTime(long perSecond, LongSupplier clock, Sleep sleep, Semaphore woken) {
    this.perSecond = perSecond;
    this.clock = clock;
    this.sleep = sleep;
    this.woken = woken;
  }

  @Override
  public long pass(long now, long event) {
    long behind = clock.getAsLong() - host(now);
    if (guestZero < 0 || now < guestZero || behind > LATE) {
      hostZero = clock.getAsLong();
      guestZero = now;
    }
    long left = host(event) - clock.getAsLong();
    return left < GRAIN ? event : waited(now, event, left);
  }

  private long waited(long now, long event, long nanos) {
    try {
      if (!sleep.nanos(nanos)) {
        return event;
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    woken.drainPermits();
    long here = guestZero + (long) ((clock.getAsLong() - hostZero) / SECOND * perSecond);
    return Math.clamp(here, now, event);
  }

  /** When on the host a count is due. */
  private long host(long count) {
    return hostZero + (long) ((double) (count - guestZero) / perSecond * SECOND);
  }

  @Override
  public void wake() {
    woken.release();
  }
}
