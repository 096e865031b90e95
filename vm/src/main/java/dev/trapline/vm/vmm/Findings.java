package dev.trapline.vm.vmm;

import java.util.ArrayList;
import java.util.List;

/** Collects what audits of one guest find. */
final class Findings {
  /** After so many there is no more to learn. */
  private static final int MOST = 100;

  private final String guest;
  private final List<Violation> all = new ArrayList<>();

  Findings(String guest) {
    this.guest = guest;
  }

  /** Notes a violation unless the condition holds; the text is only made then. */
  void require(boolean holds, Invariant what, Object place, String values, Object... of) {
    if (!holds && all.size() < MOST) {
      all.add(new Violation(what, guest, place.toString(), String.format(values, of)));
    }
  }

  /** Notes a violation. */
  void add(Invariant what, Object place, String values, Object... of) {
    require(false, what, place, values, of);
  }

  List<Violation> all() {
    return List.copyOf(all);
  }
}
