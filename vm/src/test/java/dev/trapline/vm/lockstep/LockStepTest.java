package dev.trapline.vm.lockstep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our processor against QEMU's, an instruction at a time, from the first instruction of kernels and firmware. */
class LockStepTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  private static final int STEPS = FULL ? 200_000 : 5_000;
  /** {@code GUEST,STEPS,FROM...}: for people; see the package's description. */
  private static final String ASKED = "trapline.lockstep";

  @ParameterizedTest
  @ValueSource(strings = {"seabios", "debian-cloud-amd64", "debian-686"})
  void bothProcessorsDoTheSame(String guest) throws IOException {
    LockStep run = Start.of(guest).run(STEPS);
    assertNull(run.ended());
    assertEquals(STEPS, run.steps());
    List<String> stale = new ArrayList<>();
    for (Expected e : Expected.ALL) {
      Integer by = e.metBy().get(guest);
      if (by != null && by <= STEPS && !run.met().contains(e)) {
        stale.add(e.name());
      }
    }
    assertEquals(List.of(), stale, "expected differences that no longer happen");
  }

  @Test
  @EnabledIfSystemProperty(named = ASKED, matches = ".+")
  void asked() throws IOException {
    String[] words = System.getProperty(ASKED).split(",");
    long[] from = Arrays.stream(words).skip(2).mapToLong(Long::parseLong).toArray();
    Start.of(words[0]).windows(Long.parseLong(words[1]), from);
  }
}
