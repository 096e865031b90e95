package dev.trapline.vm.debug.paging;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of a range of an address space between two looks at it.
 *
 * @param what {@code added}, {@code removed}, {@code moved} (other frames), {@code rights}, or {@code used} (accessed or dirty bits)
 * @param before the first page as it was; null if it was not mapped
 * @param now as it is; null if it is not mapped
 */
public record Difference(String what, long linear, long bytes, Mapping before, Mapping now) {
  /** The differences between two listings of single pages, neighbouring ones of one kind folded. */
  public static List<Difference> between(List<Mapping> before, List<Mapping> now) {
    Map<Long, Mapping> old = new HashMap<>();
    before.forEach(m -> old.put(m.linear(), m));
    var all = new ArrayList<Difference>();
    for (Mapping m : now) {
      Mapping was = old.remove(m.linear());
      String what = was == null ? "added" : changed(was, m);
      if (what != null) {
        all.add(new Difference(what, m.linear(), m.bytes(), was, m));
      }
    }
    old.values().forEach(m -> all.add(new Difference("removed", m.linear(), m.bytes(), m, null)));
    all.sort((a, b) -> Long.compareUnsigned(a.linear, b.linear));
    return folded(all);
  }

  private static String changed(Mapping was, Mapping is) {
    if (was.physical() != is.physical() || was.bytes() != is.bytes()) {
      return "moved";
    }
    if (!was.rights().equals(is.rights())) {
      return "rights";
    }
    return was.accessed() != is.accessed() || was.dirty() != is.dirty() ? "used" : null;
  }

  private static List<Difference> folded(List<Difference> all) {
    var out = new ArrayList<Difference>();
    for (Difference d : all) {
      Difference last = out.isEmpty() ? null : out.getLast();
      boolean goesOn = last != null && last.what.equals(d.what) && last.linear + last.bytes == d.linear && same(last.before, d.before)
          && same(last.now, d.now);
      if (goesOn) {
        out.set(out.size() - 1, new Difference(d.what, last.linear, last.bytes + d.bytes, last.before, last.now));
      } else {
        out.add(d);
      }
    }
    return out;
  }

  private static boolean same(Mapping a, Mapping b) {
    return a == null ? b == null : b != null && a.rights().equals(b.rights()) && a.accessed() == b.accessed() && a.dirty() == b.dirty();
  }
}
