package dev.trapline.vm.lockstep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our processor against QEMU's, an instruction at a time, from the first instruction of kernels and firmware. */
class LockStepTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  private static final int STEPS = FULL ? 200_000 : 5_000;
  private static final int WINDOW = 20_000;
  /** {@code GUEST,STEPS,POINT...}: for people; see the package's description. */
  private static final String ASKED = "trapline.lockstep";

  @ParameterizedTest
  @ValueSource(strings = {"seabios", "debian-cloud-amd64", "debian-686"})
  void bothProcessorsDoTheSame(String guest) throws IOException {
    LockStep run = Start.of(guest).run(STEPS);
    assertNull(run.ended());
    assertEquals(STEPS, run.steps());
    requireMet(guest, STEPS, run.met());
  }

  private static void requireMet(String run, int steps, Set<Expected> met) {
    List<String> stale = Expected.ALL.stream().filter(e -> e.metBy().getOrDefault(run, Integer.MAX_VALUE) <= steps && !met.contains(e))
        .map(Expected::name).toList();
    assertEquals(List.of(), stale, "expected differences that no longer happen");
  }

  /** Later code: paging on, the kernel proper, user mode. */
  @ParameterizedTest
  @ValueSource(strings = {"debian-cloud-amd64,100000000,500000000,TL-INIT", "debian-686,100000000,400000000,TL-INIT"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void alsoInTheMiddle(String guestAndPoints) throws IOException {
    List<String> words = List.of(guestAndPoints.split(","));
    Set<Expected> met = new HashSet<>();
    for (LockStep run : Start.of(words.getFirst()).windows(WINDOW, words.subList(1, words.size()))) {
      assertTrue(run.steps() == WINDOW || "halted".equals(run.ended()), () -> run.steps() + " steps until " + run.ended());
      met.addAll(run.met());
    }
    requireMet(words.getFirst() + " later", WINDOW, met);
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ".+")
  void asked() throws IOException {
    List<String> words = List.of(System.getProperty(ASKED).split(","));
    Start.of(words.getFirst()).windows(Long.parseLong(words.get(1)), words.subList(2, words.size()));
  }
}
