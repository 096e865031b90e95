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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Audits of guests' tables: silent on a sound guest, and each invariant fires when it is broken. */
class AuditTest {
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

  private static Guest guest(Monitor monitor, String technique, String paging) {
    return monitor.add(new GuestSpec("a", mini(), technique, paging, GuestSpec.STANDARD_WEIGHT, 0));
  }

  @ParameterizedTest
  @CsvSource({"hvm,shadow,full:25", "hvm,nested,full:25", "trap,shadow,full:25", "hvm,shadow,entries:3", "trap,shadow,entries:3"})
  void aSoundGuestPassesAtEveryExit(String technique, String paging, String audit) {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = guest(monitor, technique, paging);
    guest.audits(AuditPlan.of(audit));
    Outcome o = monitor.run(1_000_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertInstanceOf(Outcome.PowerOff.class, o);
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow());
  }

  /** A run with audits is the same run. */
  @Test
  void auditsChangeNothing() {
    Monitor plain = monitor(64 * MIB);
    Guest one = guest(plain, "hvm", "shadow");
    plain.run(6_000_000);
    Monitor audited = monitor(64 * MIB);
    Guest other = guest(audited, "hvm", "shadow");
    other.audits(AuditPlan.of("full:25"));
    audited.run(6_000_000);
    assertEquals(one.machine().stateHash(), other.machine().stateHash());
    assertEquals(one.account().count(), other.account().count());
  }

  @Test
  void whatIsNoLevelIsRefused() {
    for (String wrong : List.of("", "some", "full:", "full:0", "full:x")) {
      String why = assertThrows(MonitorException.class, () -> AuditPlan.of(wrong)).getMessage();
      assertTrue(why.startsWith("audit"), why);
    }
  }
}
