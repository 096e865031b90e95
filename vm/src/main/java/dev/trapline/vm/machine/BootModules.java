package dev.trapline.vm.machine;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;

/** Puts modules into RAM behind a kernel, each on a page of its own. */
final class BootModules {
  private static final long PAGE = 4096;

  /** A module in memory, {@code end} exclusive. */
  record Placed(String text, long start, long end, byte[] bytes) {}

  private BootModules() {}

  /**
   * Finds places; nothing is written.
   *
   * @param after end of the kernel
   * @throws BootException if they do not fit below the end of RAM
   */
  static List<Placed> place(String kernel, List<BootImage.Module> modules, long after, MemoryMap map) {
    var out = new ArrayList<Placed>();
    long at = Math.max(after, MemoryMap.MIB) + PAGE - 1 & -PAGE;
    for (BootImage.Module m : modules) {
      if (at + m.bytes().length > map.highEnd()) {
        throw BootException.of("%s: module '%s' of %d bytes does not fit between %#x and %#x; give the machine more memory", kernel, m.text(),
            m.bytes().length, at, map.highEnd());
      }
      out.add(new Placed(m.text(), at, at + m.bytes().length, m.bytes()));
      at = at + m.bytes().length + PAGE - 1 & -PAGE;
    }
    return List.copyOf(out);
  }

  /** Writes them. */
  static void write(List<Placed> modules, PhysicalMemory memory) {
    modules.forEach(m -> memory.poke(m.start, m.bytes, 0, m.bytes.length));
  }
}
