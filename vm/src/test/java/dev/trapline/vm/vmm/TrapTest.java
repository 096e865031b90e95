package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guests under trap-and-emulate. */
class TrapTest {
  private static final long MIB = 1L << 20;

  private static MachineConfig mini() {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    byte[] program = new Assembler(X86.set()).assemble(at.resolve("scripts/guests/mini.asm")).bytes();
    return MachineConfig.standard().withMemory(32 * MIB).withImage(BootImage.auto("mini", program, ""));
  }

  private static Monitor monitor(long memory) {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC)));
  }

  private static GuestSpec trap(String name, MachineConfig machine) {
    return new GuestSpec(name, machine, "trap", "shadow", GuestSpec.STANDARD_WEIGHT, 0);
  }

  private static StringBuilder console(Machine m) {
    var text = new StringBuilder();
    m.console(b -> text.append((char) b));
    return text;
  }

  private static List<String> said(CharSequence console, String speaker) {
    return console.toString().lines().filter(l -> l.startsWith(speaker)).toList();
  }

  private static void likeTheBareMachine(CharSequence console) {
    var bare = new Machine(mini());
    StringBuilder expected = console(bare);
    bare.run(500_000_000);
    for (String speaker : List.of("primes:", "sieve:", "[kernel] sieve: page supplied", "[kernel] sieve: divide error")) {
      assertEquals(said(expected, speaker), said(console, speaker));
    }
    assertTrue(console.toString().endsWith("ALL DONE\n"), console::toString);
  }

  @Test
  void aKernelAtLowerPrivilegeDoesWhatItDoesOnTheBareMachine() {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = monitor.add(trap("a", mini()));
    StringBuilder console = console(guest.machine());
    Outcome o = monitor.run(1_000_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertInstanceOf(Outcome.PowerOff.class, o, console::toString);
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow());
    likeTheBareMachine(console);
  }

  @Test
  void itRunsBesideAGuestWithHardwareAssist() {
    Monitor monitor = monitor(128 * MIB);
    Guest a = monitor.add(GuestSpec.hvm("a", mini(), "shadow"));
    Guest b = monitor.add(trap("b", mini()));
    StringBuilder first = console(a.machine());
    StringBuilder second = console(b.machine());
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(1_000_000_000));
    likeTheBareMachine(first);
    likeTheBareMachine(second);
    assertTrue(a.vcpus().getFirst().task().dispatches() > 10);
    assertTrue(b.vcpus().getFirst().task().dispatches() > 10);
  }

  @Test
  void thereIsNoNestedPagingWithoutGuestMode() {
    Monitor monitor = monitor(64 * MIB);
    var spec = new GuestSpec("a", mini(), "trap", "nested", GuestSpec.STANDARD_WEIGHT, 0);
    assertEquals("guest a: technique trap has no paging but shadow",
        assertThrows(MonitorException.class, () -> monitor.add(spec)).getMessage());
  }
}
