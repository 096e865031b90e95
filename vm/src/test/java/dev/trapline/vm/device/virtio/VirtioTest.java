package dev.trapline.vm.device.virtio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.ImageException;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.virtio.Driver.Buffer;
import dev.trapline.vm.state.StateForm;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Virtio 1.2 as a driver sees it; section numbers are of that document. */
class VirtioTest {
  private static final long V1 = VirtioDevice.VERSION_1;
  private static final long ALL = -1;
  private static final int RING = 0x1000;
  private static final int RING2 = 0x8000;
  private static final int HEADER = 0x20000;
  private static final int DATA = 0x30000;
  private static final int STATUS = 0x2f000;
  private static final int TABLE = 0x28000;

  /** A disk in memory, written like a file. */
  private static final class Memory implements DiskImage {
    final byte[] bytes = new byte[1 << 20];
    boolean readOnly;
    boolean broken;

    Memory() {
      new Random(1).nextBytes(bytes);
    }

    long sectors() {
      return bytes.length / 512;
    }

    @Override
    public String name() {
      return "memory";
    }

    @Override
    public String format() {
      return "raw";
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public boolean writable() {
      return !readOnly;
    }

    private void fail() {
      if (broken) {
        throw new ImageException("broken");
      }
    }

    @Override
    public void read(long at, byte[] to, int from, int n) {
      fail();
      System.arraycopy(bytes, (int) at, to, from, n);
    }

    @Override
    public void write(long at, byte[] b, int from, int n) {
      fail();
      System.arraycopy(b, from, bytes, (int) at, n);
    }
  }

  private final Memory disk = new Memory();

  private Driver block() {
    return new Driver(h -> new VirtioBlock("vda", h, new Medium("disk", disk, disk.readOnly), "TL0001"));
  }

  private static Driver.Ring started(Driver d, long features) {
    assertTrue(d.negotiate(features | V1));
    Driver.Ring r = d.new Ring(0, 16, RING);
    d.start();
    return r;
  }

  private static void header(Driver d, int type, long sector) {
    d.memory.write(HEADER, 4, type);
    d.memory.write(HEADER + 4, 4, 0);
    d.memory.write(HEADER + 8, 8, sector);
    d.memory.write(STATUS, 1, 0xee);
  }

  private static Buffer in(long pa, long n) {
    return new Buffer(pa, n, true);
  }

  private static Buffer out(long pa, long n) {
    return new Buffer(pa, n, false);
  }

  /** One request with a single data buffer; returns its status. */
  private static int request(Driver d, Driver.Ring r, int type, long sector, Buffer data) {
    header(d, type, sector);
    int head = data == null ? r.add(out(HEADER, 16), in(STATUS, 1)) : r.add(out(HEADER, 16), data, in(STATUS, 1));
    r.kick();
    d.run();
    r.take(head);
    return (int) d.memory.read(STATUS, 1);
  }

  // ---- transport

  @Test
  void identityIsThatOfAModernDevice() {
    Driver d = block();
    assertEquals(0x10421af4, d.config(0, 4), "4.1.2: 1040h + 2");
    assertTrue(d.config(8, 1) >= 1, "4.1.2.1: revision of a non-transitional device");
    assertTrue(d.config(0x2e, 2) >= 0x40, "4.1.2.1");
    assertEquals(1, d.config(0x3d, 1));
    assertEquals(V1, d.offered() & V1);
  }

  @Test
  void negotiationRefusesFeaturesNeverOfferedAndNeedsVersion1() {
    Driver d = block();
    assertTrue(d.negotiate(V1));
    assertFalse(d.negotiate(0), "without VERSION_1 (6.1)");
    d.status(0);
    d.status(3);
    d.common(8, 4, 1);
    d.common(12, 4, 1 | 1 << 20);
    d.status(0xb);
    assertEquals(3, d.status(), "bit 52 is not offered");
  }

  @Test
  void theWindowInConfigurationSpaceReachesTheRegisters() {
    Driver d = block();
    int cap = d.at.get(5).intValue();
    d.config(cap + 4, 1, VirtioDevice.BAR);
    d.config(cap + 8, 4, VirtioDevice.COMMON + 20);
    d.config(cap + 12, 4, 1);
    d.config(cap + 16, 1, 3);
    assertEquals(3, d.status());
    assertEquals(3, d.config(cap + 16, 1));
    d.config(cap + 8, 4, VirtioDevice.DEVICE);
    d.config(cap + 12, 4, 4);
    assertEquals(disk.sectors(), d.config(cap + 16, 4));
    d.config(cap + 8, 4, -4);
    assertEquals(3, d.status(), "outside the window: nothing happens");
    d.config(cap + 16, 4, 0);
    assertEquals(3, d.status());
  }

