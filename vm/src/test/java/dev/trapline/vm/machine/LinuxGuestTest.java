package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.AbsentDevices;
import dev.trapline.vm.device.display.Screen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's kernels, unmodified, with a busybox initramfs: from the first instruction to power-off, through a workload whose results
 * are computed here as well.
 */
class LinuxGuestTest {
  private static final String DEFAULT = "console=ttyS0";
  /** The kernel as on an AT: no tables, 8259s and 8254 alone. */
  private static final String BARE = DEFAULT + " acpi=off nolapic noapic";
  /** Leaves out the kernel's own tests of its cryptography: half the instructions of a boot, and none that others lack. */
  private static final String SHORT = " cryptomgr.notests";
  private static final long MOST = 12_000_000_000L;
  static final Pattern TROUBLE = Pattern.compile("\\b(BUG|WARNING|Oops|panic|Call Trace)\\b");
  /** What a kernel says of a processor or board that has less than it should, or counts time differently in different places. */
  private static final Pattern COMPLAINT = Pattern.compile("(?i)unknown|MTRRs all blank|calibration failed|unable to|unstable|out of sync");
  /** Kernels that have no /dev/port, by which the others switch a machine without ACPI off. */
  private static final Set<String> ONLY_HALT = Set.of("debian-cloud-amd64");

  /**
   * A boot from start to end.
   *
   * @param console what the serial console showed
   * @param machine as it stands at the end
   * @param end how it ended
   */
  private record Boot(String console, Machine machine, Outcome end) {
    List<String> results() {
      return console.lines().filter(l -> l.startsWith("TL")).toList();
    }

    String screen() {
      return machine.vga().orElseThrow().screen() instanceof Screen.Text t ? t.text() : "graphics";
    }
  }

  private static Machine machine(String kernel, String commandLine, int processors) {
    return new Machine(MachineConfig.standard().withImage(FetchedGuests.linux(kernel, commandLine)).withProcessors(processors));
  }

  private static Boot boot(String kernel, String commandLine, int processors) {
    Machine machine = machine(kernel, commandLine, processors);
    var text = new StringBuilder();
    machine.console(b -> text.append((char) b));
    long start = System.nanoTime();
    Outcome end = machine.run(MOST);
    System.err.printf(Locale.ROOT, "%s, %d processors, %s: %s, %d instructions, %.1f s%n", kernel, processors, commandLine, end,
        machine.cpus().stream().mapToLong(c -> c.count).sum() - machine.idle(), (System.nanoTime() - start) / 1e9);
    return new Boot(text.toString().replace("\r", ""), machine, end);
  }

  private static Boot checked(String kernel, String commandLine, int processors) {
    Boot boot = boot(kernel, commandLine, processors);
    check(boot, kernel, commandLine, processors);
    return boot;
  }

  private static void check(Boot boot, String kernel, String commandLine, int processors) {
    assertTrue(boot.console.contains("TL-DONE"), boot.console);
    List<String> results = boot.results();
    assertTrue(results.getFirst().startsWith("TL-INIT " + (kernel.contains("amd64") ? "x86_64 " : "i686 ")), results.getFirst());
    assertEquals(expected(processors), results.stream().filter(l -> !l.startsWith("TL-INIT")).toList());
    assertEquals("", lines(boot, TROUBLE) + lines(boot, COMPLAINT));
    assertEquals(List.of(), unexplained(boot.machine), "info unknown");
    if (commandLine.contains("acpi=off") && ONLY_HALT.contains(kernel)) {
      assertInstanceOf(Outcome.Dead.class, boot.end);
      assertTrue(boot.console.contains("reboot: System halted"), boot.console);
    } else {
      assertInstanceOf(Outcome.PowerOff.class, boot.end);
    }
  }

  private static String lines(Boot boot, Pattern what) {
    return boot.console.lines().filter(what.asPredicate()).collect(Collectors.joining("\n"));
  }

  /** What the guest touched that nobody answers, and that is not known to be absent. */
  private static List<String> unexplained(Machine m) {
    var all = new ArrayList<String>();
    m.ports().unknown().stream().filter(u -> AbsentDevices.at(u.port()).isEmpty()).forEach(u -> all.add(u.toString()));
    m.cpus().forEach(c -> c.msrs.unknown().stream().filter(u -> AbsentDevices.msr(u.number()).isEmpty())
        .forEach(u -> all.add("MSR " + Integer.toHexString(u.number()))));
    m.memory().unmapped().pages().forEach(p -> all.add(p.toString()));
    all.addAll(m.unknownServices());
    return all;
  }

