package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's kernels, unmodified, say the same under the monitor as on the bare machine: the consoles are compared byte for byte, but for
 * what {@link Measured} lists, which is what the kernel measured by its clocks.
 */
class LinuxUnderMonitorTest {
  /** Without the second word the initramfs is unpacked beside the rest of the boot, and it is time that decides where that is reported. */
  private static final String LINE = "console=ttyS0 initramfs_async=0";
  private static final String AT = LINE + " acpi=off nolapic noapic";
  /** Leaves out the kernel's tests of its cryptography, half the instructions of a boot; and shows what the kernel found, for the workload. */
  private static final String SHORT = LINE + " cryptomgr.notests tl.run=\"grep -v -e MHz -e bogomips /proc/cpuinfo; cat /proc/ioports; nproc\"";
  private static final long MOST = 15_000_000_000L;
  /** For what the monitor itself needs. */
  private static final long MONITOR_MEMORY = 64 * UnderMonitor.MIB;

  /** The numbers a kernel prints that come from its clocks, or from where the clocks' randomness placed it. */
  private enum Measured {
    /** The kernel's clock, at the beginning of each message. */
    TIME_STAMP("(?m)^\\[ *\\d+\\.\\d+\\] ", ""),
    /** The processor's clock against the PIT's or the HPET's, to seven digits: the host takes interrupts within that window. */
    PROCESSOR_CLOCK("(tsc: Detected|tsc: Refined TSC clocksource calibration:) [\\d.]+ MHz", "$1 # MHz"),
    /** What follows from that frequency: how long the counter can be multiplied without overflow. */
    COUNTER_RANGE("(clocksource: tsc(?:-early)?: mask: \\w+) max_cycles: \\w+, max_idle_ns: \\d+ ns", "$1 #"),
    /** Twice that frequency, by which the kernel waits. */
    DELAY_LOOP("[\\d.]+ BogoMIPS( \\(lpj=\\d+\\))?", "# BogoMIPS"),
    /** When the scheduler's clock became stable, and its error against the early one. */
    SCHEDULER_CLOCK("(sched_clock: Marking stable) .*", "$1 #"),
    /** The time of day of an audit record. */
    AUDIT_TIME("audit\\(\\d+\\.\\d+:", "audit(#:"),
    /** How much is free once kernel and initramfs are in: depends on where the kernel put itself, by the counter's low bits (KASLR). */
    MEMORY_LEFT("Memory: \\d+K/(\\d+K available .*) \\d+K reserved", "Memory: #/$1 # reserved");

    private final Pattern printed;
    private final String instead;

    Measured(String printed, String instead) {
      this.printed = Pattern.compile(printed);
      this.instead = instead;
    }

    static String without(String console) {
      String s = console.replace("\r", "");
      for (Measured m : values()) {
        s = m.printed.matcher(s).replaceAll(m.instead);
      }
      return s;
    }
  }

  private static MachineConfig linux(String kernel, String commandLine) {
    return MachineConfig.standard().withImage(FetchedGuests.linux(kernel, commandLine));
  }

  private static String onTheBareMachine(String kernel, String commandLine) {
    Machine m = new Machine(linux(kernel, commandLine));
    StringBuilder console = UnderMonitor.console(m);
    long start = System.nanoTime();
    assertEquals(new Outcome.PowerOff(), m.run(MOST), console::toString);
    said(kernel, "bare", m.now(), start);
    return Measured.without(console.toString());
  }

  private static String asGuest(String kernel, String commandLine, String paging) {
    MachineConfig machine = linux(kernel, commandLine);
    Monitor monitor = UnderMonitor.monitor(machine.memory() + MONITOR_MEMORY);
    Guest guest = monitor.add(UnderMonitor.spec("linux", machine, "hvm", paging));
    StringBuilder console = UnderMonitor.console(guest.machine());
    long start = System.nanoTime();
    monitor.run(MOST);
    assertEquals("", guest.broken().orElse(""));
    assertEquals(new Outcome.PowerOff(), guest.ended().orElse(null), console::toString);
    said(kernel, paging, guest.now(), start);
    return Measured.without(console.toString());
  }

  private static void said(String kernel, String how, long instructions, long start) {
    System.err.printf(Locale.ROOT, "%s, %s: %d instructions, %.1f s%n", kernel, how, instructions, (System.nanoTime() - start) / 1e9);
  }

  private static void theSameEverywhere(String kernel, String commandLine) {
    String bare = onTheBareMachine(kernel, commandLine);
    assertTrue(bare.contains("TL-DONE"), bare);
    for (String paging : List.of("shadow", "nested")) {
      assertEquals(bare, asGuest(kernel, commandLine, paging), kernel + " with " + paging + " paging");
    }
  }

  @Test
  void aShortBootOfThe64BitKernel() {
    theSameEverywhere("debian-cloud-amd64", SHORT);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"debian-cloud-amd64, ''", "debian-amd64, ''", "debian-686, ''", "debian-i386, ''", "debian-686-pae, ''", "debian-686, at"})
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void everyKernelWithItsWholeWorkload(String kernel, String how) {
    theSameEverywhere(kernel, how.equals("at") ? AT : LINE);
  }
}