  @Test
  void interruptIsLevelUntilTheStatusIsRead() {
    Driver d = block();
    Driver.Ring r = started(d, 0);
    assertEquals(0, request(d, r, 0, 0, in(DATA, 512)));
    assertTrue(d.line());
    assertEquals(1, d.isr());
    assertFalse(d.line());
    assertEquals(0, d.isr());
    d.memory.write(r.avail, 2, 1);
    assertEquals(0, request(d, r, 0, 0, in(DATA, 512)));
    assertFalse(d.line(), "2.7.7: VIRTQ_AVAIL_F_NO_INTERRUPT");
  }

  @Test
  void withoutBusMasteringNothingMovesUntilItIsOn() {
    Driver d = block();
    Driver.Ring r = started(d, 0);
    d.config(4, 2, 2);
    header(d, 0, 0);
    int head = r.add(out(HEADER, 16), in(DATA, 512), in(STATUS, 1));
    r.kick();
    d.run();
    assertEquals(0, r.usedIndex());
    d.config(4, 2, 6);
    d.run();
    assertEquals(513, r.take(head));
  }

  @Test
  void eventIndexSuppressesInterruptsAndNotifications() {
    Driver d = block();
    Driver.Ring r = started(d, VirtioDevice.EVENT_IDX);
    r.usedEvent(1);
    assertEquals(0, request(d, r, 0, 0, in(DATA, 512)));
    assertFalse(d.line(), "2.7.10: used index 1 passes event 0 only");
    assertEquals(1, r.availEvent(), "tell me of the next one");
    assertEquals(0, request(d, r, 0, 0, in(DATA, 512)));
    assertTrue(d.line());
    assertEquals(2, r.availEvent());
  }

  @Test
  void resetForgetsQueuesAndInterrupts() {
    Driver d = block();
    Driver.Ring r = started(d, 0);
    request(d, r, 0, 0, in(DATA, 512));
    d.status(0);
    assertEquals(0, d.status());
    assertFalse(d.line());
    d.common(22, 2, 0);
    assertEquals(0, d.common(28, 2));
    assertEquals(256, d.common(24, 2));
    assertEquals(0, d.common(32, 8));
  }

  @Test
  void aQueueThatDoesNotExistHasSizeZero() {
    Driver d = block();
    d.common(22, 2, 1);
    assertEquals(0, d.common(24, 2), "4.1.4.3.1");
    d.common(24, 2, 16);
    assertEquals(0, d.common(24, 2));
    assertEquals(1, d.common(18, 2));
  }

  @Test
  void messagesTakeThePlaceOfThePin() {
    Driver d = block();
    long table = 0xfd000000L;
    d.config(0x14, 4, (int) table);
    int cap = d.msix();
    assertEquals(1, d.config(cap + 2, 2) & 0x7ff, "two vectors");
    d.config(cap + 2, 2, 0x8000);
    assertTrue(d.negotiate(V1));
    d.common(16, 2, 0);
    assertEquals(0, d.common(16, 2));
    d.common(22, 2, 0);
    d.common(26, 2, 9);
    assertEquals(0xffff, d.common(26, 2), "4.1.5.1.2: no such vector");
    d.common(26, 2, 1);
    Driver.Ring r = d.new Ring(0, 16, RING);
    d.start();
    d.memory.write(table + 16, 8, 0xfee01000L);
    d.memory.write(table + 24, 4, 0x41);
    assertEquals(0, request(d, r, 4, 0, null));
    assertEquals(List.of(), d.messages, "masked");
    assertEquals(2, d.memory.read(table + 0x800, 8));
    d.memory.write(table + 28, 4, 0);
    assertEquals(List.of("fee01000:41"), d.messages);
    assertEquals(0, d.memory.read(table + 0x800, 4));
    assertEquals(0, request(d, r, 4, 0, null));
    assertEquals(2, d.messages.size());
    assertFalse(d.line());
    assertEquals(0, d.isr());
    d.memory.write(table, 8, 0xfee02000L);
    d.memory.write(table + 8, 8, 0x42);
    r.offer(99);
    r.kick();
    d.run();
    assertEquals("fee02000:42", d.messages.getLast());
    assertEquals(2, d.isr());
  }

  // ---- block

  @Test
  void blockReadsAndWrites() {
    Driver d = block();
    Driver.Ring r = started(d, 0);
    assertEquals(0, request(d, r, 0, 5, in(DATA, 4096)));
    assertArrayEquals(java.util.Arrays.copyOfRange(disk.bytes, 5 * 512, 5 * 512 + 4096), d.peek(DATA, 4096));
    byte[] mine = "written by the guest".repeat(26).substring(0, 512).getBytes(StandardCharsets.US_ASCII);
    d.poke(DATA, mine);
    assertEquals(0, request(d, r, 1, 7, out(DATA, 512)));
    assertArrayEquals(mine, java.util.Arrays.copyOfRange(disk.bytes, 7 * 512, 8 * 512));
    assertEquals(0, request(d, r, 4, 0, null), "flush");
    assertEquals(2, request(d, r, 99, 0, null), "unsupported");
    assertEquals(0, request(d, r, 8, 0, in(DATA, 20)));
    assertEquals("TL0001", new String(d.peek(DATA, 6), StandardCharsets.US_ASCII));
  }