  /** What the workload prints, by other means: {@code scripts/guests/busybox-init}. */
  private static List<String> expected(int processors) {
    String numbers = IntStream.rangeClosed(1, 20000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    String md5 = md5(numbers.getBytes(StandardCharsets.US_ASCII));
    double harmonic = IntStream.rangeClosed(1, 2000).mapToDouble(i -> 1.0 / i).sum();
    String awk = String.format(Locale.ROOT, "%.9f %.9f %.9f %.6f", harmonic, Math.sqrt(2), Math.E, (1L << 31) / 3.0);
    return List.of("TL md5 " + md5(new byte[1 << 20]) + "  -", "TL plain " + md5 + "  -", "TL gzip " + md5 + "  -", "TL forks 200",
        "TL date 2026-01-01", "TL awk " + awk, "TL jobs " + md5(jobs().getBytes(StandardCharsets.US_ASCII)) + "  -",
        "TL cpus " + processors, "TL-DONE");
  }

  /** What the four jobs that run side by side print, one after the other. */
  private static String jobs() {
    var all = new StringBuilder();
    for (int job = 1; job <= 4; job++) {
      String numbers = IntStream.rangeClosed(job, 4000).mapToObj(i -> i + "\n").collect(Collectors.joining());
      all.append(md5(numbers.getBytes(StandardCharsets.US_ASCII))).append("  -\n");
    }
    return all.toString();
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** ACPI, APIC, HPET and PCI in use, the kernel's messages on the screen, too; another process goes on as this one does. */
  @Test
  void the64BitCloudKernelRunsItsWorkloadAndPowersOff(@TempDir Path folder) throws IOException, InterruptedException {
    String kernel = "debian-cloud-amd64";
    String commandLine = "console=tty0 " + DEFAULT + SHORT;
    var course = new Course(machine(kernel, commandLine, 1));
    course.toText("Run /init");
    Course.Elsewhere other = course.elsewhere(folder, "linux");
    Outcome end = course.toEnd();
    Boot boot = new Boot(course.console().replace("\r", ""), course.machine(), end);
    check(boot, kernel, commandLine, 1);
    assertTrue(boot.console.contains("Console: colour VGA+ 80x25"), boot.console);
    assertTrue(boot.screen().contains("Run /init as init process"), boot.screen());
    assertTrue(boot.screen().contains("reboot: Power down"), boot.screen());
    other.compare(course);
    System.err.println(course.costs());
  }

  @Test
  void the32BitKernelRunsItsWorkloadOnAnAt() {
    checked("debian-686", BARE + SHORT, 1);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"debian-cloud-amd64, ''", "debian-cloud-amd64, bare", "debian-amd64, ''", "debian-amd64, bare", "debian-686, ''",
      "debian-686, bare", "debian-i386, ''", "debian-i386, bare", "debian-686-pae, ''", "debian-686-pae, bare"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void everyKernelRunsItsWorkload(String kernel, String how) {
    checked(kernel, how.equals("bare") ? BARE : DEFAULT, 1);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({"debian-cloud-amd64, 2", "debian-cloud-amd64, 4", "debian-686, 2", "debian-686-pae, 2", "debian-686-pae, 4"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void severalProcessorsShareTheWork(String kernel, int processors) {
    Boot boot = checked(kernel, DEFAULT + SHORT, processors);
    assertTrue(boot.console.contains("Brought up 1 node, " + processors + " CPUs"), boot.console);
  }

  /** By the ACPI reset register, and on the AT by the keyboard controller. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"debian-cloud-amd64, ''", "debian-686, bare"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void aKernelRebootsAndComesUpAgain(String kernel, String how) {
    String line = (how.equals("bare") ? BARE : DEFAULT) + SHORT + " tl.run=\"reboot -f\"";
    Boot boot = boot(kernel, line, 1);
    assertInstanceOf(Outcome.ResetRequested.class, boot.end);
    boot.machine.restart();
    var again = new StringBuilder();
    boot.machine.console(b -> again.append((char) b));
    assertInstanceOf(Outcome.ResetRequested.class, boot.machine.run(MOST));
    assertTrue(again.toString().contains("TL-INIT"), again.toString());
    assertEquals("", again.toString().lines().filter(TROUBLE.asPredicate()).collect(Collectors.joining("\n")));
  }
}
