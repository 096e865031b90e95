package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.vmm.sched.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How guests share processors: each counts its own rounds, which is what its share is worth to it. */
class SharesTest {
  private static final long MIB = UnderMonitor.MIB;
  private static final long TIME = 12_000_000;
  private static final long SLICE = 20_000;
  private static final int COUNTER = 0x8000;

  private static final String WORKS = "bits 32\norg 0x100000\nagain: inc dword [0x8000]\njmp again\n";
  private static final String SLEEPS = "bits 32\norg 0x100000\nmov al, 255\nout 0x21, al\nsti\nagain: hlt\ninc dword [0x8000]\njmp again\n";

  private static MachineConfig program(String source) {
    byte[] bytes = new Assembler(X86.set()).assemble(source).bytes();
    return MachineConfig.standard().withMemory(2 * MIB).withImage(BootImage.flat("share", bytes, 0x100000, 32));
  }

  private static Monitor monitor(String policy, int processors) {
    Machine host = new Machine(MachineConfig.standard().withMemory(64 * MIB).withPlatform(MachineConfig.Platform.PC).withProcessors(processors));
    return new Monitor(host, Policy.of(policy, SLICE), CostProfile.standard());
  }

  private static Guest add(Monitor monitor, String name, String technique, String source, int weight, int cap) {
    return monitor.add(new GuestSpec(name, program(source), technique, "shadow", weight, cap));
  }

  private static long rounds(Guest g) {
    return g.machine().memory().read(COUNTER, 4);
  }

  private static void ratio(double wanted, long a, long b) {
    double is = (double) a / b;
    assertTrue(Math.abs(is - wanted) < 0.02 * wanted, is + " is not " + wanted);
  }

  @ParameterizedTest(name = "{0}, {1} and {2}")
  @CsvSource({"credit, hvm, hvm, 2", "bvt, hvm, hvm, 2", "credit, trap, hvm, 2", "bvt, hvm, trap, 2", "round-robin, hvm, hvm, 1"})
  void twiceTheWeightIsTwiceTheTime(String policy, String first, String second, double wanted) {
    Monitor monitor = monitor(policy, 1);
    Guest a = add(monitor, "a", first, WORKS, 512, 0);
    Guest b = add(monitor, "b", second, WORKS, 256, 0);
    monitor.run(TIME);
    ratio(wanted, monitor.ran(a), monitor.ran(b));
    ratio(wanted, rounds(a), rounds(b));
    assertEquals(TIME, monitor.ran(a) + monitor.ran(b));
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void aCapHoldsAndTheRestIsTheOthers(String policy) {
    Monitor monitor = monitor(policy, 1);
    Guest capped = add(monitor, "capped", "hvm", WORKS, 60_000, 20);
    Guest other = add(monitor, "other", "hvm", WORKS, 1, 0);
    monitor.run(TIME);
    ratio(0.25, monitor.ran(capped), monitor.ran(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void aHaltedGuestUsesNothing(String policy) {
    Monitor monitor = monitor(policy, 1);
    Guest asleep = add(monitor, "asleep", "hvm", SLEEPS, 512, 0);
    Guest other = add(monitor, "other", "hvm", WORKS, 256, 0);
    monitor.run(TIME);
    assertTrue(monitor.ran(asleep) < 1_000, "it had " + monitor.ran(asleep));
    assertEquals(0, rounds(asleep));
    assertTrue(monitor.ran(other) > TIME - 1_000);
    assertEquals(0, monitor.idle());
  }

  @Test
  void nobodyThereIsTimePassing() {
    Monitor monitor = monitor("credit", 1);
    Guest capped = add(monitor, "capped", "hvm", WORKS, 256, 50);
    monitor.run(TIME);
    ratio(1, monitor.ran(capped), TIME / 2);
    ratio(1, monitor.idle(), TIME / 2);
  }

  /** Three of equal weight on two processors: two thirds of a processor each, and none of them anywhere twice. */
  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "credit", "bvt"})
  void threeGuestsShareTwoProcessors(String policy) {
    Monitor monitor = monitor(policy, 2);
    Guest a = add(monitor, "a", "hvm", WORKS, 256, 0);
    Guest b = add(monitor, "b", "hvm", WORKS, 256, 0);
    Guest c = add(monitor, "c", "trap", WORKS, 256, 0);
    monitor.run(TIME);
    ratio(2.0 / 3 * TIME, monitor.ran(a), 1);
    ratio(1, monitor.ran(a), monitor.ran(b));
    ratio(1, monitor.ran(b), monitor.ran(c));
    ratio(1, rounds(a), rounds(b));
  }

  /** A guest's weight is the guest's, however many processors it has. */
  @Test
  void twoVirtualProcessorsShareTheWeight() {
    Monitor monitor = monitor("bvt", 1);
    byte[] bytes = new Assembler(X86.set()).assemble("""
        bits 32
        org 0x100000
        mov dword [0x9000], 0xfbebfbeb
        mov word [0x9000], 0xfeeb           ; the other one spins
        mov dword [0xfee000f0], 0x1ff
        mov dword [0xfee00300], 0xc4500
        mov dword [0xfee00300], 0xc4609
        again: inc dword [0x8000]
        jmp again
        """).bytes();
    MachineConfig two = MachineConfig.standard().withMemory(2 * MIB).withProcessors(2).withImage(BootImage.flat("two", bytes, 0x100000, 32));
    Guest a = monitor.add(new GuestSpec("a", two, "hvm", "nested", 256, 0));
    Guest b = add(monitor, "b", "hvm", WORKS, 256, 0);
    monitor.run(TIME);
    assertTrue(a.vcpus().get(1).task().ran() > TIME / 5, "the other one never spun");
    ratio(1, monitor.ran(a), monitor.ran(b));
  }
}