  @Test
  void blockRefusesWhatIsOutsideOrNotWholeSectors() {
    Driver d = block();
    Driver.Ring r = started(d, 0);
    assertEquals(0, request(d, r, 0, disk.sectors() - 1, in(DATA, 512)));
    assertEquals(1, request(d, r, 0, disk.sectors() - 1, in(DATA, 1024)));
    assertEquals(1, request(d, r, 0, -1, in(DATA, 512)));
    assertEquals(1, request(d, r, 0, Long.MAX_VALUE / 256, in(DATA, 512)));
    assertEquals(1, request(d, r, 0, 0, in(DATA, 500)));
    disk.broken = true;
    assertEquals(1, request(d, r, 0, 0, in(DATA, 512)), "the host's failure is an I/O error");
    assertEquals(0, d.device.malformed());
  }

  @Test
  void blockZeroesRanges() {
    Driver d = block();
    Driver.Ring r = started(d, ALL);
    d.memory.write(DATA, 8, 3);
    d.memory.write(DATA + 8, 4, 2);
    d.memory.write(DATA + 12, 4, 0);
    byte before = disk.bytes[5 * 512];
    assertEquals(0, request(d, r, 13, 0, out(DATA, 16)));
    assertArrayEquals(new byte[1024], java.util.Arrays.copyOfRange(disk.bytes, 3 * 512, 5 * 512));
    assertEquals(before, disk.bytes[5 * 512]);
    assertEquals(1, request(d, r, 11, 0, out(DATA, 8)));
  }

  @Test
  void aReadOnlyDiskSaysSo() {
    disk.readOnly = true;
    Driver d = block();
    assertEquals(1 << 5, d.offered() & 1 << 5);
    byte before = disk.bytes[0];
    assertEquals(1, request(d, started(d, 0), 1, 0, out(DATA, 512)));
    assertEquals(before, disk.bytes[0]);
  }

  @Test
  void indirectTablesAndFramingAreTheDriversChoice() {
    Driver d = block();
    Driver.Ring r = started(d, VirtioDevice.INDIRECT_DESC);
    header(d, 0, 2);
    int head = r.addIndirect(TABLE, out(HEADER, 5), out(HEADER + 5, 11), in(DATA, 100), in(DATA + 100, 411), in(DATA + 511, 1),
        in(STATUS, 1));
    r.kick();
    d.run();
    assertEquals(513, r.take(head));
    assertArrayEquals(java.util.Arrays.copyOfRange(disk.bytes, 1024, 1536), d.peek(DATA, 512));
    assertEquals(0, d.memory.read(STATUS, 1));
  }

  @Test
  void ringsGoAround() {
    Driver d = block();
    Driver.Ring r = started(d, ALL);
    for (int i = 0; i < 70_000; i++) {
      header(d, 4, 0);
      int head = r.addIndirect(TABLE, out(HEADER, 16), in(STATUS, 1));
      r.kick();
      d.run();
      assertEquals(1, r.take(head));
    }
  }

  @Test
  void stateContinuesInAnotherMachine() {
    Driver a = block();
    Driver.Ring r = started(a, ALL);
    request(a, r, 0, 0, in(DATA, 512));
    header(a, 0, 9);
    int head = r.add(out(HEADER, 16), in(DATA, 512), in(STATUS, 1));
    r.kick();
    VirtioBlock.State saved = (VirtioBlock.State) a.device.state();
    Driver b = block();
    b.memory.contents(a.memory.contents());
    ((VirtioBlock) b.device).state(StateForm.together(VirtioBlock.State.class, StateForm.apart(saved), "vda"));
    b.bus.state(a.bus.state());
    b.scheduler.state(a.scheduler.state());
    b.run();
    assertArrayEquals(java.util.Arrays.copyOfRange(disk.bytes, 9 * 512, 10 * 512), b.peek(DATA, 512));
    assertEquals(2, b.memory.read(r.used + 2, 2));
    assertEquals(head, b.memory.read(r.used + 12, 4));
  }

  // ---- console, entropy, net

