package dev.trapline.vm.device.virtio;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * A split virtqueue (Virtio 1.2, 2.7): descriptor table, available ring and used ring in guest memory, and how far this side is in
 * them.
 */
final class Virtqueue {
  /** The most descriptors in a queue. */
  static final int MOST = 256;
  /** The most descriptors in a chain, those of an indirect table included. */
  private static final int MOST_IN_CHAIN = 1024;
  /** The most bytes in a chain: far above what drivers ask for, and short enough to wait for. */
  private static final long MOST_BYTES = 64L << 20;
  private static final int DESCRIPTOR = 16;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final int NO_INTERRUPT = 1;

  /**
   * A queue's state.
   *
   * @param vector of MSI-X, FFFFh for none
   * @param taken available index up to which chains were taken
   * @param used used index
   */
  public record State(@Range(least = 1, most = MOST) int size, boolean enabled, long descriptors, long driver, long device, int vector,
      int taken, int used)
      implements StateRecord {}

  private final GuestMemory memory;
  int size;
  boolean enabled;
  /** Addresses of the descriptor table, the available ring and the used ring. */
  long descriptors;
  long driver;
  long device;
  /** Of MSI-X, FFFFh for none. */
  int vector;
  private int taken;
  private int used;

  Virtqueue(GuestMemory memory) {
    this.memory = memory;
    reset();
  }

  void reset() {
    state(new State(MOST, false, 0, 0, 0, VirtioDevice.NO_VECTOR, 0, 0));
  }

  /** A size by the driver: a power of two. */
  void size(int wanted) {
    require(Integer.bitCount(wanted) == 1 && wanted <= MOST, "queue size");
    size = wanted;
  }

  /** Checks what the driver set up before the queue is used; only 1 may be written. */
  void enable(int value) {
    require(value == 1, "queue enable");
    require((descriptors & 15) == 0 && (driver & 1) == 0 && (device & 3) == 0, "queue alignment");
    require(memory.holds(descriptors, (long) DESCRIPTOR * size) && memory.holds(driver, 6 + 2L * size)
        && memory.holds(device, 6 + 8L * size), "queue outside RAM");
    enabled = true;
  }

  private static void require(boolean fine, String reason) {
    if (!fine) {
      throw new Malformed(reason);
    }
  }

  // ---- available

  private int available() {
    int index = (int) memory.get(driver + 2, 2);
    int waiting = index - taken & 0xffff;
    require(waiting <= size, "available index");
    return waiting;
  }

  boolean isEmpty() {
    return available() == 0;
  }

  /** The next chain, or null if the driver has put none. */
  Chain take(boolean indirectAllowed) {
    if (isEmpty()) {
      return null;
    }
    int head = (int) memory.get(driver + 4 + 2L * (taken % size), 2);
    require(head < size, "descriptor index");
    Chain c = new Walk(head, indirectAllowed).chain();
    taken = taken + 1 & 0xffff;
    return c;
  }

  /** One pass along a chain. */
  private final class Walk {
    private final int head;
    private final List<Chain.Part> readable = new ArrayList<>();
    private final List<Chain.Part> writable = new ArrayList<>();
    private long bytes;
    private int left = MOST_IN_CHAIN;

    Walk(int head, boolean indirectAllowed) {
      this.head = head;
      table(descriptors, size, head, indirectAllowed);
    }

    Chain chain() {
      return new Chain(memory, head, readable, writable);
    }

    /** Follows a chain in a table; in one of {@code count} descriptors a longer one has a loop. */
    private void table(long base, int count, int first, boolean indirectAllowed) {
      int index = first;
      for (int steps = 0; ; steps++) {
        require(index < count, "descriptor index");
        require(steps < count && left-- > 0, "descriptor loop");
        long at = base + (long) DESCRIPTOR * index;
        long pa = memory.get(at, 8);
        long rest = memory.get(at + 8, 8);
        int flags = (int) (rest >>> 32) & 0xffff;
        if ((flags & INDIRECT) != 0) {
          require(indirectAllowed && (flags & NEXT) == 0, "indirect descriptor");
          indirect(pa, rest & 0xffffffffL);
        } else {
          part(pa, rest & 0xffffffffL, (flags & WRITE) != 0);
        }
        if ((flags & NEXT) == 0) {
          return;
        }
        index = (int) (rest >>> 48);
      }
    }

    private void indirect(long pa, long length) {
      require(length % DESCRIPTOR == 0 && length > 0 && length <= (long) DESCRIPTOR * MOST_IN_CHAIN, "indirect table length");
      require(memory.holds(pa, length), "indirect table outside RAM");
      table(pa, (int) length / DESCRIPTOR, 0, false);
    }

    private void part(long pa, long length, boolean write) {
      require(write || writable.isEmpty(), "readable after writable descriptor");
      bytes += length;
      require(length > 0 && bytes <= MOST_BYTES, "buffer length");
      require(memory.holds(pa, length), "buffer outside RAM");
      (write ? writable : readable).add(new Chain.Part(pa, (int) length));
    }
  }

  // ---- used

  /** Gives a chain back. {@code written} counts the bytes written to it. */
  void give(Chain chain, long written) {
    long at = device + 4 + 8L * (used % size);
    memory.put(at, 4, chain.head());
    memory.put(at + 4, 4, written);
    used = used + 1 & 0xffff;
    memory.put(device + 2, 2, used);
  }

  int used() {
    return used;
  }

  /** Whether the driver wants to be interrupted, the used index having gone on from {@code before}. */
  boolean wantsInterrupt(int before, boolean eventIndex) {
    if (!eventIndex) {
      return (memory.get(driver, 2) & NO_INTERRUPT) == 0;
    }
    int event = (int) memory.get(driver + 4 + 2L * size, 2);
    return (used - event - 1 & 0xffff) < (used - before & 0xffff);
  }

  /** Asks the driver to notify of the next chain it puts. */
  void wantNotification(boolean eventIndex) {
    if (eventIndex) {
      memory.put(device + 4 + 8L * size, 2, taken);
    }
  }

  // ---- state

  State state() {
    return new State(size, enabled, descriptors, driver, device, vector, taken, used);
  }

  void state(State s) {
    size = s.size;
    enabled = s.enabled;
    descriptors = s.descriptors;
    driver = s.driver;
    device = s.device;
    vector = s.vector;
    taken = s.taken;
    used = s.used;
  }
}
