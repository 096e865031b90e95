package dev.trapline.vm.vmm;

import dev.trapline.vm.vmm.ShadowPage.Slot;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which shadow entries map a guest page. */
final class ReverseMap {
  private final Map<Long, Set<Slot>> slots = new HashMap<>();
  private int size;

  void add(long gfn, ShadowPage page, int index) {
    size += slots.computeIfAbsent(gfn, g -> new LinkedHashSet<>()).add(new Slot(page, index)) ? 1 : 0;
  }

  void remove(long gfn, ShadowPage page, int index) {
    Set<Slot> of = slots.get(gfn);
    if (of == null || !of.remove(new Slot(page, index))) {
      return;
    }
    size--;
    if (of.isEmpty()) {
      slots.remove(gfn);
    }
  }

  /** All entries that map a page, in the order they were made. */
  List<Slot> of(long gfn) {
    return List.copyOf(slots.getOrDefault(gfn, Set.of()));
  }

  boolean has(long gfn, ShadowPage page, int index) {
    return slots.getOrDefault(gfn, Set.of()).contains(new Slot(page, index));
  }

  /** How many entries are known. */
  int size() {
    return size;
  }
}
