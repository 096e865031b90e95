package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.debug.view.Place;
import java.util.Locale;

/** The stop line: one line, always in the order {@code #count time cpu mode cpl reason where (bp 3 hit 12)}. */
final class StopText {
  private StopText() {}

  static String line(Stop stop, Style style) {
    Place p = stop.at();
    String reason = switch (stop) {
      case Stop.Ready r -> "ready";
      case Stop.Stepped s -> "step";
      case Stop.Hit h -> "breakpoint";
      case Stop.Watched w -> "watch:" + w.access() + " " + Hex.of(w.linear()) + " " + change(w);
      case Stop.Happened e -> e.event().what() + " by " + Hex.of(e.event().at().offset());
      case Stop.Reached r -> "until:" + r.what();
      case Stop.Interrupted i -> "interrupted";
      case Stop.Limit l -> "limit:" + l.what();
      case Stop.Exit e -> "exit:" + Hex.of(e.value()) + " status=" + e.status();
      case Stop.TripleFault t -> "triple-fault";
      case Stop.Dead d -> "halted-for-good";
      case Stop.Broken b -> "stopped-by-the-monitor: " + b.why().lines().findFirst().orElse("");
      case Stop.Waiting w -> "waiting-for-input";
      case Stop.Replayed r -> "replayed";
      case Stop.Diverged d -> "diverged: " + d.how();
      case Stop.Off o -> "off:" + o.how();
    };
    Ink ink = stop instanceof Stop.TripleFault || stop instanceof Stop.Broken ? Ink.ERROR : Ink.ACCENT;
    return line(p, style.in(ink, reason), style) + tail(stop);
  }

  /** A traced event in the stop line's order. */
  static String event(EventView e, Style style) {
    return e.note() == null ? line(e.at(), style.in(Ink.ACCENT, e.what()), style) : e.note();
  }

  private static String line(Place p, String reason, Style style) {
    String cpu = (p.guest().isEmpty() ? "" : p.guest() + ".") + "cpu" + p.cpu();
    return "#%d %s %s %s cpl%d %s %s".formatted(p.count(), time(p.nanoseconds()), cpu, p.mode(), p.cpl(), reason, where(p, style));
  }

  private static String change(Stop.Watched w) {
    boolean changed = w.before() != w.after();
    return (changed ? Hex.of(w.before()) + "->" + Hex.of(w.after()) : "=" + Hex.of(w.after())) + " by " + Hex.of(w.ip());
  }

  static String time(long nanoseconds) {
    return String.format(Locale.ROOT, "%d.%06ds", nanoseconds / 1_000_000_000, nanoseconds / 1000 % 1_000_000);
  }

  static String where(Place p, Style style) {
    String name = p.mode().equals("long64") ? "rip" : "eip";
    String at = p.selector() >= 0 ? "cs:ip=" + Hex.pad(p.selector(), 4) + ":" + Hex.pad(p.offset(), 4) : name + "=" + Hex.of(p.offset());
    return at + (p.symbol() == null ? "" : " " + style.in(Ink.SYMBOL, "<" + p.symbol() + ">"))
        + (p.source() == null ? "" : " " + p.source());
  }

  private static String tail(Stop stop) {
    BreakpointView b = switch (stop) {
      case Stop.Hit h -> h.breakpoint();
      case Stop.Watched w -> w.breakpoint();
      case Stop.Happened e -> e.breakpoint();
      default -> null;
    };
    return b == null ? "" : " (bp %d%s hit %d)".formatted(b.id(), b.name() == null ? "" : " " + b.name(), b.hits());
  }
}
