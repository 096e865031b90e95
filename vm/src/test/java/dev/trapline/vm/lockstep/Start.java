package dev.trapline.vm.lockstep;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Where a comparison begins: a guest at its first instruction, or as it is after ours alone has run for a while.
 *
 * @param name of the guest
 * @param rom firmware of both machines; empty to take what stands in ours
 * @param from instructions ours runs alone before QEMU gets its state
 */
record Start(String name, MachineConfig config, Optional<byte[]> rom, long from) {
  private static final String SEABIOS = "seabios";
  private static final long SMALL = 64L << 20;
  private static final int LOW_ROM = 0x20000;
  private static final long LOW_ROM_AT = 0xe0000;

  /** A kernel by direct boot, or SeaBIOS from the reset vector. */
  static Start of(String guest) {
    MachineConfig config = MachineConfig.standard();
    if (guest.equals(SEABIOS)) {
      byte[] rom = FetchedGuests.file("seabios/bios-256k.bin");
      return new Start(guest, config.withMemory(SMALL).withImage(BootImage.firmware("bios-256k.bin", rom)), Optional.of(rom), 0);
    }
    BootImage image = BootImage.auto(guest, FetchedGuests.file(guest + "/linux"), "console=ttyS0");
    return new Start(guest, config.withImage(image), Optional.empty(), 0);
  }

  Start from(long count) {
    return new Start(name, config, rom, count);
  }

  /**
   * Compares a number of steps and says on standard error what was met.
   *
   * @throws LockStepDifference at the first difference that is not expected
   */
  LockStep run(long steps) throws IOException {
    requireQemu();
    var machine = new Machine(config);
    machine.run(from);
    while (from > 0 && (machine.cpu().cpl != 0 || machine.cpu().halted)) {
      machine.step();
    }
    Ours ours = new Ours(machine);
    try (Qemu qemu = new Qemu(config.memory(), ours.ram(config.memory()), rom.orElseGet(() -> lowRom(machine)), ours.cpu().cpuid)) {
      if (from > 0 || rom.isEmpty()) {
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
