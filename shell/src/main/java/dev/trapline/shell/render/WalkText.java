package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.view.TranslationView;
import dev.trapline.vm.debug.view.WalkStep;
import dev.trapline.vm.debug.view.WalkView;

/** Translations step by step. */
final class WalkText {
  private WalkText() {}

  static String translation(TranslationView t, Style style) {
    if (t.hardware() == null) {
      return walk(t.guest(), "p:", style);
    }
    String gap = "\n";
    String host = t.host() < 0 ? "" : gap + "  host-physical " + Hex.of(t.host());
    String tlb = t.tlb().isEmpty() ? "not in the TLB" : "in the TLB for " + t.tlb();
    boolean wrong = t.standing().equals("wrong");
    return style.in(Ink.HEAD, "the guest's tables: ") + walk(t.guest(), "p:", style) + host + gap + style.in(Ink.HEAD, "the hardware's: ")
        + walk(t.hardware(), t.hardware().steps().stream().anyMatch(s -> s.name().startsWith("nested")) ? "" : "h:", style) + gap + "  " + tlb
        + ", " + style.in(wrong ? Ink.ERROR : Ink.ACCENT, t.standing()) + (t.why().isEmpty() ? "" : ": " + t.why());
  }

  /** @param space of the tables' addresses, with a colon */
  static String walk(WalkView w, String space, Style style) {
    var out = new StringBuilder(style.in(Ink.HEAD, "linear " + Hex.of(w.linear()) + ", paging " + w.format()));
    if (!w.format().equals("off")) {
      out.append(", root ").append(Hex.of(w.root()));
    }
    int width = w.steps().stream().mapToInt(s -> s.name().length()).max().orElse(0) + 1;
    for (WalkStep s : w.steps()) {
      out.append("\n  ").append(style.in(Ink.NAME, s.name())).append(" ".repeat(width - s.name().length()))
          .append("[%3d] at %s%s = %s -> %s  %s".formatted(s.index(), space.isEmpty() ? s.name().startsWith("nested") ? "h:" : "p:" : space,
              Hex.address(s.entryAddress()), Hex.address(s.entry()), Hex.of(s.frame()), s.flags()));
    }
    String physical = space.equals("p:") ? "physical " : "host-physical ";
    out.append("\n  ").append(w.mapped() ? physical + Hex.of(w.physical()) + ", " + Text.size(w.pageBytes()) + " page, " + w.rights()
        + (w.region() == null ? ", nothing there" : ", " + w.region()) : "not mapped");
    w.faults().forEach(f -> out.append("\n  ").append(style.in(Ink.DIM, f)));
    return out.toString();
  }
}
