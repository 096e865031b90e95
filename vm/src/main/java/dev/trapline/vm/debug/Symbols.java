package dev.trapline.vm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Names of addresses, from an ELF symbol table or the assembler's labels. Immutable. */
public final class Symbols {
  /** Farther from a symbol than this an address is not called by it. */
  private static final long REACH = 0x2000;
  public static final Symbols NONE = new Symbols(Map.of());

  /** A symbol and the distance from it. */
  public record Near(String name, long offset) {
    /** {@code name} or {@code name+0x13}. */
    @Override
    public String toString() {
      return offset == 0 ? name : name + "+0x" + Long.toHexString(offset);
    }
  }

  private final TreeMap<String, Long> byName;
  private final NavigableMap<Long, String> byAddress = new TreeMap<>(Long::compareUnsigned);

  public Symbols(Map<String, Long> addresses) {
    this.byName = new TreeMap<>(addresses);
    // Of several names for one address the first in the alphabet stays, local labels (with a dot) last.
    byName.forEach((name, address) -> byAddress.merge(address, name, Symbols::better));
  }

  private static String better(String a, String b) {
    return a.indexOf('.') >= 0 && b.indexOf('.') < 0 ? b : a;
  }

  public OptionalLong address(String name) {
    Long a = byName.get(name);
    return a == null ? OptionalLong.empty() : OptionalLong.of(a);
  }

  /** The symbol at or closest below an address, or null if none is near. */
  public Near near(long address) {
    var e = byAddress.floorEntry(address);
    return e == null || address - e.getKey() >= REACH ? null : new Near(e.getValue(), address - e.getKey());
  }

  /** The symbol exactly at an address, or null. */
  public String at(long address) {
    return byAddress.get(address);
  }

  /** Names in alphabetical order. */
  public List<String> names() {
    return new ArrayList<>(byName.keySet());
  }

  public int size() {
    return byName.size();
  }
}
