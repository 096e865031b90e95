package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.LinearMemory;
import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Decoded blocks by physical address and mode, with the page index that stores into code need. */
final class BlockCache {
  private static final int PAGE_SHIFT = PhysicalMemory.PAGE_SHIFT;
  /** Blocks kept before everything is dropped: bounds memory on hostile code. */
  private static final int CAPACITY = 200_000;

  /** Direct-mapped cache before the map: after a flush of translations every block is looked for once more. */
  private static final int RECENT = 1 << 15;

  private record Key(long pa, int mode) {
    /** The record's own hash collides for blocks of neighbouring pages. */
    @Override
    public int hashCode() {
      return Long.hashCode((pa ^ (long) mode << 40) * 0x9e3779b97f4a7c15L);
    }
  }

  private final PhysicalMemory memory;
  private final Block[] recent = new Block[RECENT];
  private final Map<Key, Block> blocks = new HashMap<>();
  private final Map<Long, List<Block>> pages = new HashMap<>();

  BlockCache(LinearMemory linear) {
    this.memory = linear.physical();
  }

  Block find(long pa, int mode) {
    int slot = (int) (pa ^ pa >>> 15) & RECENT - 1;
    Block b = recent[slot];
    if (b == null || b.pa != pa || b.mode != mode || !b.valid) {
      b = blocks.get(new Key(pa, mode));
      recent[slot] = b;
    }
    return b;
  }

  void add(Block b) {
    if (blocks.size() >= CAPACITY) {
      clear();
    }
    blocks.put(new Key(b.pa, b.mode), b);
    index(b, b.pa >>> PAGE_SHIFT);
    if (b.secondPage >= 0) {
      index(b, b.secondPage);
    }
  }

  private void index(Block b, long page) {
    pages.computeIfAbsent(page, this::newCodePage).add(b);
  }

  /** Stores into the page must now announce themselves, so nothing may write it directly any more. */
  private List<Block> newCodePage(long page) {
    memory.markCode(page << PAGE_SHIFT);
    return new ArrayList<>();
  }

  /**
   * Bytes that may hold decoded code changed.
   *
   * @return whether any block was dropped
   */
  boolean written(long pa, int length) {
    List<Block> list = pages.get(pa >>> PAGE_SHIFT);
    if (list == null || list.isEmpty()) {
      pages.remove(pa >>> PAGE_SHIFT);
      memory.unmarkCode(pa);
      return false;
    }
    boolean dropped = false;
    for (Block b : List.copyOf(list)) {
      if (b.overlaps(pa, length)) {
        drop(b);
        dropped = true;
      }
    }
    return dropped;
  }

  void drop(Block b) {
    b.valid = false;
    blocks.remove(new Key(b.pa, b.mode));
    unindex(b, b.pa >>> PAGE_SHIFT);
    if (b.secondPage >= 0) {
      unindex(b, b.secondPage);
    }
  }

  private void unindex(Block b, long page) {
    List<Block> list = pages.get(page);
    if (list != null) {
      list.remove(b); // an emptied page stays marked until the next store: code that rewrites itself comes right back
    }
  }

  void clear() {
    blocks.values().forEach(b -> b.valid = false);
    blocks.clear();
    Arrays.fill(recent, null);
    List<Long> held = List.copyOf(pages.keySet());
    pages.clear();
    held.forEach(page -> memory.unmarkCode(page << PAGE_SHIFT));
  }

  /** Whether the page has an index here: its stores must be announced. */
  boolean holds(long page) {
    return pages.containsKey(page);
  }
}
