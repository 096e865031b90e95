package dev.trapline.vm.vmm.sched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every policy owes its tasks, and what only some do. */
class PolicyTest {
  private static final long SLICE = 1000;
  private static final long PERIOD = 30_000;

  /** Processors that do nothing but go through turns: time passes from the end of one turn to the end of the next one. */
  private static final class Turns {
    final RunQueue queue;
    final int processors;
    final List<Task> tasks = new ArrayList<>();
    final Map<Task, Long> longestWait = new HashMap<>();
    private final Map<Task, Long> lastSeen = new HashMap<>();
    private final Task[] on;
    long now;
    long idle;

    Turns(String policy, int processors) {
      this.queue = new RunQueue(Policy.of(policy, SLICE), processors, PERIOD);
      this.processors = processors;
      this.on = new Task[processors];
    }

    Task task(int weight, int cap) {
      var t = new Task("t" + tasks.size(), weight, cap);
      tasks.add(t);
      queue.add(t);
      queue.ready(t, true, now);
      lastSeen.put(t, now);
      return t;
    }

    void sleeps(Task t, boolean asleep) {
      for (int p = 0; p < processors; p++) {
        if (asleep && on[p] == t) {
          queue.leave(p, now);
          on[p] = null;
        }
      }
      queue.ready(t, !asleep, now);
      lastSeen.put(t, now);
    }

    void run(long until) {
      while (now < until) {
        long next = until;
        for (int p = 0; p < processors; p++) {
          turn(p);
          next = Math.min(next, on[p] == null ? queue.nextRelease(now) : queue.turnEnds(p));
        }
        for (Task t : on) {
          idle += t == null ? next - now : 0;
        }
        now = next;
      }
    }

    private void turn(int p) {
      if (on[p] == null || now >= queue.turnEnds(p)) {
        queue.leave(p, now);
        on[p] = queue.enter(p, now);
        if (on[p] != null) {
          longestWait.merge(on[p], now - lastSeen.get(on[p]), Math::max);
        }
      }
      for (Task t : on) {
        if (t != null) {
          lastSeen.put(t, now);
        }
      }
    }

    long ran(Task t) {
      return queue.ran(t, now);
    }
  }

  private static void share(double wanted, Turns turns, Task t) {
    double had = (double) turns.ran(t) / turns.now;
    assertTrue(Math.abs(had - wanted) < 0.02 * wanted, t + " had " + had + " of the time, not " + wanted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void equalsGetEqualPartsAndNobodyWaitsForLong(String policy) {
    var turns = new Turns(policy, 1);
    for (int i = 0; i < 5; i++) {
      turns.task(256, 0);
    }
    turns.run(1_000_000);
    for (Task t : turns.tasks) {
      share(0.2, turns, t);
      assertTrue(turns.longestWait.get(t) <= 10 * SLICE, t + " waited " + turns.longestWait.get(t));
    }
    assertEquals(turns.now, turns.tasks.stream().mapToLong(turns::ran).sum());
  }

  @ParameterizedTest(name = "{0}: {1} and {2}")
  @CsvSource({"credit, 2, 1", "bvt, 2, 1", "credit, 512, 256", "bvt, 512, 256", "credit, 65536, 1024", "bvt, 65536, 1024"})
  void weightsAreShares(String policy, int first, int second) {
    var turns = new Turns(policy, 1);
    Task a = turns.task(first, 0);
    Task b = turns.task(second, 0);
    turns.run(10_000_000);
    share((double) first / (first + second), turns, a);
    share((double) second / (first + second), turns, b);
  }

  @Test
  void roundRobinKnowsNoWeights() {
    var turns = new Turns("round-robin", 1);
    Task a = turns.task(512, 0);
    turns.task(256, 0);
    turns.run(1_000_000);
    share(0.5, turns, a);
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void capsHoldEvenWhereNobodyElseWants(String policy) {
    var turns = new Turns(policy, 1);
    Task capped = turns.task(1000, 25);
    turns.run(600_000);
    share(0.25, turns, capped);
    assertEquals(450_000, turns.idle, 2 * SLICE);
    Task other = turns.task(1, 0);
    turns.run(6_000_000);
    share(0.25, turns, capped);
    assertTrue(turns.ran(other) > 5_400_000 * 0.74, "the rest is the other's: " + turns.ran(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void whoSleepsHasNothingAndSavesUpNothing(String policy) {
    var turns = new Turns(policy, 1);
    Task worker = turns.task(256, 0);
    Task sleeper = turns.task(256, 0);
    turns.sleeps(sleeper, true);
    turns.run(1_000_000);
    assertEquals(0, turns.ran(sleeper));
    share(1, turns, worker);
    turns.sleeps(sleeper, false);
    long before = turns.ran(worker);
    turns.run(1_000_000 + 20 * SLICE);
    assertTrue(turns.ran(worker) - before >= 8 * SLICE, "a sleeper comes back to a monopoly: " + (turns.ran(worker) - before));
    assertTrue(turns.ran(sleeper) >= 8 * SLICE, "a sleeper gets its part again: " + turns.ran(sleeper));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({"round-robin, 2", "credit, 2", "bvt, 2", "credit, 3"})
  void severalProcessorsHaveEachTaskOnceAndStandStillForNobody(String policy, int processors) {
    var turns = new Turns(policy, processors);
    for (int i = 0; i <= processors; i++) {
      turns.task(256, 0);
    }
    turns.run(2_000_000);
    assertEquals(0, turns.idle);
    turns.tasks.forEach(t -> share((double) processors / (processors + 1), turns, t));
    turns.tasks.forEach(t -> assertTrue(t.dispatches() > 10));
  }

  /** At any moment of a random life: no task on two processors, none that sleeps, none beyond its cap; and time is spent once. */
  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void whateverHappensTheBooksAgree(String policy) {
    var random = new Random(7);
    var turns = new Turns(policy, 3);
    Set<Task> asleep = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      turns.task(1 + random.nextInt(500), i % 3 == 0 ? 20 : 0);
    }
    for (int step = 0; step < 5_000; step++) {
      turns.run(turns.now + 1 + random.nextInt(700));
      Task t = turns.tasks.get(random.nextInt(6));
      turns.sleeps(t, asleep.add(t) || !asleep.remove(t));
      Set<Task> seen = new HashSet<>();
      for (Task on : turns.on) {
        assertTrue(on == null || seen.add(on) && !asleep.contains(on), "step " + step);
      }
    }
    assertEquals(3 * turns.now, turns.idle + turns.tasks.stream().mapToLong(turns::ran).sum());
    turns.tasks.stream().filter(t -> t.cap() > 0).forEach(t -> assertTrue(turns.ran(t) <= turns.now / 5 + PERIOD, t::toString));
  }

  @Test
  void policiesAreChosenByName() {
    for (String name : List.of("round-robin", "credit", "bvt")) {
      assertEquals(name, Policy.of(name, SLICE).name());
    }
    assertEquals("lottery is no scheduling policy: round-robin, credit or bvt expected",
        assertThrows(IllegalArgumentException.class, () -> Policy.of("lottery", SLICE)).getMessage());
    assertNotEquals(Policy.of("credit", SLICE), Policy.of("credit", SLICE), "each queue has a policy of its own");
  }
}
