package dev.trapline.vm.device.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A machine with one virtio device and an operating system's driver for it: everything goes through ports, registers and memory. */
final class Driver {
  static final int RAM = 16 << 20;
  private static final long PER_SECOND = 100_000_000;
  private static final int SLOT = 3;
  private static final long BAR = 0xfe000000L;
  private static final int DESC_NEXT = 1;
  private static final int DESC_WRITE = 2;
  private static final int DESC_INDIRECT = 4;

  /** A buffer: where, how long, and who writes it. */
  record Buffer(long pa, long length, boolean deviceWrites) {}

  private long now;
  final PortMap ports = new PortMap();
  final PhysicalMemory memory = new PhysicalMemory(1L << 32);
  final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  private final boolean[] lines = new boolean[4];
  final PciBus bus = new PciBus(ports, memory, n -> high -> lines[n] = high);
  /** Interrupt messages: address and data in hexadecimal. */
  final List<String> messages = new ArrayList<>();
  final VirtioDevice<?> device;
  final VirtioHost host = new VirtioHost(scheduler, PER_SECOND, new GuestMemory(memory, memory::isRam),
      (address, data) -> messages.add(String.format("%x:%x", address, data)));
  /** Structures by type: address in memory, or of the capability for the last. */
  final Map<Integer, Long> at = new HashMap<>();
  long features;

  Driver(Function<VirtioHost, VirtioDevice<?>> make) {
    memory.addRam("ram", 0, RAM);
    device = make.apply(host);
    bus.add(SLOT, 0, device);
    config(0x10 + 4 * VirtioDevice.BAR, 4, (int) BAR);
    config(4, 2, 6);
    findStructures();
  }

  // ---- PCI

  int config(int register, int bytes) {
    ports.out(0xcf8, 4, 0x80000000 | SLOT << 11 | register & ~3);
    return ports.in(0xcfc + (register & 3), bytes);
  }

  void config(int register, int bytes, int value) {
    ports.out(0xcf8, 4, 0x80000000 | SLOT << 11 | register & ~3);
    ports.out(0xcfc + (register & 3), bytes, value);
  }

  private void findStructures() {
    assertTrue((config(6, 2) & 0x10) != 0, "capability list");
    for (int cap = config(0x34, 1); cap != 0; cap = config(cap + 1, 1)) {
      if (config(cap, 1) == 9) {
        int type = config(cap + 3, 1);
        assertTrue(type == 5 || config(cap + 4, 1) == VirtioDevice.BAR);
        at.put(type, type == 5 ? cap : BAR + config(cap + 8, 4));
      }
    }
    assertEquals(5, at.size(), "structures " + at);
  }

  /** Where the MSI-X capability is. */
  int msix() {
    int cap = config(0x34, 1);
    while (config(cap, 1) != 0x11) {
      cap = config(cap + 1, 1);
    }
    return cap;
  }

  boolean line() {
    return lines[SLOT & 3];
  }

  int isr() {
    return (int) memory.read(at.get(3), 1);
  }

  // ---- common configuration

  long common(int offset, int bytes) {
    return memory.read(at.get(1) + offset, bytes);
  }

  void common(int offset, int bytes, long value) {
    memory.write(at.get(1) + offset, bytes, value);
  }

  long deviceConfig(int offset, int bytes) {
    return memory.read(at.get(4) + offset, bytes);
  }

  int status() {
    return (int) common(20, 1);
  }

  void status(int value) {
    common(20, 1, value);
  }

  long offered() {
    common(0, 4, 0);
    long low = common(4, 4);
    common(0, 4, 1);
    return low | common(4, 4) << 32;
  }

  /** Resets and negotiates: the wanted features that are offered. */
  boolean negotiate(long wanted) {
    status(0);
    assertEquals(0, status());
    status(1);
    status(3);
    features = offered() & wanted;
    common(8, 4, 0);
    common(12, 4, features & 0xffffffffL);
    common(8, 4, 1);
    common(12, 4, features >>> 32);
    status(0xb);
    return (status() & 8) != 0;
  }

