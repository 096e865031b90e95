package dev.trapline.vm.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.mem.PhysicalMemory;
import org.junit.jupiter.api.Test;

class PciBusTest {
  private static final int ADDRESS = 0xcf8;
  private static final int DATA = 0xcfc;
  private final PortMap ports = new PortMap();
  private final PhysicalMemory memory = new PhysicalMemory(1L << 32);
  private final boolean[] lines = new boolean[4];
  private final PciBus bus = new PciBus(ports, memory, n -> high -> lines[n] = high);
  private final Card card = new Card();

  /** Sixteen ports that answer their offset, a page of memory that answers 42h, and INTA. */
  private static final class Card extends PciFunction implements PortDevice, MmioDevice {
    Card() {
      super("card", 0x1234, 0x5678, 0x020000, 3);
      ioBar(0, "ports", 16, this);
      memoryBar(1, "memory", 4096, this);
      interruptPin(1);
    }

    @Override
    public int in(int offset, int bytes) {
      return offset;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      interrupt(value != 0);
    }

    @Override
    public long load(long offset, int bytes) {
      return 0x42;
    }

    @Override
    public void store(long offset, int bytes, long value) {
      interrupt(value != 0);
    }
  }

  PciBusTest() {
    bus.add(3, 0, card);
  }

  private int read(int device, int register) {
    ports.out(ADDRESS, 4, 0x80000000 | device << 11 | register);
    return ports.in(DATA, 4);
  }

  private void write(int device, int register, int value) {
    ports.out(ADDRESS, 4, 0x80000000 | device << 11 | register);
    ports.out(DATA, 4, value);
  }

  @Test
  void identificationIsReadableAndAnEmptySlotIsAllOnes() {
    assertEquals(0x56781234, read(3, 0));
    assertEquals(0x02000003, read(3, 8));
    assertEquals(-1, read(4, 0));
    ports.out(ADDRESS, 4, 3 << 11);
    assertEquals(-1, ports.in(DATA, 4), "enable bit clear");
  }

  @Test
  void registersTellTheirSizeAndMoveWhereTheyArePut() {
    write(3, 0x10, -1);
    assertEquals(-16 | 1, read(3, 0x10));
    write(3, 0x14, -1);
    assertEquals(-4096, read(3, 0x14));
    write(3, 0x10, 0xc000);
    write(3, 0x14, 0xfe000000);
    assertEquals(0xff, ports.in(0xc004, 1), "decoding is still off");
    write(3, 4, 3);
    assertEquals(4, ports.in(0xc004, 1));
    assertEquals(0x42, memory.read(0xfe000000L, 4));
    write(3, 0x10, 0xd000);
    assertEquals(0xff, ports.in(0xc004, 1), "gone from the old place");
    assertEquals(4, ports.in(0xd004, 1));
    write(3, 4, 0);
    assertEquals(0xff, ports.in(0xd004, 1));
  }

  @Test
  void aRegisterOverMemoryIsRefusedAndReported() {
    memory.addRam("ram", 0, 1 << 20);
    write(3, 0x14, 0x1000);
    write(3, 4, 2);
    assertTrue(bus.conflicts().getFirst().contains("overlaps ram"), bus.conflicts().toString());
    assertEquals(0, memory.read(0x1000, 4));
  }

  @Test
  void theInterruptPinFollowsTheSwizzleAndTheDisableBit() {
    write(3, 0x10, 0xc000);
    write(3, 4, 1);
    ports.out(0xc000, 1, 1);
    assertTrue(lines[3], "INTA of device 3 is line (3 + 1 - 1) mod 4");
    write(3, 4, 0x401);
    assertEquals(false, lines[3]);
    assertEquals(8, read(3, 4) >>> 16 & 8, "status still says so");
  }

  @Test
  void stateComesBackWithItsWindows() {
    write(3, 0x10, 0xc000);
    write(3, 4, 1);
    PciBus.State saved = bus.state();
    write(3, 4, 0);
    bus.state(saved);
    assertEquals(4, ports.in(0xc004, 1));
    assertThrows(IllegalArgumentException.class, () -> bus.add(3, 0, new Card()));
  }

  /** A function with INTB and a message-signalled interrupt at 50h. */
  private static final class Talker extends PciFunction {
    Talker() {
      super("talker", 0x1234, 0x5679, 0x020000, 0);
      interruptPin(2);
      set(CAPABILITIES, 1, 0x50);
      msiCapability(0x50, 0);
    }

    void ask(boolean high) {
      interrupt(high);
    }
  }

  @Test
  void messagesReplaceThePin() {
    Talker talker = new Talker();
    var sent = new java.util.ArrayList<String>();
    bus.messages((where, data) -> sent.add("%x=%x".formatted(where, data)));
    bus.add(4, 0, talker);
    talker.ask(true);
    assertTrue(lines[1], "device 4, INTB");
    talker.ask(false);
    talker.write(PciFunction.COMMAND, 2, PciFunction.COMMAND_MASTER);
    talker.write(0x54, 4, 0xfee01003);
    talker.write(0x58, 4, 0);
    talker.write(0x5c, 4, 0x12340041);
    talker.write(0x52, 2, 0xffff);
    assertEquals(0x0081_0005, talker.config(0x50, 4), "one message, 64-bit address, enabled");
    talker.ask(true);
    talker.ask(true);
    assertEquals(java.util.List.of("fee01000=41"), sent);
    assertEquals(false, lines[1]);
    talker.ask(false);
    talker.ask(true);
    assertEquals(2, sent.size());
    talker.write(0x52, 2, 0);
    assertTrue(lines[1], "the pin again");
  }
}
