package dev.trapline.vm.device.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.virtio.Driver.Buffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Drivers that break the rules: the device stops and says why, and a reset makes it as good as new. */
class VirtioFuzzTest {
  private static final int RING = 0x1000;
  private static final int HEADER = 0x20000;
  private static final int DATA = 0x30000;
  private static final int TABLE = 0x28000;
  private static final int SIZE = 16;
  private static final int SPACE = 0x40000;
  private static final int CASES = 10_000;

  private static VirtioDevice<?> disk(VirtioHost host) {
    return new VirtioBlock("d", host, new Medium("disk", DiskImage.of("image", new byte[64 * 512], DiskImage.Format.RAW), false), "");
  }

  private static Driver block() {
    return new Driver(VirtioFuzzTest::disk);
  }

  /** What one mistake leads to: the reason, the status bit, a configuration interrupt, and life after a reset. */
  private static void mistake(String reason, Consumer<Driver.Ring> does) {
    Driver d = block();
    assertTrue(d.negotiate(-1));
    Driver.Ring r = d.new Ring(0, SIZE, RING);
    d.start();
    does.accept(r);
    r.kick();
    d.run();
    assertEquals(reason, d.device.reason());
    assertEquals(1, d.device.malformed());
    assertEquals(0x4f, d.status());
    assertTrue(d.line());
    assertEquals(2, d.isr() & 2, "2.1.2: configuration change");
    r.kick();
    d.run();
    assertEquals(1, d.device.malformed(), "it has stopped");
    works(d);
  }

  /** A flush goes through after a reset. */
  private static void works(Driver d) {
    assertTrue(d.negotiate(VirtioDevice.VERSION_1));
    d.memory.poke(RING, new byte[0x1000], 0, 0x1000);
    Driver.Ring r = d.new Ring(0, SIZE, RING);
    d.start();
    d.memory.write(HEADER, 4, 4);
    int head = r.add(new Buffer(HEADER, 16, false), new Buffer(DATA, 1, true));
    r.kick();
    d.run();
    assertEquals(1, r.take(head));
  }

  @Test
  void everyMistakeHasItsName() {
    Driver d = block();
    mistake("descriptor loop", r -> {
      r.descriptor(r.desc, 0, HEADER, 16, 1, 1);
      r.descriptor(r.desc, 1, HEADER, 16, 1, 0);
      r.offer(0);
    });
    mistake("descriptor index", r -> r.offer(SIZE));
    mistake("descriptor index", r -> {
      r.descriptor(r.desc, 0, HEADER, 16, 1, SIZE);
      r.offer(0);
    });
    mistake("available index", r -> {
      r.put = SIZE;
      r.offer(0);
    });
    mistake("buffer outside RAM", r -> r.add(new Buffer(Driver.RAM - 8, 16, false)));
    mistake("buffer outside RAM", r -> r.add(new Buffer(-8, 16, false)));
    mistake("buffer outside RAM", r -> r.add(new Buffer(0xfe000000L, 16, true)));
    mistake("buffer length", r -> r.add(new Buffer(0, 0xffffffffL, true)));
    mistake("buffer length", r -> r.add(new Buffer(HEADER, 0, false)));
    mistake("readable after writable descriptor", r -> r.add(new Buffer(DATA, 1, true), new Buffer(HEADER, 16, false)));
    mistake("indirect table length", r -> {
      r.descriptor(r.desc, 0, TABLE, 17, 4, 0);
      r.offer(0);
    });
    mistake("indirect table outside RAM", r -> {
      r.descriptor(r.desc, 0, Driver.RAM, 16, 4, 0);
      r.offer(0);
    });
    mistake("indirect descriptor", r -> {
      r.descriptor(r.desc, 0, TABLE, 16, 4, 0);
      r.descriptor(TABLE, 0, TABLE, 16, 4, 0);
      r.offer(0);
    });
    mistake("block request", r -> r.add(new Buffer(HEADER, 8, false), new Buffer(DATA, 1, true)));
    mistake("queue changed while enabled", r -> d(r, 24, 2, 8));
    mistake("queue changed while enabled", r -> d(r, 32, 4, 8));
    assertEquals(0, d.device.malformed());
  }

  /** Stores to the common configuration of the driver a ring belongs to. */
  private static void d(Driver.Ring r, int offset, int bytes, long value) {
    r.driver().common(offset, bytes, value);
  }

  @Test
  void queueSizesArePowersOfTwo() {
    for (int size : new int[] {0, 3, 5, 255, 512, 0xffff}) {
      Driver d = block();
      assertTrue(d.negotiate(-1));
      d.common(24, 2, size);
      assertEquals("queue size", d.device.reason(), "size " + size);
      assertEquals(0x4b, d.status());
      assertFalse(d.line(), "2.1.2: no interrupt before DRIVER_OK");
      works(d);
    }
  }

  @Test
  void queuesOutsideRamOrOutOfAlignmentAreRefused() {
    for (long[] bad : new long[][] {{32, 8}, {40, 1}, {48, 2}, {32, Driver.RAM}, {40, -2}, {48, 0xfe000000L}, {32, Long.MIN_VALUE}}) {
      Driver d = block();
      assertTrue(d.negotiate(-1));
      for (int field = 32; field <= 48; field += 8) {
        d.common((int) bad[0], 4, bad[1]);
        d.common((int) bad[0] + 4, 4, bad[1] >>> 32);
      }
      d.common(28, 2, 1);
      assertTrue(d.device.reason().startsWith("queue "), d.device.reason());
      works(d);
    }
  }

