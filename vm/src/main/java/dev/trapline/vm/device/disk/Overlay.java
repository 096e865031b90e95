package dev.trapline.vm.device.disk;

import dev.trapline.vm.util.Hash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was written over an image, in chunks of 4096 bytes. The first {@value #HEAP_CHUNKS} chunks (64 MiB) are in the heap, further ones in
 * a temporary file that has no name and goes with the process, so a guest that fills a disk does not fill the heap.
 */
final class Overlay {
  static final int CHUNK = 4096;
  private static final int HEAP_CHUNKS = 16384;

  /** One chunk; {@code data} is null for one in the file, {@code slot} then tells where. */
  private static final class Chunk {
    private final long index;
    private final byte[] data;
    private final long slot;
    /** Its part in the sum, if {@code summed}. */
    private long hash;
    private boolean summed;

    Chunk(long index, byte[] data, long slot) {
      this.index = index;
      this.data = data;
      this.slot = slot;
    }
  }

  private final Map<Long, Chunk> chunks = new HashMap<>();
  private final int most;
  private Spill spill;
  /** Hashes of the summed chunks added up: order does not matter, so one that changes is taken out and comes back. */
  private long sum;
  private final List<Chunk> unsummed = new ArrayList<>();

  Overlay() {
    this(HEAP_CHUNKS);
  }

  /** @param most chunks in the heap */
  Overlay(int most) {
    this.most = most;
  }

  int size() {
    return chunks.size();
  }

  /** How many chunks are in the temporary file. */
  int spilled() {
    return Math.max(0, chunks.size() - most);
  }

  /** Copies a part of a chunk out; false if the chunk was never written. */
  boolean read(long index, int inside, byte[] to, int from, int n) {
    Chunk c = chunks.get(index);
    if (c == null) {
      return false;
    }
    if (c.data != null) {
      System.arraycopy(c.data, inside, to, from, n);
    } else {
      spill.read(c.slot * CHUNK + inside, to, from, n);
    }
    return true;
  }

  /** Copies bytes into a chunk; false if the chunk is not there yet. */
  boolean write(long index, int inside, byte[] bytes, int from, int n) {
    Chunk c = chunks.get(index);
    if (c == null) {
      return false;
    }
    if (c.data != null) {
      System.arraycopy(bytes, from, c.data, inside, n);
    } else {
      spill.write(c.slot * CHUNK + inside, bytes, from, n);
    }
    if (c.summed) {
      sum -= c.hash;
      c.summed = false;
      unsummed.add(c);
    }
    return true;
  }

  /** A chunk that was not there; the array is ours from now on. */
  void add(long index, byte[] data) {
    Chunk c;
    if (chunks.size() < most) {
      c = new Chunk(index, data, 0);
    } else {
      if (spill == null) {
        spill = new Spill();
      }
      c = new Chunk(index, null, chunks.size() - most);
      spill.write(c.slot * CHUNK, data, 0, CHUNK);
    }
    chunks.put(index, c);
    unsummed.add(c);
  }

  void clear() {
    chunks.clear();
    unsummed.clear();
    sum = 0;
  }

  long digest() {
    byte[] buffer = new byte[CHUNK];
    for (Chunk c : unsummed) {
      c.hash = Hash.combine(Hash.of(bytes(c, buffer)), c.index);
      c.summed = true;
      sum += c.hash;
    }
    unsummed.clear();
    return Hash.combine(chunks.size(), sum);
  }

  private byte[] bytes(Chunk c, byte[] buffer) {
    if (c.data != null) {
      return c.data;
    }
    spill.read(c.slot * CHUNK, buffer, 0, CHUNK);
    return buffer;
  }

  /** Copies of all chunks in the order of their places. */
  List<Medium.Chunk> copy() {
    return chunks.values().stream().sorted(Comparator.comparingLong(c -> c.index))
        .map(c -> new Medium.Chunk(c.index, bytes(c, new byte[CHUNK]).clone())).toList();
  }
}
