package dev.trapline.vm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.trapline.vm.state.StateException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events come in the order of their count, then of registration; rates are exact. */
class SchedulerTest {
  private final long[] now = {0};
  private final List<String> log = new ArrayList<>();
  private int nearer;
  private final Scheduler scheduler = new Scheduler(() -> now[0], () -> nearer++);

  private Scheduler.Timer timer(String name) {
    return scheduler.timer(name, () -> log.add(name + "@" + scheduler.now()));
  }

  private void pass(long to) {
    now[0] = to;
    scheduler.runDue(to);
  }

  @Test
  void dueTimersRunInOrder() {
    Scheduler.Timer a = timer("a");
    Scheduler.Timer b = timer("b");
    Scheduler.Timer c = timer("c");
    c.at(10);
    b.at(20);
    a.at(20);
    assertEquals(10, scheduler.nextEvent());
    pass(9);
    assertEquals(List.of(), log);
    pass(20);
    assertEquals(List.of("c@20", "a@20", "b@20"), log);
    assertEquals(Scheduler.NEVER, scheduler.nextEvent());
    assertEquals(1, nearer);
  }

  @Test
  void aTimerMaySetItselfAgain() {
    Scheduler.Timer[] t = new Scheduler.Timer[1];
    t[0] = scheduler.timer("t", () -> {
      log.add("t");
      if (log.size() < 3) {
        t[0].at(scheduler.now());
      }
    });
    t[0].at(5);
    pass(5);
    assertEquals(3, log.size());
  }

  @Test
  void deadlinesAreState() {
    Scheduler.Timer a = timer("a");
    a.at(77);
    Scheduler.State saved = scheduler.state();
    a.cancel();
    scheduler.state(saved);
    assertEquals(77, scheduler.nextEvent());
    timer("b");
    assertThrows(StateException.class, () -> scheduler.state(saved));
  }

  /** The PIT's 105/88 MHz at 100 million instructions a second: 21 ticks in 1,760 instructions, exactly, for years. */
  @Test
  void ratesAreExact() {
    Rate pit = Rate.of(105_000_000, 88, 100_000_000);
    assertEquals(new Rate(21, 1760), pit);
    for (long base : new long[] {0, 1760L * 1_000_000_000L, 1760L * 50_000_000_000_000L}) {
      long ticks = base / 1760 * 21;
      assertEquals(ticks, pit.ticks(base));
      assertEquals(ticks, pit.ticks(base + 83));
      assertEquals(ticks + 1, pit.ticks(base + 84));
      assertEquals(base + 84, pit.count(ticks + 1));
      assertEquals(base + 1760, pit.count(ticks + 21));
    }
  }
}
