package dev.trapline.vm.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.svm.Vmcb;
import dev.trapline.vm.vmm.Leak;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile guests beside a known one: after every exit nobody reaches what is not his, and the known one comes to the result it comes to alone.
 * The full profile makes a million exits.
 */
class IsolationFuzzTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  private static final long SEED = 20261122;
  /** All rows together make a million. */
  private static final long EXITS = FULL ? 40_000 : 200;

  static Stream<Arguments> rows() {
    return Stream.of(Technique.values()).flatMap(t -> Stream.of(Hostile.values()).filter(h -> Experiment.applies(h, t)).map(h -> Arguments.of(h, t)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aHostileGuestIsHeldIn(Hostile kind, Technique technique) {
    Row row = new Experiment(SEED).run(kind, technique, EXITS);
    assertEquals(List.of(), row.violations());
    assertTrue(row.exits() >= EXITS && row.followed() > row.exits(), row::toString);
    assertTrue(row.steps() <= Experiment.MOST_STEPS, row::toString);
  }

  /** Each bit of a VMCB flipped before an entry: it is not entered, or VMRUN refuses it, or it runs and nothing is reached. */
  @ParameterizedTest
  @EnumSource(value = Technique.class, names = {"HVM_SHADOW", "HVM_NESTED"})
  void everyBitOfAVmcb(Technique technique) {
    int step = FULL ? 1 : 61;
    var tally = new Tally(Hostile.VMCB, technique);
    Technique beside = Technique.HVM_NESTED;
    Witness alone = Ring.alone(beside);
    int[] next = {0};
    while (next[0] < 8 * Vmcb.SIZE && tally.violations.isEmpty()) {
      var ring = new Ring(tally, beside, alone, null);
      ring.bits(() -> {
        int bit = next[0];
        next[0] += step;
        return bit < 8 * Vmcb.SIZE ? bit : -1;
      });
      ring.attack(new Random(SEED), Long.MAX_VALUE, 8);
    }
    assertEquals(List.of(), tally.violations);
    assertTrue(tally.refused > 0, "refused " + tally.refused);
    assertTrue(tally.exits > 8 * Vmcb.SIZE / step / 2, "ran " + tally.exits);
  }

  @Test
  void theSameSeedGivesTheSameRow() {
    assertEquals(new Experiment(7).run(Hostile.SYSTEM, Technique.HVM_SHADOW, 100), new Experiment(7).run(Hostile.SYSTEM, Technique.HVM_SHADOW, 100));
  }

  // ---- each check fires

  @ParameterizedTest
  @EnumSource(Leak.class)
  void aLeakIsFound(Leak leak) {
    Row row = new Experiment(1, Optional.of(leak)).run(Hostile.SYSTEM, Technique.HVM_NESTED, 300);
    assertFalse(row.holds());
    assertTrue(row.violations().stream().anyMatch(v -> v.contains("audit " + leak.breaks())), row.violations()::toString);
  }

  @Test
  void aLeakIntoADeprivilegedGuestIsFound() {
    assertFalse(new Experiment(1, Optional.of(Leak.MONITOR)).run(Hostile.CODE, Technique.TRAP, 100).holds());
  }

  private static Tally attack(Hostile kind, Witness expected, java.util.function.Consumer<Ring> before, long mostSteps) {
    var tally = new Tally(kind, Technique.HVM_NESTED);
    tally.mostSteps = mostSteps;
    var ring = new Ring(tally, Technique.HVM_NESTED, expected, null);
    before.accept(ring);
    ring.attack(new Random(1), 5_000, 40);
    return tally;
  }

  private static void found(Tally tally, String what) {
    assertTrue(tally.violations.stream().anyMatch(v -> v.contains(what)), tally.violations::toString);
  }

  @Test
  void anotherResultOfTheWitnessIsFound() {
    found(attack(Hostile.CODE, new Witness("ended", 0), r -> { }, Experiment.MOST_STEPS), "the witness came to");
  }

  @Test
  void anExceptionThatEscapesIsFound() {
    Witness alone = Ring.alone(Technique.HVM_NESTED);
    found(attack(Hostile.PORTS, alone, r -> r.hostile().machine().console(b -> {
      throw new IllegalStateException("a device went mad");
    }), Experiment.MOST_STEPS), "escaped: java.lang.IllegalStateException: a device went mad");
  }

  @Test
  void anExitThatTakesTooLongIsFound() {
    found(attack(Hostile.PORTS, Ring.alone(Technique.HVM_NESTED), r -> { }, 3), "instructions for one exit");
  }
}
