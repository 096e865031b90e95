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

  private static final int SMALLEST = 1 << 12;

  private final PhysicalMemory memory;
  /** Hash table: blocks of one slot are linked. */
  private Block[] table = new Block[SMALLEST];
  private int size;
  private final Map<Long, List<Block>> pages = new HashMap<>();

  BlockCache(LinearMemory linear) {
    this.memory = linear.physical();
  }

  /** The block at a physical address in a mode, or null. */
  Block find(long pa, int mode) {
    Block b = table[slot(pa, mode)];
    while (b != null && (b.pa != pa || b.mode != mode)) {
      b = b.link;
    }
    return b;
  }

  private int slot(long pa, int mode) {
    return (int) ((pa ^ (long) mode << 40) * 0x9e3779b97f4a7c15L >>> 32) & table.length - 1;
  }

  void add(Block b) {
    if (size >= CAPACITY) {
      clear();
    }
    if (size >= table.length) {
      grow();
    }
    remove(find(b.pa, b.mode));
    link(b);
    size++;
    index(b, b.pa >>> PAGE_SHIFT);
    if (b.secondPage >= 0) {
      index(b, b.secondPage);
    }
  }

  private void link(Block b) {
    int i = slot(b.pa, b.mode);
    b.link = table[i];
    table[i] = b;
  }

  private void grow() {
    Block[] old = table;
    table = new Block[2 * old.length];
    for (Block chain : old) {
      for (Block b = chain; b != null; ) {
        Block next = b.link;
        link(b);
        b = next;
      }
    }
  }

  /** Takes a block out of the table; nothing if it is null or not there. */
  private void remove(Block b) {
    if (b == null) {
      return;
    }
    int i = slot(b.pa, b.mode);
    if (table[i] == b) {
      table[i] = b.link;
      size--;
      return;
    }
    for (Block before = table[i]; before != null; before = before.link) {
      if (before.link == b) {
        before.link = b.link;
        size--;
        return;
      }
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
    remove(b);
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
    for (Block chain : table) {
      for (Block b = chain; b != null; b = b.link) {
        b.valid = false;
      }
    }
    Arrays.fill(table, null);
    size = 0;
    List<Long> held = List.copyOf(pages.keySet());
    pages.clear();
    held.forEach(page -> memory.unmarkCode(page << PAGE_SHIFT));
  }

  /** Whether the page has an index here: its stores must be announced. */
  boolean holds(long page) {
    return pages.containsKey(page);
  }
}
