package dev.trapline.shell.render;

import dev.trapline.vm.debug.view.AuditView;
import dev.trapline.vm.debug.view.BalloonView;
import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.GuestView;
import dev.trapline.vm.debug.view.HoleView;
import dev.trapline.vm.debug.view.HolesView;
import dev.trapline.vm.debug.view.StatView;
import dev.trapline.vm.debug.view.VirtualView;
import java.util.List;
import java.util.StringJoiner;

/** Guests of the monitor and their exits as tables. */
final class GuestText {
  private GuestText() {}

  static String guests(List<GuestView> list, Style style) {
    Table t = new Table("guest", "name", "technique", "paging", "memory", "cpus", "weight", "cap", "state", "ran", "waited", "exits");
    for (GuestView g : list) {
      t.row((g.current() ? "*" : " ") + g.id(), g.name(), g.technique(), g.paging(), (g.memory() >> 20) + "M", g.processors(), g.weight(),
          g.cap() == 0 ? "" : g.cap() + "%", g.state(), count(g.ran()), count(g.waited()), count(g.exits()));
    }
    return t.text(style);
  }

  static String statistics(List<StatView> list, Style style) {
    Table t = new Table("exit", "samples", "samples%", "time%", "min", "max", "avg", "meaning");
    list.forEach(v -> t.row(v.reason(), count(v.samples()), String.format("%.2f", v.samplesShare()), String.format("%.2f", v.timeShare()),
        count(v.least()), count(v.most()), count(v.average()), v.meaning()));
    long samples = list.stream().mapToLong(StatView::samples).sum();
    long cycles = list.stream().mapToLong(StatView::cycles).sum();
    return t.text(style) + "\n" + count(samples) + " exits, " + count(cycles) + " modelled cycles";
  }

  static String exits(List<ExitView> list, Style style) {
    Table t = new Table("exit", "count", "cycles min", "avg", "max", "share", "meaning");
    for (ExitView e : list) {
      t.row(e.reason(), count(e.count()), count(e.least()), count(e.average()), count(e.most()), String.format("%.1f%%", e.share()), e.meaning());
    }
    return t.text(style);
  }

  static String devices(List<VirtualView> list, Style style) {
    Table t = new Table("guest", "device", "kind", "behind it", "about");
    list.forEach(d -> t.row(d.guest(), d.device(), d.kind(), d.counterpart(), d.about()));
    return t.text(style);
  }

  static String balloons(List<BalloonView> list, Style style) {
    Table t = new Table("guest", "memory", "wanted", "given", "host has free", "the guest says");
    for (BalloonView b : list) {
      t.row(b.guest(), kib(b.memory()), kib(b.wanted()), kib(b.given()), kib(b.hostFree()), String.join(", ", b.statistics()));
    }
    return t.text(style);
  }

  private static String kib(long bytes) {
    return count(bytes >> 10) + " KiB";
  }

  static String audit(List<AuditView> list, Style style) {
    Table t = new Table("invariant", "violations", "what must hold");
    for (AuditView a : list) {
      t.row(a.invariant(), a.violations() == 0 ? "none" : count(a.violations()), a.claim());
    }
    var first = new StringBuilder();
    list.stream().filter(a -> a.violations() > 0).forEach(a -> first.append('\n').append(a.invariant()).append(": ").append(a.first()));
    return t.text(style) + first;
  }

  /** Places shown of each hole; the rest is a number. */
  private static final int PLACES = 3;

  static String holes(HolesView v, Style style) {
    if (v.holes().isEmpty()) {
      String why = v.technique().equals("trap") ? "executed no sensitive instruction that the bare machine would have answered otherwise"
          : "runs by technique " + v.technique() + ", at its own privilege levels: there are no holes to fall through";
      return "guest " + v.guest() + " " + why + ".";
    }
    Table t = new Table("instruction", "count", "gave", "at");
    for (HoleView h : v.holes()) {
      t.row(h.mnemonic(), count(h.count()), h.what(), places(h.places()));
    }
    return t.text(style);
  }

  private static String places(List<HoleView.Place> all) {
    var text = new StringJoiner(", ");
    all.stream().limit(PLACES).forEach(p -> text.add(Long.toHexString(p.rip()) + (p.symbol().isEmpty() ? "" : " <" + p.symbol() + ">")
        + (all.size() > 1 ? " x" + count(p.count()) : "")));
    return all.size() > PLACES ? text + " and " + (all.size() - PLACES) + " more" : text.toString();
  }

  private static String count(long n) {
    return String.format("%,d", n);
  }
}
