package dev.trapline.vm.vmm;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.interp.Interpreter;

/**
 * Carries out instructions that left guest mode: by the interpreter of the bare machine, on the guest's own registers, in its real memory
 * and with its devices. A fault on the way is delivered as the guest's processor would.
 */
final class Emulator {
  /** Steps of a repeated string instruction carried out before the guest is entered again. */
  private static final int MOST_STEPS = 4096;

  private Emulator() {}

  /**
   * Carries out code the hardware cannot run as the guest would, interrupts included.
   *
   * @param most instructions
   * @return how many they were
   */
  static long some(Vcpu v, long most) {
    Cpu c = v.cpu();
    v.machine();
    v.engine().forget();
    c.attention = false;
    long did = v.engine().run(most);
    v.stepped();
    v.guest().account().charge(Cost.EMULATE, (int) did);
    return did;
  }

  /**
   * Carries out the instruction a virtual processor stands at; of a repeated one, as many steps as it takes, within reason. Each step but
   * the first, which is in what the exit takes, is an instruction of the host's time: else a guest could have thousands for one of its turn.
   *
   * @return whether it dropped translations
   */
  static boolean one(Vcpu v) {
    Cpu c = v.cpu();
    v.machine();
    Interpreter engine = v.engine();
    engine.forget();
    // Interrupts and events are put in at the entry, not here.
    c.attention = false;
    long flushes = c.mem.flushes();
    long rip = c.rip;
    long left;
    int steps = 0;
    do {
      left = c.r[Cpu.RCX];
      engine.passBreakpoint();
      engine.run(1);
    } while (c.rip == rip && c.r[Cpu.RCX] != left && ++steps < MOST_STEPS && !c.halted);
    v.stepped();
    v.on().cpu().count += steps;
    v.guest().account().charge(Cost.EMULATE, steps + 1);
    return c.mem.flushes() != flushes;
  }
}
