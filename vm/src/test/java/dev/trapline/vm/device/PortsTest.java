package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Debug ports, port 92h and the 8042 without a keyboard. */
class PortsTest {
  private final Bench b = new Bench();
  private final List<String> log = new ArrayList<>();

  PortsTest() {
    new DebugPorts(new DebugPorts.Listener() {
      @Override
      public void exit(int value) {
        log.add("exit " + value);
      }

      @Override
      public void powerOff() {
        log.add("off");
      }
    }, c -> log.add("e9 " + (char) c)).connect(b.ports);
    new SystemPorts(() -> log.add("reset")).connect(b.ports);
  }

  @Test
  void testProgramsReachTheirEmulator() {
    b.out(0x80, 0x55);
    assertEquals(0x55, b.in(0x80));
    b.out(0xe9, '!');
    assertEquals(0xe9, b.in(0xe9));
    b.out(0x402, '?');
    assertEquals(0xe9, b.in(0x402));
    b.ports.out(0xf4, 4, 0x10);
    b.out(0x501, 3);
    "ShutShutdown".chars().forEach(c -> b.out(0x8900, c));
    assertEquals(List.of("e9 !", "e9 ?", "exit 16", "exit 3", "off"), log);
    assertTrue(b.ports.unknown().isEmpty());
  }

  @Test
  void threeWaysToPullTheResetLine() {
    b.out(0x92, 2);
    assertEquals(2, b.in(0x92));
    b.out(0x92, 3);
    b.out(0x64, 0xfe);
    b.out(0x64, 0xd1);
    b.out(0x60, 0xfe);
    assertEquals(List.of("reset", "reset", "reset"), log);
  }

  @Test
  void theA20GateReadsBackAsItIsSet() {
    b.out(0x64, 0xd1);
    b.out(0x60, 0xdd);
    assertEquals(0, b.in(0x92));
    b.out(0x64, 0xd1);
    b.out(0x60, 0xdf);
    b.out(0x64, 0xd0);
    assertEquals(3, b.in(0x60));
    assertEquals(2, b.in(0x92));
  }

  @Test
  void theControllerPassesItsSelfTest() {
    b.out(0x64, 0xaa);
    assertEquals(0x1d, b.in(0x64));
    assertEquals(0x55, b.in(0x60));
    assertEquals(0x1c, b.in(0x64));
    b.out(0x64, 0x60);
    b.out(0x60, 0x47);
    b.out(0x64, 0x20);
    assertEquals(0x47, b.in(0x60));
  }
}
