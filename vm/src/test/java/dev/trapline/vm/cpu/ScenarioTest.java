package dev.trapline.vm.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Programs that try every selector, gate, stack and right, compared line by line with what the same bytes printed under Bochs 2.7
 * (model {@code corei7_icelake_u}). Where Bochs and the manuals disagree the manual's answer is stated here.
 */
class ScenarioTest {
  private static final long LIMIT = 200_000_000;

  /** A line of the record that is known to differ from the manual, and the manual's line. */
  private static final Map<String, String> CORRECTIONS32 = Map.of(
      // SDM 2A IRET: a return stack segment that is not present is #SS(selector), as for RET; Bochs gives #NP for IRET only.
      "#IRET SS\n6b b 68 8 20 10000 0 10 10 10 10 10 75fa8 28 30 1 8a213ad4 ",
      "#IRET SS\n6b c 68 8 20 10000 0 10 10 10 10 10 75fa8 28 30 1 8a213ad4 ");

  @Test
  void protectionInterruptsTasksAndVirtual8086ModeMatchBochs() throws IOException {
    compare(Scenarios.expected("scenarios32.bochs.gz"), Scenarios.run("scenarios32.asm", LIMIT), CORRECTIONS32);
  }

  private static void compare(List<String> expected, List<String> actual, Map<String, String> corrections) {
    String section = "";
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      if (expected.get(i).startsWith("#")) {
        section = expected.get(i);
      }
      String want = section + "\n" + expected.get(i);
      assertEquals(corrections.getOrDefault(want, want), section + "\n" + actual.get(i), "line " + (i + 1));
    }
    assertEquals(expected.size(), actual.size());
  }
}
