package dev.trapline.vm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The port map gives each port one owner and splits accesses as the bus does. */
class PortMapTest {
  /** Writes down what it is asked and answers with the offset. */
  private static final class Recorder implements PortDevice {
    final List<String> log = new ArrayList<>();

    @Override
    public int in(int offset, int bytes) {
      log.add("in " + offset + " " + bytes);
      return bytes == 4 ? 0x04030201 : bytes == 2 ? 0x1110 + offset : 0xa0 + offset;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      log.add("out " + offset + " " + bytes + " " + Integer.toHexString(value));
    }
  }

  private final PortMap ports = new PortMap();
  private final Recorder device = new Recorder();

  @Test
  void overlapIsRefusedAndNamed() {
    ports.add("a", 0x100, 8, device);
    String message = assertThrows(IllegalArgumentException.class, () -> ports.add("b", 0x107, 2, device)).getMessage();
    assertEquals("b: port 0x107 belongs to a", message);
    assertThrows(IllegalArgumentException.class, () -> ports.add("c", 0xffff, 2, device));
    assertEquals(1, ports.ranges().size());
  }

  @Test
  void wideAccessesToByteDevicesAreSplitLowByteFirst() {
    ports.add("a", 0x100, 8, device);
    ports.out(0x102, 2, 0xbeef);
    assertEquals(0xa3a2a1a0, ports.in(0x100, 4));
    assertEquals(List.of("out 2 1 ef", "out 3 1 be", "in 0 1", "in 1 1", "in 2 1", "in 3 1"), device.log);
  }

  @Test
  void aWideDeviceIsAskedOnce() {
    ports.add("a", 0xf4, 4, 4, device);
    assertEquals(0x04030201, ports.in(0xf4, 4));
    assertEquals(List.of("in 0 4"), device.log);
  }

  @Test
  void anAccessOverTheEndOfADeviceIsSplitThere() {
    ports.add("a", 0x100, 2, 4, device);
    assertEquals(0xffff1110, ports.in(0x100, 4));
    assertEquals(List.of(new PortMap.Unknown(0x102, 1, 0, 0), new PortMap.Unknown(0x103, 1, 0, 0)), ports.unknown());
  }

  @Test
  void unknownPortsReadOnesAndAreCountedWithTheirFirstPlace() {
    long[] rip = {0x1000};
    ports.where(() -> rip[0]);
    assertEquals(0xff, ports.in(0x300, 1));
    rip[0] = 0x2000;
    ports.out(0x300, 1, 5);
    assertEquals(-1, ports.in(0x200, 4));
    assertEquals(-1, ports.in(0xfffe, 4));
    assertTrue(ports.unknown().contains(new PortMap.Unknown(0x300, 1, 1, 0x1000)));
    assertEquals(0x200, ports.unknown().getFirst().port());
  }
}
