package dev.trapline.vm.lockstep;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A guest to compare: from its first instruction, or from where it is after ours alone has run for a while.
 *
 * @param name of the guest
 * @param rom firmware of both machines; empty to take what stands in ours
 */
record Start(String name, MachineConfig config, Optional<byte[]> rom) {
  private static final String SEABIOS = "seabios";
  /** The kernel's own tests of its cryptography are most of a boot and much the same for long. */
  private static final String COMMAND_LINE = "console=ttyS0 cryptomgr.notests";
  private static final long PART = 1_000_000;
  private static final long SMALL = 64L << 20;
  private static final int LOW_ROM = 0x20000;
  private static final long LOW_ROM_AT = 0xe0000;

  /** A fetched kernel by direct boot, SeaBIOS from the reset vector, or any file that can be started, by a path with a slash. */
  static Start of(String guest) throws IOException {
    MachineConfig config = MachineConfig.standard().withPlatform(MachineConfig.Platform.PC);
    if (guest.contains("/")) {
      BootImage image = BootImage.auto(guest, Files.readAllBytes(Path.of(guest)), COMMAND_LINE);
      return new Start(guest, config.withImage(image), Optional.empty());
    }
    if (guest.equals(SEABIOS)) {
      byte[] rom = FetchedGuests.file("seabios/bios-256k.bin");
      return new Start(guest, config.withMemory(SMALL).withImage(BootImage.firmware("bios-256k.bin", rom)), Optional.of(rom));
    }
    BootImage image = BootImage.auto(guest, FetchedGuests.file(guest + "/linux"), COMMAND_LINE)
        .withInitrd(FetchedGuests.file(guest.contains("amd64") ? "busybox-amd64.cpio.gz" : "busybox-i386.cpio.gz"));
    return new Start(guest, config.withImage(image), Optional.empty());
  }

  /**
   * Compares a number of steps from the first instruction and says on standard error what was met.
   *
   * @throws LockStepDifference at the first difference that is not expected
   */
  LockStep run(long steps) throws IOException {
    return window(new Machine(config), steps, false);
  }

  /**
   * Lets ours run alone to each of some points, gives QEMU its state and compares a number of steps from there.
   *
   * @param points instruction counts, or texts the guest prints on its serial console
   * @throws LockStepDifference at the first difference that is not expected
   */
  List<LockStep> windows(long steps, List<String> points) throws IOException {
    var machine = new Machine(config);
    var text = new StringBuilder();
    machine.console(b -> text.append((char) b));
    var all = new ArrayList<LockStep>();
    for (String point : points) {
      go(machine, text, point);
      all.add(window(machine, steps, machine.cpu().count > 0));
    }
    return all;
  }

  private static void go(Machine machine, StringBuilder text, String point) {
    if (point.matches("\\d+")) {
      machine.run(Math.max(0, Long.parseLong(point) - machine.cpu().count));
    } else {
      while (text.indexOf(point) < 0 && machine.run(PART) instanceof Outcome.Limit) {
        // its text is looked at between two parts
      }
      Assertions.assertTrue(text.indexOf(point) >= 0, () -> "the guest does not print '" + point + "' but\n" + text);
    }
    while (machine.cpu().count > 0 && (machine.cpu().cpl != 0 || machine.cpu().halted)) {
      machine.step();
    }
  }

  private LockStep window(Machine machine, long steps, boolean midway) throws IOException {
    requireQemu();
    long from = machine.cpu().count;
    try (Ours ours = new Ours(machine);
        Qemu qemu = new Qemu(config.memory(), ours.ram(config.memory()), rom.orElseGet(() -> lowRom(machine)), ours.cpu().cpuid)) {
      if (midway || rom.isEmpty()) {
        new StateLoader(ours, qemu).load();
      }
      var run = new LockStep(ours, qemu);
      long begin = System.nanoTime();
      try {
        run.run(steps);
      } finally {
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.err.printf("lock-step %s from %d: %d steps%s, %.0f a second; QEMU was given: %s%n", name, from, run.steps(),
            run.ended() == null ? "" : " until " + run.ended(), run.steps() / seconds, run.inputs());
      }
      return run;
    }
  }

  private static byte[] lowRom(Machine machine) {
    byte[] rom = new byte[LOW_ROM];
    machine.memory().peek(LOW_ROM_AT, rom, 0, LOW_ROM);
    return rom;
  }

  private static void requireQemu() {
    if (!Qemu.installed()) {
      String missing = Qemu.PROGRAM + " is missing: install Debian's qemu-system-x86";
      if (FetchedGuests.must()) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
  }
}
