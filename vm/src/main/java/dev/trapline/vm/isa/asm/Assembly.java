package dev.trapline.vm.isa.asm;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * An assembled program.
 *
 * @param bytes the flat binary
 * @param origin address of its first byte
 * @param end first address after the program and its reserved space where it is loaded
 * @param symbols labels and constants by full name, in source order; addresses for labels
 * @param labels the names among them that are labels, not constants
 * @param lines address of each statement that made bytes or reserved space, to its line
 * @param sections in address order
 * @param warnings one line each
 */
public record Assembly(byte[] bytes, long origin, long end, Map<String, Long> symbols, java.util.Set<String> labels,
    NavigableMap<Long, SourceLine> lines, List<Placed> sections, List<String> warnings) {
  /**
   * A section.
   *
   * @param address where it runs
   * @param offset of its bytes in {@link #bytes}, or -1 if it has none
   * @param size in bytes
   */
  public record Placed(String name, long address, long offset, long size) {}

  /** The value of a symbol; an {@link IllegalArgumentException} names an unknown one. */
  public long symbol(String name) {
    Long value = symbols.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no symbol '" + name + "'");
    }
    return value;
  }

  /** The line that made the byte at an address, or null outside the program. Of sections that run at the same address, the last counts. */
  public SourceLine lineAt(long address) {
    var entry = lines.floorEntry(address);
    boolean inside = sections.stream().anyMatch(s -> address >= s.address && address < s.address + s.size);
    return entry == null || !inside ? null : entry.getValue();
  }
}
