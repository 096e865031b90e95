package dev.trapline.vm.vmm;

import dev.trapline.vm.bus.PortBus;
import dev.trapline.vm.device.pci.PciFunction;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.OptionalInt;

/**
 * A driver's part of a virtio function: configuration space through ports CF8h and CFCh, registers through memory, rings in memory
 * (Virtio 1.2, 2.7, 3.1 and 4.1). It uses MSI-X with one vector for the first queue, or polls.
 */
final class VirtioDriver {
  private static final int ADDRESS_PORT = 0xcf8;
  private static final int DATA_PORT = 0xcfc;
  private static final int ENABLE = 0x80000000;
  private static final int VIRTIO = 0x1af4;
  private static final int SLOTS = 32;
  private static final int VENDOR_SPECIFIC = 9;
  private static final int MSIX_CAPABILITY = 0x11;
  private static final int MSIX_ENABLE = 0x8000;
  /** Where in the window the registers are; before them the interrupt messages. */
  static final int REGISTERS = 0x8000;
  private static final int FIRST_BAR = 0x10;
  private static final int STRUCTURES = 6;
  private static final int COMMON = 1;
  private static final int NOTIFY = 2;
  private static final int DEVICE = 4;
  /** Device status (2.1): acknowledged, driver, features, driver is ready. */
  private static final int FOUND = 3;
  private static final int FEATURES_OK = 0xb;
  private static final int READY = 0xf;

  private final PortBus ports;
  private final PhysicalMemory memory;
  private final int slot;
  /** Where the structures are by type. */
  private final long[] at = new long[STRUCTURES];
  private int multiplier;