  void start() {
    status(0xf);
    assertEquals(0xf, status(), device.reason());
  }

  /** Lets queued work happen. */
  void run() {
    for (int i = 0; i < 10_000 && scheduler.nextEvent() != Scheduler.NEVER; i++) {
      runOnce();
    }
    assertEquals(Scheduler.NEVER, scheduler.nextEvent(), "work that does not end");
  }

  /** Lets time pass to the next event. */
  void runOnce() {
    now = Math.max(now, scheduler.nextEvent());
    scheduler.runDue(now);
  }

  void poke(long pa, byte[] bytes) {
    memory.poke(pa, bytes, 0, bytes.length);
  }

  byte[] peek(long pa, int n) {
    byte[] b = new byte[n];
    memory.peek(pa, b, 0, n);
    return b;
  }

  // ---- queues

  /** A queue in guest memory, driven as the specification tells drivers to. */
  final class Ring {
    final int index;
    final int size;
    final long desc;
    final long avail;
    final long used;
    int put;
    int seen;
    private int free;

    Ring(int index, int size, long base) {
      this.index = index;
      this.size = size;
      this.desc = base;
      this.avail = base + 16L * size;
      this.used = avail + 6 + 2L * size + 3 & -4;
      common(22, 2, index);
      assertNotEquals(0, common(24, 2), "queue exists");
      common(24, 2, size);
      address(32, desc);
      address(40, avail);
      address(48, used);
      common(28, 2, 1);
    }

    Driver driver() {
      return Driver.this;
    }

    private void address(int offset, long pa) {
      common(offset, 4, pa & 0xffffffffL);
      common(offset + 4, 4, pa >>> 32);
    }

    void descriptor(long table, int i, long pa, long length, int flags, int next) {
      memory.write(table + 16L * i, 8, pa);
      memory.write(table + 16L * i + 8, 4, length);
      memory.write(table + 16L * i + 12, 2, flags);
      memory.write(table + 16L * i + 14, 2, next);
    }

    /** Puts a chain, its descriptors taken in a circle, and makes it available; returns its head. */
    int add(Buffer... buffers) {
      int head = free;
      for (int i = 0; i < buffers.length; i++) {
        int d = free;
        free = (free + 1) % size;
        boolean last = i == buffers.length - 1;
        descriptor(desc, d, buffers[i].pa, buffers[i].length, flags(buffers[i], last), last ? 0 : free);
      }
      offer(head);
      return head;
    }

    int addIndirect(long table, Buffer... buffers) {
      for (int i = 0; i < buffers.length; i++) {
        boolean last = i == buffers.length - 1;
        descriptor(table, i, buffers[i].pa, buffers[i].length, flags(buffers[i], last), last ? 0 : i + 1);
      }
      int head = free;
      free = (free + 1) % size;
      descriptor(desc, head, table, 16L * buffers.length, DESC_INDIRECT, 0);
      offer(head);
      return head;
    }

    private static int flags(Buffer b, boolean last) {
      return (b.deviceWrites ? DESC_WRITE : 0) | (last ? 0 : DESC_NEXT);
    }

    void offer(int head) {
      memory.write(avail + 4 + 2L * (put % size), 2, head);
      put = put + 1 & 0xffff;
      memory.write(avail + 2, 2, put);
    }

    void kick() {
      memory.write(at.get(2) + 4L * index, 2, index);
    }

    int usedIndex() {
      return (int) memory.read(used + 2, 2);
    }

    /** The next used element must be of {@code head}; returns the bytes written. */
    long take(int head) {
      assertNotEquals(seen, usedIndex(), "nothing used: " + device.reason());
      assertEquals(head, memory.read(used + 4 + 8L * (seen % size), 4));
      long n = memory.read(used + 8 + 8L * (seen % size), 4);
      seen = seen + 1 & 0xffff;
      return n;
    }

    int availEvent() {
      return (int) memory.read(used + 4 + 8L * size, 2);
    }

    void usedEvent(int value) {
      memory.write(avail + 4 + 2L * size, 2, value);
    }
  }
}
