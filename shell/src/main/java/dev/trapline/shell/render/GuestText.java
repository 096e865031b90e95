package dev.trapline.shell.render;

import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.GuestView;
import java.util.List;

/** Guests of the monitor and their exits as tables. */
final class GuestText {
  private GuestText() {}

  static String guests(List<GuestView> list, Style style) {
    Table t = new Table("guest", "name", "technique", "paging", "memory", "cpus", "weight", "cap", "state", "ran", "waited", "exits");
    for (GuestView g : list) {
      t.row(g.id(), g.name(), g.technique(), g.paging(), (g.memory() >> 20) + "M", g.processors(), g.weight(),
          g.cap() == 0 ? "" : g.cap() + "%", g.state(), count(g.ran()), count(g.waited()), count(g.exits()));
    }
    return t.text(style);
  }

  static String exits(List<ExitView> list, Style style) {
    Table t = new Table("exit", "count", "cycles min", "avg", "max", "share", "meaning");
    for (ExitView e : list) {
      t.row(e.reason(), count(e.count()), count(e.least()), count(e.average()), count(e.most()), String.format("%.1f%%", e.share()), e.meaning());
    }
    return t.text(style);
  }

  private static String count(long n) {
    return String.format("%,d", n);
  }
}
