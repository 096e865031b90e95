package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Guests;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernel of {@code guestbench} under each technique and paging computes what silicon and QEMU compute; deprivileged, it falls through
 * the holes that are known of it, and differs where these say. A plain build runs a thousandth of the work, profile {@code full} all.
 */
class GuestbenchUnderMonitorTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  /** Instructions; a plain run takes some ten million. */
  private static final long LIMIT = FULL ? Long.MAX_VALUE : 500_000_000L;
  private static final long MIB = UnderMonitor.MIB;

  /** A run to the end: what it printed, and how often holes were met within each of its tests. */
  private static final class Run {
    final StringBuilder console = new StringBuilder();
    final Guest guest;
    final Map<String, Long> holes = new TreeMap<>();
    private int lineBegins;
    private String test = "start";
    private long before;

    Run(String technique, String paging) {
      Monitor monitor = UnderMonitor.monitor(64 * MIB);
      BootImage image = BootImage.auto("guestbench.elf", Guests.resource("guestbench.elf"), FULL ? "div=1" : "div=1000");
      MachineConfig machine = MachineConfig.standard().withMemory(32 * MIB).withImage(image);
      this.guest = monitor.add(UnderMonitor.spec("bench", machine, technique, paging));
      guest.machine().console(b -> printed((char) b));
      Outcome o = monitor.run(LIMIT);
      assertEquals("", guest.broken().orElse(""));
      assertInstanceOf(Outcome.PowerOff.class, o, console::toString);
      assertEquals(33, ((Outcome.Exit) guest.ended().orElseThrow()).status());
    }

    private void printed(char c) {
      if (c == '\r') {
        return;
      }
      console.append(c);
      if (c == '\n') {
        line(console.substring(lineBegins, console.length() - 1));
        lineBegins = console.length();
      }
    }

    private void line(String line) {
      if (line.startsWith("BEGIN ") || line.startsWith("END ")) {
        long now = guest.holes().all().stream().mapToLong(Holes.Hole::count).sum();
        if (now != before) {
          holes.merge(test, now - before, Long::sum);
        }
        before = now;
        test = line.startsWith("BEGIN ") ? line.substring(6) : "between";
      }
    }

    /** Each test's checksum and iterations. */
    Map<String, String> results() {
      return GuestbenchUnderMonitorTest.results(console.toString().lines().filter(l -> l.startsWith("END ")).map(l -> l.substring(4)).toList());
    }
  }

  private static Map<String, String> results(List<String> lines) {
    return lines.stream().collect(Collectors.toMap(l -> l.substring(0, l.indexOf(' ')), l -> l, (a, b) -> a + b, TreeMap::new));
  }

  private static Map<String, String> expected() {
    String all = new String(Guests.resource(FULL ? "expected.txt" : "expected-div1000.txt"), StandardCharsets.US_ASCII);
    return results(all.lines().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "nested"})
  void withHardwareAssistItComputesWhatTheBareMachineDoes(String paging) {
    Run run = new Run("hvm", paging);
    assertEquals(expected(), run.results());
    assertTrue(run.console.toString().endsWith("ALL DONE\n"), run.console::toString);
    assertEquals(List.of(), run.guest.holes().all());
  }

  /**
   * The one test that meets holes is {@code popf}, which pushes the flags, clears IF by CLI, pops the flags, and in the end counts the IF
   * that PUSHF gives. POPF leaves the virtual IF clear where the bare machine sets it again; PUSHF gives the real IF. So the holes predict
   * what it counts.
   */
  @Test
  void deprivilegedItDiffersWhereItsHolesSay() {
    Run run = new Run("trap", "shadow");
    Map<String, String> found = run.results();
    Map<String, String> wanted = expected();
    assertEquals("popf", run.holes.keySet().stream().filter(k -> !k.equals("start")).collect(Collectors.joining(" ")));
    List<String> what = run.guest.holes().all().stream().map(h -> h.mnemonic() + ": " + h.what()).toList();
    assertEquals(List.of("popf: IF stays 0, bare 1", "pushf: IF pushed 1, bare 0"), what);
    long rounds = Long.parseLong(wanted.get("popf").replaceAll(".*iters=", ""));
    // POPF in every round; PUSHF in every round but the first, which STI has just preceded, and once behind the loop.
    assertEquals(2 * rounds, run.holes.get("popf"));
    wanted.put("popf", "popf checksum=%08X iters=%d".formatted(mix(mix(1, (int) rounds), 0x200), rounds));
    assertEquals(wanted, found);
    assertTrue(run.console.toString().endsWith("ALL DONE\n"), run.console::toString);
  }

  /** How the kernel folds a value into a checksum. */
  private static int mix(int h, int v) {
    return Integer.rotateLeft((h ^ v) * 0x01000193, 7);
  }
}
