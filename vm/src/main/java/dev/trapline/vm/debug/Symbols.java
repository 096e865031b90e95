package dev.trapline.vm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Names of addresses, from an ELF symbol table, the assembler's labels or a kernel's own table. Immutable. */
public final class Symbols {
  /** Farther from a symbol than this an address is not called by it. */
  private static final long REACH = 0x2000;
  /** The same in a kernel, where every function has its name and some are long. */
  private static final long KERNEL_REACH = 0x40000;
  public static final Symbols NONE = new Symbols(Map.of());

  /**
   * Where names are from.
   *
   * @param from a file, {@code kallsyms at p:0x2f21440}, or empty
   * @param kernel the kernel's line about its version, or empty
   * @param slide how far from where it was linked the kernel is; null if that is not known
   */
  public record Origin(String from, String kernel, Long slide) {
    static final Origin UNKNOWN = new Origin("", "", null);
  }

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
  private final Map<String, Long> perCpu;
  private final Origin origin;
  private final long reach;
  private final SourceLines lines;

  public Symbols(Map<String, Long> addresses) {
    this(addresses, SourceLines.NONE);
  }

  Symbols(Map<String, Long> addresses, SourceLines lines) {
    this(addresses, Map.of(), Origin.UNKNOWN, REACH, lines);
  }

  private Symbols(Map<String, Long> addresses, Map<String, Long> perCpu, Origin origin, long reach, SourceLines lines) {
    this.lines = lines;
    this.byName = new TreeMap<>(addresses);
    this.perCpu = Map.copyOf(perCpu);
    this.origin = origin;
    this.reach = reach;
    // Of several names for one address the plainest stays.
    byName.forEach((name, address) -> byAddress.merge(address, name, Symbols::better));
  }

  /**
   * A kernel's names.
   *
   * @param perCpu offsets of variables that each processor has for itself
   */
  static Symbols ofKernel(Map<String, Long> addresses, Map<String, Long> perCpu, Origin origin, SourceLines lines) {
    return new Symbols(addresses, perCpu, origin, KERNEL_REACH, lines);
  }

  /** Local labels (with a dot) come last, names that begin with two underscores before them, then the alphabet decides. */
  private static String better(String a, String b) {
    int byKind = Integer.compare(plainness(a), plainness(b));
    return byKind > 0 ? b : a;
  }

  private static int plainness(String name) {
    return name.indexOf('.') >= 0 ? 2 : name.startsWith("__") ? 1 : 0;
  }

  /** Adds a name; a second address with a name of its own file gets {@code name.dup2}. */
  static void put(Map<String, Long> names, String name, long address) {
    String free = name;
    for (int n = 2; names.containsKey(free) && names.get(free) != address; n++) {
      free = name + ".dup" + n;
    }
    names.put(free, address);
  }

  public OptionalLong address(String name) {
    Long a = byName.get(name);
    return a == null ? OptionalLong.empty() : OptionalLong.of(a);
  }

  /** The offset of a variable that each processor has for itself. */
  OptionalLong perCpu(String name) {
    Long a = perCpu.get(name);
    return a == null ? OptionalLong.empty() : OptionalLong.of(a);
  }

  int perCpuCount() {
    return perCpu.size();
  }

  public Origin origin() {
    return origin;
  }

  /** Source lines; none if the image has no table of them. */
  SourceLines lines() {
    return lines;
  }

  /** The symbol at or closest below an address, or null if none is near. */
  public Near near(long address) {
    var e = byAddress.floorEntry(address);
    return e == null || Long.compareUnsigned(address - e.getKey(), reach) >= 0 ? null : new Near(e.getValue(), address - e.getKey());
  }

  /** The symbol exactly at an address, or null. */
  public String at(long address) {
    return byAddress.get(address);
  }

  /** The symbol behind an address, with its distance, or null. */
  public Near after(long address) {
    var e = byAddress.higherEntry(address);
    return e == null ? null : new Near(e.getValue(), e.getKey() - address);
  }

  /** All names of one address. */
  List<String> allAt(long address) {
    return byName.entrySet().stream().filter(e -> e.getValue() == address).map(Map.Entry::getKey).toList();
  }

  /** Names in alphabetical order. */
  public List<String> names() {
    return new ArrayList<>(byName.keySet());
  }

  public int size() {
    return byName.size();
  }
}
