package dev.trapline.vm.device.virtio;

import java.util.List;

/**
 * A descriptor chain taken from a queue: bytes the device reads, and after them bytes it writes. Both are seen as one piece however
 * the driver cut them.
 */
final class Chain {
  /** Guest memory of one descriptor. */
  record Part(long pa, int length) {}

  private final GuestMemory memory;
  private final int head;
  private final List<Part> readable;
  private final List<Part> writable;
  private final long readableBytes;
  private final long writableBytes;

  Chain(GuestMemory memory, int head, List<Part> readable, List<Part> writable) {
    this.memory = memory;
    this.head = head;
    this.readable = readable;
    this.writable = writable;
    this.readableBytes = total(readable);
    this.writableBytes = total(writable);
  }

  private static long total(List<Part> parts) {
    return parts.stream().mapToLong(Part::length).sum();
  }

  /** Index of the first descriptor, which names the chain in the used ring. */
  int head() {
    return head;
  }

  long readableBytes() {
    return readableBytes;
  }

  long writableBytes() {
    return writableBytes;
  }

  /** Copies bytes the driver provided; returns how many there were. */
  int read(long offset, byte[] to, int at, int n) {
    return move(readable, offset, n, (pa, done, part) -> memory.dma().read(pa, to, at + done, part));
  }

  /** Copies bytes to the driver; returns how many had room. */
  int write(long offset, byte[] from, int at, int n) {
    return move(writable, offset, n, (pa, done, part) -> memory.dma().write(pa, from, at + done, part));
  }

  private interface Mover {
    void move(long pa, int done, int part);
  }

  private static int move(List<Part> parts, long offset, int n, Mover mover) {
    long skip = offset;
    int done = 0;
    for (Part p : parts) {
      if (skip >= p.length) {
        skip -= p.length;
        continue;
      }
      int part = (int) Math.min(n - done, p.length - skip);
      mover.move(p.pa + skip, done, part);
      done += part;
      skip = 0;
      if (done == n) {
        break;
      }
    }
    return done;
  }
}