  @Test
  void anEndlessSupplyOfWorkDoesNotHoldUpTheMachine() {
    Driver d = block();
    assertTrue(d.negotiate(-1));
    Driver.Ring r = d.new Ring(0, SIZE, RING);
    d.start();
    int parts = 1000;
    for (int i = 0; i < parts; i++) {
      r.descriptor(TABLE, i, DATA, 1 << 16, i == parts - 1 ? 2 : 3, i + 1);
    }
    d.memory.write(HEADER, 4, 8);
    r.descriptor(TABLE, 0, HEADER, 16, 1, 1);
    r.descriptor(r.desc, 0, TABLE, 16L * parts, 4, 0);
    for (int i = 0; i < SIZE; i++) {
      r.offer(0);
    }
    r.kick();
    d.runOnce();
    assertEquals(1, r.usedIndex(), "one such request at a time");
    d.run();
    assertEquals(SIZE, r.usedIndex());
  }

  // ---- random drivers

  private static final Map<String, Function<VirtioHost, VirtioDevice<?>>> DEVICES = new TreeMap<>(Map.of(
      "block", VirtioFuzzTest::disk,
      "console", h -> new VirtioConsole("d", h),
      "entropy", h -> new VirtioEntropy("d", h, 1),
      "net", h -> new VirtioNet("d", h, new byte[6])));

  @Test
  void randomRingsNeitherThrowNorHang() {
    var reasons = new TreeMap<String, Integer>();
    int good = 0;
    for (var kind : DEVICES.entrySet()) {
      Driver d = new Driver(kind.getValue());
      for (int i = 0; i < CASES / DEVICES.size(); i++) {
        Random random = new Random(i * 31L + kind.getKey().hashCode());
        int before = d.device.malformed();
        hostile(d, random);
        if (d.device.malformed() == before) {
          good++;
        } else {
          assertTrue((d.status() & 0x40) != 0);
          reasons.merge(d.device.reason(), 1, Integer::sum);
        }
      }
    }
    assertTrue(reasons.size() >= 10 && good > 500, good + " cases without a mistake, and " + reasons);
  }

  private static void hostile(Driver d, Random random) {
    assertTrue(d.negotiate(random.nextBoolean() ? -1 : VirtioDevice.VERSION_1));
    int queues = (int) d.common(18, 2);
    var rings = new Driver.Ring[queues];
    for (int q = 0; q < queues; q++) {
      rings[q] = d.new Ring(q, SIZE, RING + 0x1000L * q);
      d.memory.poke(RING + 0x1000L * q, new byte[0x1000], 0, 0x1000);
    }
    d.status(0xf);
    if (d.device instanceof VirtioConsole c) {
      c.receive(random.nextInt());
    } else if (d.device instanceof VirtioNet n) {
      n.receive(new byte[random.nextInt(2000)]);
    }
    for (int step = 0; step < 3; step++) {
      Driver.Ring r = rings[random.nextInt(queues)];
      scribble(r, random);
      registers(d, random);
      r.kick();
      d.run();
    }
  }

  /** Descriptors that are mostly right, with anything in between. */
  private static void scribble(Driver.Ring r, Random random) {
    Driver d = r.driver();
    d.memory.write(HEADER, 4, random.nextInt(16));
    d.memory.write(HEADER + 8, 8, random.nextInt(100));
    for (int i = 0; i < SIZE; i++) {
      r.descriptor(r.desc, i, address(random), length(random), flags(random), random.nextInt(SIZE + 1));
      r.descriptor(TABLE, i, address(random), length(random), flags(random), random.nextInt(SIZE + 1));
    }
    if (random.nextInt(3) == 0) {
      r.descriptor(r.desc, 0, HEADER, 16, 1, 1);
      r.descriptor(r.desc, 1, DATA, 512, 3, 2);
      r.descriptor(r.desc, 2, DATA, 1, 2, 0);
    }
    int chains = random.nextInt(3);
    for (int i = 0; i < chains; i++) {
      r.offer(random.nextInt(8) == 0 ? random.nextInt(0x10000) : random.nextInt(3));
    }
    if (random.nextInt(20) == 0) {
      d.memory.write(r.avail + 2, 2, random.nextInt(0x10000));
    }
  }

  private static long address(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong();
      case 1 -> Driver.RAM - random.nextInt(64);
      case 2, 3 -> TABLE;
      case 4, 5 -> HEADER;
      default -> random.nextInt(SPACE);
    };
  }

  private static long length(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextInt() & 0xffffffffL;
      case 1 -> 0;
      case 2, 3 -> 16L * random.nextInt(20);
      default -> 1 + random.nextInt(2048);
    };
  }

  private static int flags(Random random) {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextInt(0x10000);
      case 1 -> 4;
      case 2, 3, 4, 5 -> 1;
      case 6, 7 -> 3;
      case 8, 9, 10, 11 -> 2;
      default -> 0;
    };
  }

  /** Now and then accesses of all widths anywhere in the registers. */
  private static void registers(Driver d, Random random) {
    for (int i = random.nextInt(4); i > 0 && random.nextInt(4) == 0; i--) {
      int bytes = 1 << random.nextInt(4);
      long pa = d.at.get(1) + (random.nextInt(0x4000) & -bytes);
      if (random.nextBoolean()) {
        d.memory.read(pa, bytes);
      } else {
        d.memory.write(pa, bytes, random.nextLong());
      }
    }
  }
}