  @Test
  void consoleSendsAndReceives() {
    var sent = new ByteArrayOutputStream();
    Driver d = new Driver(h -> new VirtioConsole("hvc0", h));
    assertEquals(0x10431af4, d.config(0, 4));
    VirtioConsole console = (VirtioConsole) d.device;
    console.sink(sent::write);
    "early".chars().forEach(console::receive);
    assertTrue(d.negotiate(V1));
    Driver.Ring in = d.new Ring(0, 4, RING);
    Driver.Ring out = d.new Ring(1, 4, RING2);
    int a = in.add(in(DATA, 3));
    d.start();
    d.run();
    assertEquals(3, in.take(a));
    assertEquals("ear", new String(d.peek(DATA, 3), StandardCharsets.US_ASCII));
    int b = in.add(in(DATA, 64));
    in.kick();
    d.run();
    assertEquals(2, in.take(b));
    assertEquals(0, console.unread());
    d.poke(DATA, "hello, host".getBytes(StandardCharsets.US_ASCII));
    int c = out.add(out(DATA, 5), out(DATA + 5, 6));
    out.kick();
    d.run();
    assertEquals(0, out.take(c));
    d.memory.write(d.at.get(4) + 8, 4, '!');
    assertEquals("hello, host!", sent.toString(StandardCharsets.US_ASCII));
  }

  @Test
  void entropyIsTheSameForTheSameSeed() {
    byte[] first = random(7);
    assertArrayEquals(first, random(7));
    assertFalse(java.util.Arrays.equals(first, random(8)));
    // SplitMix64 from seed 7, as java.util.SplittableRandom defines it.
    assertEquals(new java.util.SplittableRandom(7).nextLong(), Bytes.get(first, 0, 8));
  }

  private static byte[] random(long seed) {
    Driver d = new Driver(h -> new VirtioEntropy("rng", h, seed));
    assertEquals(0x10441af4, d.config(0, 4));
    Driver.Ring r = started(d, ALL);
    int head = r.add(in(DATA, 61), in(DATA + 61, 3));
    r.kick();
    d.run();
    assertEquals(64, r.take(head));
    return d.peek(DATA, 64);
  }

  @Test
  void twoCardsOnACable() {
    Driver a = new Driver(h -> new VirtioNet("net0", h, new byte[] {2, 0, 0, 0, 0, 1}));
    Driver b = new Driver(h -> new VirtioNet("net0", h, new byte[] {2, 0, 0, 0, 0, 2}));
    NetPort.join((NetPort) a.device, (NetPort) b.device);
    assertEquals(0x10411af4, a.config(0, 4));
    assertEquals(0x020000, a.config(8, 4) >>> 8);
    for (Driver d : List.of(a, b)) {
      assertTrue(d.negotiate(ALL));
    }
    assertEquals(2, b.deviceConfig(5, 1), "its address");
    assertEquals(1, b.deviceConfig(6, 2), "link up");
    Driver.Ring in = b.new Ring(0, 4, RING);
    Driver.Ring out = a.new Ring(1, 4, RING);
    a.start();
    b.start();
    byte[] frame = new byte[60];
    new Random(3).nextBytes(frame);
    a.poke(DATA + 12, frame);
    for (int i = 0; i < 2; i++) {
      int sent = out.add(out(DATA, 12), out(DATA + 12, 60));
      out.kick();
      a.run();
      out.take(sent);
    }
    b.run();
    int head = in.add(in(DATA, 1526));
    in.kick();
    b.run();
    assertEquals(72, in.take(head));
    assertArrayEquals(frame, b.peek(DATA + 12, 60));
    assertEquals(1, b.memory.read(DATA + 10, 2), "5.1.6.1: num_buffers");
    int small = in.add(in(DATA, 40));
    in.kick();
    b.run();
    assertEquals(0, in.take(small));
    assertEquals(1, ((VirtioNet) b.device).dropped());
  }

  @Test
  void loopbackReturnsFramesInOrder() {
    Driver d = new Driver(h -> new VirtioNet("net0", h, new byte[] {2, 0, 0, 0, 0, 1}));
    VirtioNet net = (VirtioNet) d.device;
    net.sink(net::receive);
    assertTrue(d.negotiate(ALL));
    Driver.Ring in = d.new Ring(0, 16, RING);
    Driver.Ring out = d.new Ring(1, 16, RING2);
    d.start();
    var heads = new ArrayList<Integer>();
    for (int i = 0; i < 5; i++) {
      heads.add(in.add(in(DATA + 0x1000L * i, 1526)));
      d.memory.write(DATA + 0x8000 + 0x100 * i + 12, 1, i);
      out.add(out(DATA + 0x8000 + 0x100L * i, 12 + 14 + i));
    }
    out.kick();
    d.run();
    for (int i = 0; i < 5; i++) {
      assertEquals(12 + 14 + i, in.take(heads.get(i)));
      assertEquals(i, d.memory.read(DATA + 0x1000L * i + 12, 1));
    }
  }
}
