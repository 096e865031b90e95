package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AbsentDevicesTest {
  @ParameterizedTest
  @CsvSource({"0x2e, Super I/O", "0x4f, Super I/O", "0x279, Plug and Play", "0xa79, Plug and Play", "0x203, Plug and Play",
      "0x3ff, Plug and Play", "0x378, parallel", "0x201, game"})
  void whatIsLookedForHasAName(String port, String device) {
    AbsentDevices.Absent a = AbsentDevices.at(Integer.decode(port)).orElseThrow();
    assertTrue(a.device().contains(device), a.device());
    assertTrue(a.explanation().startsWith("no " + a.device() + " here: "), a.explanation());
  }

  @Test
  void performanceCountersAreExplained() {
    assertTrue(AbsentDevices.msr(0xc001_0000).isPresent() && AbsentDevices.msr(0xc001_0007).isPresent());
    assertFalse(AbsentDevices.msr(0xc000_ffff).isPresent() || AbsentDevices.msr(0xc001_0008).isPresent());
  }

  /** Ports in the neighbourhood stay loud. */
  @ParameterizedTest
  @CsvSource({"0x2d", "0x30", "0x50", "0x204", "0x27c", "0x300", "0x403", "0xa78"})
  void otherPortsAreNotExplained(String port) {
    assertFalse(AbsentDevices.at(Integer.decode(port)).isPresent());
  }

  /** Somebody who answers is not absent; of the read ports of Plug and Play some belong to others. */
  @Test
  void theyAreReallyAbsent() {
    var machine = new Machine(MachineConfig.standard().withPlatform(MachineConfig.Platform.PC));
    for (AbsentDevices.Absent a : AbsentDevices.table()) {
      long answered = IntStream.rangeClosed(a.first(), a.last()).filter(a::covers)
          .filter(p -> machine.ports().ranges().stream().anyMatch(r -> p >= r.first() && p <= r.last())).count();
      assertTrue(answered == 0 || a.step() > 1, a.toString());
    }
    assertEquals(0xff, machine.ports().in(0x2f, 1), "as an open bus");
    assertEquals(1, machine.ports().unknown().size(), "and loud all the same");
  }
}
