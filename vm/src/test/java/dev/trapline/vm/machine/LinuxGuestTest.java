package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's kernels, unmodified, with a busybox initramfs: from the first instruction to power-off, through a workload whose results
 * are computed here as well.
 */
class LinuxGuestTest {
  private static final String DEFAULT = "console=ttyS0";
  /** The kernel as on an AT: no tables, 8259s and 8254 alone. */
  private static final String BARE = DEFAULT + " acpi=off nolapic noapic pci=off";
  /** Leaves out the kernel's own tests of its cryptography: half the instructions of a boot, and none that others lack. */
  private static final String SHORT = " cryptomgr.notests";
  private static final long MOST = 12_000_000_000L;
  static final Pattern TROUBLE = Pattern.compile("\\b(BUG|WARNING|Oops|panic|Call Trace)\\b");

  /**
   * A boot from start to end.
   *
   * @param console what the serial console showed
   * @param end how it ended
   * @param count virtual time at the end
   * @param hash of everything at the end
   */
  private record Boot(String console, Outcome end, long count, long hash) {
    List<String> results() {
      return console.lines().filter(l -> l.startsWith("TL")).toList();
    }
  }

  private static Boot boot(String kernel, String architecture, String commandLine) {
    BootImage image = BootImage.auto(kernel, FetchedGuests.file(kernel + "/linux"), commandLine)
        .withInitrd(FetchedGuests.file("busybox-" + architecture + ".cpio.gz"));
    var machine = new Machine(MachineConfig.standard().withImage(image));
    var text = new StringBuilder();
    machine.console(b -> text.append((char) b));
    Outcome end = machine.run(MOST);
    return new Boot(text.toString().replace("\r", ""), end, machine.cpu().count, machine.stateHash());
  }

  private static void check(Boot boot, String machine) {
    List<String> results = boot.results();
    assertTrue(boot.console.contains("TL-DONE"), boot.console);
    assertEquals("", boot.console.lines().filter(TROUBLE.asPredicate()).collect(Collectors.joining("\n")));
    assertTrue(results.getFirst().startsWith("TL-INIT " + machine + " "), results.getFirst());
    assertEquals(expected(), results.stream().filter(l -> !l.startsWith("TL-INIT")).toList());
  }

  /** What the workload prints, by other means: {@code scripts/guests/busybox-init}. */
  private static List<String> expected() {
    String numbers = IntStream.rangeClosed(1, 20000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    String md5 = md5(numbers.getBytes(StandardCharsets.US_ASCII));
    double harmonic = IntStream.rangeClosed(1, 2000).mapToDouble(i -> 1.0 / i).sum();
    String awk = String.format(Locale.ROOT, "%.9f %.9f %.9f %.6f", harmonic, Math.sqrt(2), Math.E, (1L << 31) / 3.0);
    return List.of("TL md5 " + md5(new byte[1 << 20]) + "  -", "TL plain " + md5 + "  -", "TL gzip " + md5 + "  -", "TL forks 200",
        "TL date 2026-01-01", "TL awk " + awk, "TL cpus 1", "TL-DONE");
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** ACPI, APIC, HPET and PCI in use. */
  @Test
  void the64BitCloudKernelRunsItsWorkloadAndPowersOff() {
    Boot boot = boot("debian-cloud-amd64", "amd64", DEFAULT + SHORT);
    check(boot, "x86_64");
    assertInstanceOf(Outcome.PowerOff.class, boot.end);
  }

  @Test
  void the32BitKernelRunsItsWorkloadAndPowersOff() {
    Boot boot = boot("debian-686", "i386", BARE + SHORT);
    check(boot, "i686");
    assertInstanceOf(Outcome.PowerOff.class, boot.end);
  }

  /** Without ACPI this kernel, which has no /dev/port, can only halt. */
  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void the64BitCloudKernelOnTheBareMachineHalts() {
    Boot boot = boot("debian-cloud-amd64", "amd64", BARE);
    check(boot, "x86_64");
    assertInstanceOf(Outcome.Dead.class, boot.end);
    assertTrue(boot.console.contains("reboot: System halted"), boot.console);
  }

  @ParameterizedTest(name = "{0} {3}")
  @CsvSource({"debian-cloud-amd64, amd64, x86_64, ''", "debian-686, i386, i686, ''", "debian-686-pae, i386, i686, ''",
      "debian-686-pae, i386, i686, bare", "debian-amd64, amd64, x86_64, ''", "debian-i386, i386, i686, ''"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void everyKernelRunsItsWorkload(String kernel, String architecture, String machine, String how) {
    check(boot(kernel, architecture, how.equals("bare") ? BARE : DEFAULT), machine);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"debian-cloud-amd64, amd64", "debian-686, i386"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void twoBootsAreTheSame(String kernel, String architecture) {
    Boot first = boot(kernel, architecture, DEFAULT + SHORT);
    Boot second = boot(kernel, architecture, DEFAULT + SHORT);
    assertEquals(first.console, second.console);
    assertEquals(first.count, second.count);
    assertEquals(first.hash, second.hash);
  }
}
