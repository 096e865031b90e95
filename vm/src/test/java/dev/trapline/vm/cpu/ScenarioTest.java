package dev.trapline.vm.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that try every selector, gate, stack and right, compared line by line with what the same bytes printed under Bochs 2.7
 * (model {@code corei7_icelake_u}). Where Bochs and the manuals disagree, the {@code .manual} resource has the manuals' line and the
 * reason.
 */
class ScenarioTest {
  private static final long LIMIT = 400_000_000;

  @ParameterizedTest
  @ValueSource(strings = {"scenarios32", "scenarios64"})
  void everyEventMatchesTheRecord(String name) throws IOException {
    List<String> expected = Scenarios.expected(name + ".bochs.gz");
    Map<Integer, String> corrections = Scenarios.corrections(name + ".manual");
    List<String> actual = Scenarios.run(name + ".asm", LIMIT);
    String section = "";
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      if (expected.get(i).startsWith("#")) {
        section = expected.get(i);
      }
      String want = corrections.getOrDefault(i + 1, expected.get(i));
      String where = section + ", line " + (i + 1);
      if (!want.equals(actual.get(i))) {
        assertEquals(want, actual.get(i), where);
      }
    }
    assertEquals(expected.size(), actual.size());
  }
}
