package dev.trapline.vm.debug;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which line of which source file an instruction is from. Immutable. */
final class SourceLines {
  static final SourceLines NONE = new SourceLines(List.of());

  /**
   * A row of a line table: the instructions from an address to the next row's are from one line.
   *
   * @param line 0 if they are from none: a sequence ends here
   */
  record Row(long address, String file, int line) {}

  private final TreeMap<Long, Row> rows = new TreeMap<>(Long::compareUnsigned);

  /** @param all later rows of one address replace earlier ones, but the end of a sequence no beginning */
  SourceLines(Collection<Row> all) {
    for (Row r : all) {
      if (r.line > 0 || !rows.containsKey(r.address)) {
        rows.put(r.address, r);
      }
    }
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The same for a program that is some bytes from where it was linked. */
  SourceLines moved(long slide) {
    return slide == 0 ? this : new SourceLines(rows.values().stream().map(r -> new Row(r.address + slide, r.file, r.line)).toList());
  }

  /** The row that an address belongs to, or null. */
  Row at(long address) {
    var e = rows.floorEntry(address);
    return e == null || e.getValue().line == 0 ? null : e.getValue();
  }

  /** {@code main.c:12} for an address, or null. */
  String text(long address) {
    Row r = at(address);
    return r == null ? null : r.file.substring(r.file.lastIndexOf('/') + 1) + ":" + r.line;
  }

  /** {@code main.c:12} for an address where the code of a line begins, or null. */
  String beginning(long address) {
    return rows.containsKey(address) ? text(address) : null;
  }

  /** Files that end with a path, as in {@code main.c} or {@code src/main.c}. */
  private List<String> files(String path) {
    var out = new TreeSet<String>();
    rows.values().stream().map(Row::file).filter(f -> f.equals(path) || f.endsWith("/" + path)).forEach(out::add);
    return List.copyOf(out);
  }

  boolean knows(String path) {
    return !files(path).isEmpty();
  }

  /** Where the code of a line begins, or of the next line that has code; {@link BadInput} if there is none or several files are meant. */
  long address(String path, int line) {
    List<String> files = files(path);
    if (files.size() != 1) {
      throw new BadInput(files.isEmpty() ? "no source file " + path : path + " may be " + String.join(" or ", files));
    }
    var found = new ArrayList<Row>(rows.values());
    found.removeIf(r -> !r.file.equals(files.getFirst()) || r.line < line);
    int nearest = found.stream().mapToInt(Row::line).min()
        .orElseThrow(() -> new BadInput(path + " has no code at or behind line " + line));
    return found.stream().filter(r -> r.line == nearest).findFirst().orElseThrow().address;
  }
}
