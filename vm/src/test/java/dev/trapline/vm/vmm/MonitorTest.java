package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built-in guest under the monitor: what it prints and how it ends is as on the bare machine. */
class MonitorTest {
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

  private static StringBuilder console(Machine m) {
    var text = new StringBuilder();
    m.console(b -> text.append((char) b));
    return text;
  }

  /** What one speaker said: the others' lines come in between as the timer wants. */
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

  @ParameterizedTest
  @ValueSource(strings = {"nested", "shadow"})
  void aGuestDoesWhatItDoesOnTheBareMachine(String paging) {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = monitor.add(GuestSpec.hvm("a", mini(), paging));
    StringBuilder console = console(guest.machine());
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(1_000_000_000));
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow());
    likeTheBareMachine(console);
  }

  @Test
  void twoGuestsSideBySideDoTheSame() {
    Monitor monitor = monitor(128 * MIB);
    Guest a = monitor.add(GuestSpec.hvm("a", mini(), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", mini(), "shadow"));
    StringBuilder first = console(a.machine());
    StringBuilder second = console(b.machine());
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(1_000_000_000));
    likeTheBareMachine(first);
    likeTheBareMachine(second);
    assertTrue(a.vcpus().getFirst().task().dispatches() > 10);
    assertTrue(b.vcpus().getFirst().task().dispatches() > 10);
  }

  /** Stopping in the middle of guest mode, looking and going on is the same as not having looked. */
  @ParameterizedTest
  @ValueSource(strings = {"nested", "shadow"})
  void lookingChangesNothing(String paging) {
    long end = 6_000_000;
    Monitor undisturbed = monitor(64 * MIB);
    Guest one = undisturbed.add(GuestSpec.hvm("a", mini(), paging));
    one.machine().run(end);
    Monitor watched = monitor(64 * MIB);
    Guest other = watched.add(GuestSpec.hvm("a", mini(), paging));
    while (other.now() < end) {
      other.machine().run(Math.min(end - other.now(), 9_973));
      other.machine().stateHash();
    }
    assertEquals(undisturbed.now(), watched.now());
    assertEquals(one.machine().stateHash(), other.machine().stateHash());
    assertEquals(one.account().count(), other.account().count());
  }

  @Test
  void aGuestCanBeSteppedAndItsRegistersSet() {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = monitor.add(GuestSpec.hvm("a", mini(), "nested"));
    guest.machine().run(3_000_000);
    for (int i = 0; i < 2_000; i++) {
      long before = guest.machine().cpu().rip;
      assertInstanceOf(Outcome.Limit.class, guest.machine().step());
      boolean waits = guest.machine().cpu().halted;
      assertTrue(waits || guest.machine().cpu().rip != before || guest.machine().cpu().r[1] != 0, "no step from " + before);
    }
    long marker = 0x1234_5678L;
    guest.machine().cpu().dr[2] = marker;
    guest.machine().run(1_000);
    assertEquals(marker, guest.machine().cpu().dr[2]);
    assertEquals(marker, monitor.host().cpu().dr[2]);
  }

  @Test
  void moreMemoryThanThereIsIsRefused() {
    Monitor monitor = monitor(48 * MIB);
    monitor.add(GuestSpec.hvm("a", mini(), "nested"));
    String why = org.junit.jupiter.api.Assertions.assertThrows(MonitorException.class,
        () -> monitor.add(GuestSpec.hvm("b", mini(), "nested"))).getMessage();
    assertTrue(why.startsWith("guest 2: 32768 KiB wanted"), why);
  }
}
