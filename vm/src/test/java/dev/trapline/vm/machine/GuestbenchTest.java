package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A whole kernel boots, runs all its tests and computes what the silicon and QEMU compute. A plain build runs a thousandth of the work,
 * the profile {@code full} all of it.
 */
class GuestbenchTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  private static final long LIMIT = FULL ? Long.MAX_VALUE : 2_000_000_000L;

  private static String work() {
    return FULL ? "div=1" : "div=1000";
  }

  private static List<String> expected() {
    return new String(Guests.resource(FULL ? "expected.txt" : "expected-div1000.txt"), StandardCharsets.US_ASCII).lines().toList();
  }

  private static List<String> results(String text) {
    return text.lines().filter(l -> l.startsWith("END ")).map(l -> l.substring(4)).toList();
  }

  @Test
  void theMultibootKernelComputesTheChecksumsOfSiliconAndQemu() {
    Guests.Run run = Guests.Run.of(BootImage.auto("guestbench.elf", Guests.resource("guestbench.elf"), work()));
    Outcome outcome = run.machine.run(LIMIT);
    assertEquals(expected(), results(run.text()));
    assertTrue(run.text().endsWith("ALL DONE\n"), run.text());
    assertEquals(33, ((Outcome.Exit) outcome).status());
    assertEquals(List.of(), run.machine.ports().unknown());
    assertEquals(new Outcome.PowerOff(), run.machine.run(1000), "Shutdown at port 8900h");
    assertEquals(new Outcome.Exit(0x10), run.machine.run(1000), "port 501h");
    assertEquals(new Outcome.Dead(), run.machine.run(1000), "CLI; HLT");
  }

  /** Sector 2 of the diskette is the command line; the boot sector loads the kernel by INT 13h. */
  @Test
  void theBootFloppyRunsTheSame() {
    byte[] disk = Guests.resource("guestbench.img");
    byte[] command = "div=1000 tests=crc32,selfmod,syscall,pgfault,divzero,timer".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(command, 0, disk, 512, command.length);
    Guests.Run run = Guests.Run.of(BootImage.auto("guestbench.img", disk, ""));
    Outcome outcome = run.machine.run(LIMIT);
    List<String> wanted = new String(Guests.resource("expected-div1000.txt"), StandardCharsets.US_ASCII).lines()
        .filter(l -> l.matches("(crc32|selfmod|syscall|pgfault|divzero|timer) .*")).toList();
    assertEquals(wanted, results(run.text()));
    assertEquals(33, ((Outcome.Exit) outcome).status());
    assertEquals(List.of(), run.machine.unknownServices());
  }

  @Test
  void waitingForTheTimerCostsNothing() {
    Guests.Run run = Guests.Run.of(BootImage.auto("guestbench.elf", Guests.resource("guestbench.elf"), "tests=timer"));
    run.machine.run(LIMIT);
    assertTrue(run.text().contains("END timer checksum=8000C980 iters=200"), run.text());
    long count = run.machine.cpu().count;
    assertTrue(count > 19_900_000 && count < 20_200_000, "200 periods of 1 ms at 100 MHz, not " + count);
    assertTrue(count - run.machine.idle() < 200_000, "executed: " + (count - run.machine.idle()));
  }
}
