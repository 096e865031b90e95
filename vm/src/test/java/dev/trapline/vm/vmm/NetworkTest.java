package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Networks of guests, whose drivers are here: they reach the cards through the guests' own ports and memory. */
class NetworkTest {
  private static final long MIB = 1L << 20;
  /** {@code hlt} and again. */
  private static final byte[] IDLE = {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd};

  static MachineConfig idle(VirtioConfig devices) {
    return MachineConfig.standard().withMemory(16 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withImage(BootImage.flat("idle", IDLE, 0x100000, 32)).withVirtio(devices);
  }

  private static MachineConfig card(int address, String network) {
    return idle(VirtioConfig.NONE.withCard(new VirtioConfig.Card(0x020000000000L | address, VirtioConfig.Wire.LAN, network)));
  }

  /** A driver of a guest's network card, with one buffer each way. */
  static final class Card {
    private static final long SEND = 0x200000;
    private static final long RECEIVE = 0x201000;
    private static final long OUT = 0x202000;
    private static final long IN = 0x203000;
    private static final int HEADER = 12;

    private final Machine machine;
    private final VirtioDriver driver;
    private final VirtioDriver.Ring receive;
    private final VirtioDriver.Ring send;

    Card(Machine m) {
      machine = m;
      driver = new VirtioDriver(m.ports(), m.memory(), VirtioDriver.find(m.ports(), 1).orElseThrow(), 0);
      driver.begin(1L << 32);
      receive = driver.ring(0, RECEIVE);
      send = driver.ring(1, SEND);
      driver.start();
      receive.put(0, IN, 2048, true);
      receive.ring();
    }

    void send(byte[] frame) {
      machine.memory().poke(OUT + HEADER, frame, 0, frame.length);
      send.put(0, OUT, HEADER + frame.length, false);
      send.ring();
    }

    /** Sends what is at an address. */
    void sendFrom(long pa) {
      send.put(1, pa, 100, false);
      send.ring();
    }

    /** Where a structure of the registers is, by type. */
    long registers(int type) {
      return driver.structure(type);
    }

    /** The frame that came, or null. */
    byte[] received() {
      if (receive.take() < 0) {
        return null;
      }
      byte[] f = new byte[receive.length() - HEADER];
      machine.memory().peek(IN + HEADER, f, 0, f.length);
      receive.put(0, IN, 2048, true);
      receive.ring();
      return f;
    }
  }

  private static byte[] frame(int to, int from, String text) {
    byte[] f = new byte[60];
    Arrays.fill(f, 0, 6, (byte) (to == 0 ? 0xff : 0));
    f[0] = (byte) (to == 0 ? 0xff : 2);
    f[5] = (byte) (to == 0 ? 0xff : to);
    f[6] = 2;
    f[11] = (byte) from;
    System.arraycopy(text.getBytes(), 0, f, 14, text.length());
    return f;
  }

  @Test
  void guestsOfOneNetworkHearEachOtherAndNobodyElse() {
    Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
    var a = new Card(monitor.add(GuestSpec.hvm("a", card(1, "lan0"), "nested")).machine());
    var b = new Card(monitor.add(GuestSpec.hvm("b", card(2, "lan0"), "shadow")).machine());
    var c = new Card(monitor.add(GuestSpec.hvm("c", card(1, "lan1"), "nested")).machine());
    a.send(frame(0, 1, "hello all"));
    monitor.run(100_000);
    assertArrayEquals(frame(0, 1, "hello all"), b.received());
    assertNull(c.received());
    b.send(frame(1, 2, "hello a"));
    monitor.run(100_000);
    assertArrayEquals(frame(1, 2, "hello a"), a.received());
    assertNull(b.received());
    assertEquals(1, monitor.networks().get("lan0").state().forwarded());
    assertEquals(0, monitor.networks().get("lan1").state().flooded());
  }

  @Test
  void twoRunsBringTheSameFramesAtTheSameTimes() {
    assertEquals(history(), history());
  }

  private static String history() {
    Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(64 * MIB).withPlatform(MachineConfig.Platform.PC)));
    var a = new Card(monitor.add(GuestSpec.hvm("a", card(1, "lan0"), "nested")).machine());
    var b = new Card(monitor.add(GuestSpec.hvm("b", card(2, "lan0"), "shadow")).machine());
    var log = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      a.send(frame(i % 2 == 0 ? 0 : 2, 1, "frame " + i));
      for (int step = 0; step < 30; step++) {
        monitor.run(100);
        log.append(b.received() == null ? "" : i + "@" + monitor.now() + " ");
      }
    }
    assertEquals(20, log.toString().split(" ").length, log::toString);
    return log.toString();
  }

  private static MachineConfig shares(int address) {
    return idle(VirtioConfig.NONE.withCard(0x020000000000L | address, VirtioConfig.Wire.HOST));
  }

  /** An echo request to the host's gateway, 10.0.2.2, from 10.0.2.n, with this sequence number. */
  private static byte[] ping(int n, int sequence) {
    ByteBuffer f = ByteBuffer.allocate(60);
    f.put(HexFormat.of().parseHex("52550a000202" + "02000000000" + n + "0800" + "4500001c00000000" + "4001" + "0000" + "0a00020" + n + "0a000202"));
    f.putShort(24, (short) sum(f.array(), 14, 20));
    f.put(34, (byte) 8).putShort(40, (short) sequence);
    f.putShort(36, (short) sum(f.array(), 34, 8));
    return f.array();
  }

  private static int sum(byte[] b, int at, int n) {
    int s = 0;
    for (int i = 0; i < n; i += 2) {
      s += (b[at + i] & 0xff) << 8 | b[at + i + 1] & 0xff;
    }
    return ~((s & 0xffff) + (s >>> 16)) & 0xffff;
  }

  /** What the gateway answers comes through the host's card, and to the guest that has asked. */
  @Test
  void theHostsCardIsSharedByAddress() {
    MachineConfig host = MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withVirtio(VirtioConfig.NONE.withCard(0x5254000000feL, VirtioConfig.Wire.NET));
    Monitor monitor = new Monitor(new Machine(host));
    var a = new Card(monitor.add(GuestSpec.hvm("a", shares(1), "nested")).machine());
    var b = new Card(monitor.add(GuestSpec.hvm("b", shares(2), "shadow")).machine());
    a.send(ping(1, 77));
    monitor.run(200_000);
    byte[] answer = a.received();
    assertEquals(0, answer[34], "an echo reply");
    assertEquals(77, answer[41]);
    assertArrayEquals(HexFormat.of().parseHex("02000000000152550a000202"), Arrays.copyOf(answer, 12));
    byte[] flooded = b.received();
    assertArrayEquals(ping(1, 77), flooded, "the gateway's place was not known yet");
    b.send(ping(2, 78));
    monitor.run(200_000);
    assertEquals(78, b.received()[41]);
    assertNull(a.received());
    b.send(frame(1, 2, "between us"));
    monitor.run(200_000);
    assertArrayEquals(frame(1, 2, "between us"), a.received());
    assertEquals(new HostCard.State(2, 2, 0), monitor.hostCard().orElseThrow(), "what guests say to each other stays here");
  }

  /** The card's rings and buffers are where the guest says, in its own memory; what is outside stops the card. */
  @Test
  void theHostsCardDedicatedToOneGuestReachesThatGuestsMemoryAlone() {
    MachineConfig host = MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withVirtio(VirtioConfig.NONE.withCard(0x5254000000feL, VirtioConfig.Wire.NET));
    Monitor monitor = new Monitor(new Machine(host));
    monitor.add(GuestSpec.hvm("first", idle(VirtioConfig.NONE), "nested"));
    Guest guest = monitor.add(GuestSpec.hvm("a", idle(VirtioConfig.NONE), "nested").withDedicated("virtio-net0"));
    var card = new Card(guest.machine());
    card.send(ping(1, 55));
    monitor.run(200_000);
    byte[] answer = card.received();
    assertEquals(55, answer[41]);
    assertEquals(1, guest.machine().memory().read(card.registers(3), 1), "the interrupt has come to the guest's function");
    assertEquals("guest b: the host's virtio-net0 belongs to guest a", assertThrows(MonitorException.class,
        () -> monitor.add(GuestSpec.hvm("b", idle(VirtioConfig.NONE), "nested").withDedicated("virtio-net0"))).getMessage());
    assertEquals("guest b: the host's network card is dedicated to a guest: it cannot be shared",
        assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", shares(2), "nested"))).getMessage());
    long beyond = 16 * MIB;
    assertTrue(monitor.host().memory().isRam(beyond), "memory of the host's that is not the guest's");
    card.sendFrom(beyond);
    monitor.run(200_000);
    assertEquals("buffer outside RAM", monitor.host().virtio().getFirst().reason());
  }

  @Test
  void aHostWithoutACardHasNoneToShare() {
    Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
    assertEquals("guest a: the host has no network card to share",
        assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("a", shares(1), "nested"))).getMessage());
  }

  @Test
  void twoCardsWithOneAddressAreRefused() {
    Monitor monitor = new Monitor(new Machine(MachineConfig.standard().withMemory(96 * MIB).withPlatform(MachineConfig.Platform.PC)));
    monitor.add(GuestSpec.hvm("a", card(7, "lan0"), "nested"));
    long free = monitor.frames().free();
    String why = assertThrows(MonitorException.class, () -> monitor.add(GuestSpec.hvm("b", card(7, "lan0"), "nested"))).getMessage();
    assertTrue(why.startsWith("guest b: its network card has the address 02:00:00:00:00:07, as a has on lan0"), why);
    assertEquals(free, monitor.frames().free());
  }
}