  /** The slot of bus 0 with a modern virtio device of a kind. */
  static OptionalInt find(PortBus ports, int kind) {
    for (int slot = 0; slot < SLOTS; slot++) {
      ports.out(ADDRESS_PORT, 4, ENABLE | slot << 11);
      if (ports.in(DATA_PORT, 4) == (0x1040 + kind << 16 | VIRTIO)) {
        return OptionalInt.of(slot);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * @param window physical address for the function's registers, 64 KiB that are free; 0 if firmware has placed them
   */
  VirtioDriver(PortBus ports, PhysicalMemory memory, int slot, long window) {
    this.ports = ports;
    this.memory = memory;
    this.slot = slot;
    if (window != 0) {
      config(FIRST_BAR + 4, 4, (int) window);
      config(FIRST_BAR + 16, 4, (int) window + REGISTERS);
    }
    config(PciFunction.COMMAND, 2, PciFunction.COMMAND_MEMORY | PciFunction.COMMAND_MASTER);
    for (int cap = config(PciFunction.CAPABILITIES, 1); cap != 0; cap = config(cap + 1, 1)) {
      int type = config(cap + 3, 1);
      if (config(cap, 1) == VENDOR_SPECIFIC && type < STRUCTURES) {
        at[type] = bar(config(cap + 4, 1)) + (config(cap + 8, 4) & 0xffffffffL);
        multiplier = type == NOTIFY ? config(cap + 16, 4) : multiplier;
      }
    }
  }

  private long bar(int n) {
    return config(FIRST_BAR + 4 * n, 4) & 0xfffffff0L;
  }

  private int config(int register, int bytes) {
    ports.out(ADDRESS_PORT, 4, ENABLE | slot << 11 | register & ~3);
    return ports.in(DATA_PORT + (register & 3), bytes);
  }

  private void config(int register, int bytes, int value) {
    ports.out(ADDRESS_PORT, 4, ENABLE | slot << 11 | register & ~3);
    ports.out(DATA_PORT + (register & 3), bytes, value);
  }

  private void common(int offset, int bytes, long value) {
    memory.write(at[COMMON] + offset, bytes, value);
  }

  /** Bytes of the device configuration, little-endian. */
  long device(int offset, int bytes) {
    return memory.read(at[DEVICE] + offset, bytes);
  }

  /** Writes bytes of the device configuration. */
  void device(int offset, int bytes, long value) {
    memory.write(at[DEVICE] + offset, bytes, value);
  }

  /** Where a structure of the registers is, by its type. */
  long structure(int type) {
    return at[type];
  }

  /** Device status. */
  int status() {
    return (int) memory.read(at[COMMON] + 20, 1);
  }

  /** Resets the device and agrees on features. @throws MonitorException if the device does not have them */
  void begin(long features) {
    common(20, 1, 0);
    common(20, 1, FOUND);
    for (int half = 0; half < 2; half++) {
      common(8, 4, half);
      common(12, 4, features >>> 32 * half & 0xffffffffL);
    }
    common(20, 1, FEATURES_OK);
    if (status() != FEATURES_OK) {
      throw MonitorException.of("the device in slot %d of the host has not the features %x", slot, features);
    }
  }

  /** Interrupts by MSI-X: a vector for the first queue, on the processor with APIC ID 0 (SDM 3A 11.11). */
  void interrupts(int vector) {
    int cap = config(PciFunction.CAPABILITIES, 1);
    while (cap != 0 && config(cap, 1) != MSIX_CAPABILITY) {
      cap = config(cap + 1, 1);
    }
    int place = config(cap + 4, 4);
    long table = bar(place & 7) + (place & ~7);
    memory.write(table, 4, 0xfee00000L);
    memory.write(table + 4, 4, 0);
    memory.write(table + 8, 4, vector);
    memory.write(table + 12, 4, 0);
    config(cap + 2, 2, config(cap + 2, 2) | MSIX_ENABLE);
    common(22, 2, 0);
    common(26, 2, 0);
  }

  /**
   * Sets up a queue.
   *
   * @param page physical address of a page of zeros for the rings
   */
  Ring ring(int index, long page) {
    common(22, 2, index);
    common(24, 2, Ring.SIZE);
    common(32, 8, page);
    common(40, 8, page + Ring.AVAILABLE);
    common(48, 8, page + Ring.USED);
    common(28, 2, 1);
    return new Ring(page, at[NOTIFY] + (memory.read(at[COMMON] + 30, 2) & 0xffff) * multiplier, index);
  }

  void start() {
    common(20, 1, READY);
  }

  /** A split virtqueue of 64 descriptors in one page. */
  final class Ring {
    static final int SIZE = 64;
    private static final int AVAILABLE = 16 * SIZE;
    private static final int USED = 2048;
    private static final int WRITES = 2;

    private final long page;
    private final long doorbell;
    private final int index;
    private int put;
    private int taken;
    private int length;

    Ring(long page, long doorbell, int index) {
      this.page = page;
      this.doorbell = doorbell;
      this.index = index;
    }

    /** Gives a buffer to the device by a descriptor, as a chain of one. */
    void put(int descriptor, long pa, int bytes, boolean deviceWrites) {
      memory.write(page + 16L * descriptor, 8, pa);
      memory.write(page + 16L * descriptor + 8, 4, bytes);
      memory.write(page + 16L * descriptor + 12, 4, deviceWrites ? WRITES : 0);
      memory.write(page + AVAILABLE + 4 + 2 * (put % SIZE), 2, descriptor);
      put = put + 1 & 0xffff;
      memory.write(page + AVAILABLE + 2, 2, put);
    }

    /** Tells the device that there is something. */
    void ring() {
      memory.write(doorbell, 2, index);
    }

    /** A descriptor the device is done with, or -1. */
    int take() {
      if ((memory.read(page + USED + 2, 2) & 0xffff) == taken) {
        return -1;
      }
      long at = page + USED + 4 + 8L * (taken % SIZE);
      taken = taken + 1 & 0xffff;
      length = (int) memory.read(at + 4, 4);
      return (int) memory.read(at, 4) & SIZE - 1;
    }

    /** Bytes written to the one taken last. */
    int length() {
      return length;
    }
  }
}
