package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.mmu.Paging;
import dev.trapline.vm.mmu.Walk;
import dev.trapline.vm.vmm.TortureKernel.Trial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every combination of page-table bits at every level, by every kind of access, at both privilege levels, in every mode: the result, the
 * error code, CR2, accessed and dirty bits and the frame that was reached are the same on the bare machine, with shadow and with nested
 * paging. A sample of 4-level tables in a plain build; {@code -Dtrapline.full=true} tries all there are.
 */
class ShadowTortureTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  private static final long SEED = 20261122;
  private static final int SAMPLE = 1_000;
  private static final int WAYS_AT_ONCE = 1_500;

  private static void same(TortureKernel kernel, List<Trial> trials, AuditPlan audits) {
    int[] expected = kernel.bare(trials);
    compare(trials, "hvm with shadow paging", expected, kernel.guest("hvm", "shadow", audits, trials));
    compare(trials, "hvm with nested paging", nested(trials, expected), kernel.guest("hvm", "nested", audits, trials));
  }

  /**
   * With nested paging PDPTEs are not looked at when CR3 is loaded but on the way, where a reserved bit is a page fault (APM2 15.25.10):
   * the one difference there is between hardware with it and without.
   */
  private static int[] nested(List<Trial> trials, int[] bare) {
    int[] expected = bare.clone();
    for (int i = 0; i < bare.length; i++) {
      Trial t = trials.get(i / TortureKernel.KINDS);
      boolean reserved = t.entries().length == 3 && (t.entries()[2] & 1) != 0 && (t.entries()[2] & Paging.pdpteReserved(40)) != 0;
      if (reserved && bare[i] == 0x80) {
        int kind = i % TortureKernel.KINDS;
        boolean told = (t.mode() & 0xa) != 0;
        expected[i] = 0x69 | (kind % 3 == 1 ? Walk.PF_W : 0) | (kind / 3 == 1 ? Walk.PF_U : 0) | (kind % 3 == 2 && told ? Walk.PF_I : 0);
      }
    }
    return expected;
  }

  private static void compare(List<Trial> trials, String what, int[] expected, int[] actual) {
    int differences = 0;
    var first = new StringBuilder();
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i] && ++differences <= 10) {
        int record = i / TortureKernel.KINDS;
        first.append(String.format("%nrecord %d, %s, access %d: bare %08x, here %08x", record, trials.get(record), i % TortureKernel.KINDS,
            expected[i], actual[i]));
      }
    }
    assertEquals(0, differences, what + " differs" + first);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void noCombinationMakesADifference(int format) {
    var kernel = new TortureKernel(format);
    var trials = new TortureTrials(format, SEED);
    List<long[]> ways = trials.shuffledWays();
    if (!FULL) {
      same(kernel, trials.some(ways, SAMPLE), AuditPlan.OFF);
      return;
    }
    long count = 0;
    for (int from = 0; from < ways.size(); from += WAYS_AT_ONCE) {
      List<Trial> part = trials.all(ways.subList(from, Math.min(ways.size(), from + WAYS_AT_ONCE)), trials.modes());
      same(kernel, part, AuditPlan.OFF);
      count += part.size();
      System.out.printf("torture, format %d: %d of %d ways, %d records of 6 or 9 accesses: no difference%n", format,
          Math.min(ways.size(), from + WAYS_AT_ONCE), ways.size(), count);
    }
  }

  /** The same under an audit after every exit. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void auditsFindNothing(int format) {
    var trials = new TortureTrials(format, SEED + 1);
    same(new TortureKernel(format), trials.some(trials.ways(), FULL ? 5_000 : 25), AuditPlan.of("full"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void reservedBitsAndAddressesWithoutMemoryMakeNoDifference(int format) {
    var trials = new TortureTrials(format, SEED + 2);
    List<long[]> ways = trials.reserved();
    List<Trial> all = FULL ? trials.all(ways, trials.modes()) : new ArrayList<>(trials.some(ways, 250));
    same(new TortureKernel(format), all, AuditPlan.OFF);
  }

  /** The kernel sees what it is meant to see: results of a few accesses by the manual's words (SDM 3A 4.6, 4.7, 4.8). */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void theBareMachineDoesWhatTheManualSays(int format) {
    long[] way = new long[format];
    for (int level = 1; level <= format; level++) {
      way[level - 1] = (level == 1 ? 0x605000 : 0x15f000 + 0x1000 * (level - 1)) | (format == 3 && level == 3 ? 1 : 5);
    }
    int[] r = new TortureKernel(format).bare(List.of(new Trial(5, true, way)));
    assertEquals(0x61, r[0] & 0xff, "a supervisor read of a user page under SMAP: #PF(1), CR2 right");
    assertEquals(0x63, r[1] & 0xff, "a store likewise");
    assertEquals(0x11, r[2] >>> 24, "code in the page runs");
    assertEquals(0x11, r[3] >>> 24, "the user reads");
    assertEquals(0x67, r[4] & 0xff, "the user may not store: #PF(7)");
    assertEquals(0x11, r[6] >>> 24, "SMAP is suspended by AC");
    assertEquals(0x63, r[7] & 0xff, "and CR0.WP still forbids the store");
    assertTrue((r[3] & 0xf00) == 0x500, "accessed at levels 1 and 2, not dirty");
  }
}
