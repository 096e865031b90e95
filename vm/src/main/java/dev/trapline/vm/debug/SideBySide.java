package dev.trapline.vm.debug;

import dev.trapline.vm.debug.paging.AddressSpace;
import dev.trapline.vm.debug.paging.Mapping;
import dev.trapline.vm.debug.view.BothView;
import dev.trapline.vm.vmm.Translations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** The guest's pages beside the hardware's, page by page, then folded. */
final class SideBySide {
  private final Translations now;
  private final AddressSpace asked;
  private final List<Mapping> guests;
  private final List<Mapping> hosts;

  SideBySide(Translations now, AddressSpace asked, List<Mapping> guests, List<Mapping> hosts) {
    this.now = now;
    this.asked = asked;
    this.guests = guests;
    this.hosts = hosts;
  }

  List<BothView> rows(boolean differing) {
    var out = new ArrayList<BothView>();
    var touched = new TreeSet<Long>(Long::compareUnsigned);
    for (Mapping h : hosts) {
      touched.add(h.linear());
      out.add(row(h.linear(), h.bytes(), asked.at(h.linear()), h));
    }
    for (Mapping g : guests) {
      Long next = touched.ceiling(g.linear());
      if (next == null || Long.compareUnsigned(next, g.last()) > 0) {
        out.add(row(g.linear(), g.bytes(), g, null));
      }
    }
    out.sort((a, b) -> Long.compareUnsigned(a.linear(), b.linear()));
    return folded(out, differing);
  }

  private BothView row(long linear, long bytes, Mapping g, Mapping h) {
    long gpa = g == null ? -1 : g.physical() + linear - g.linear();
    var wanted = g == null ? null : new Translations.Side(gpa, now.host(gpa), g.getW());
    var got = h == null ? null : new Translations.Side(gpa, h.host(), h.getW());
    Translations.Verdict v = now.verdict(linear, wanted, got);
    return new BothView(linear, bytes, g == null ? "" : g.rights().toString(), gpa, h == null ? "" : h.rights().toString(),
        h == null ? -1 : h.host(), now.tlb(linear), v.standing().name().toLowerCase(Locale.ROOT), v.why());
  }

  private static List<BothView> folded(List<BothView> all, boolean differing) {
    var out = new ArrayList<BothView>();
    for (BothView b : all) {
      if (differing && b.standing().equals("same")) {
        continue;
      }
      BothView last = out.isEmpty() ? null : out.getLast();
      if (last != null && goesOn(last, b)) {
        out.set(out.size() - 1, joined(last, b));
      } else {
        out.add(b);
      }
    }
    return out;
  }

  private static boolean goesOn(BothView a, BothView b) {
    return a.linear() + a.bytes() == b.linear() && a.guest().equals(b.guest()) && a.hardware().equals(b.hardware())
        && a.standing().equals(b.standing()) && a.why().equals(b.why()) && a.tlb().isEmpty() == b.tlb().isEmpty();
  }

  private static BothView joined(BothView a, BothView b) {
    return new BothView(a.linear(), a.bytes() + b.bytes(), a.guest(), after(a.guestPhysical(), a.bytes(), b.guestPhysical()), a.hardware(),
        after(a.host(), a.bytes(), b.host()), a.tlb().length() >= b.tlb().length() ? a.tlb() : b.tlb(), a.standing(), a.why());
  }

  private static long after(long first, long bytes, long next) {
    return first >= 0 && first + bytes == next ? first : -1;
  }
}
