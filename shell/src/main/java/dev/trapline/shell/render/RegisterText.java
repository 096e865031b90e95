package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.view.DecodedRegister;
import dev.trapline.vm.debug.view.Register;
import dev.trapline.vm.debug.view.RegistersView;
import dev.trapline.vm.debug.view.SegmentView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Registers, with those that changed since the last look accented. */
public final class RegisterText {
  private final Style style;
  private final Map<String, Long> before = new HashMap<>();

  /** @param before what was shown last, or null */
  public RegisterText(Style style, RegistersView before) {
    this.style = style;
    if (before != null) {
      before.general().forEach(r -> this.before.put(r.name(), r.value()));
    }
  }

  /** General registers, instruction pointer and flags. */
  public String brief(RegistersView v) {
    var cells = new ArrayList<String>();
    v.general().forEach(r -> cells.add(cell(r)));
    cells.add(cell(v.ip()));
    String flags = decoded(v.flags(), 32);
    return grid(cells, v.bits() == 64 ? 3 : 4) + "  " + flags;
  }

  /** Everything but the vectors. */
  public String full(RegistersView v) {
    var out = new StringBuilder(brief(v)).append('\n');
    out.append("mode ").append(v.mode()).append("  cpl ").append(v.cpl()).append("  count ").append(v.count());
    out.append('\n').append(segments(v));
    v.tables().forEach(t -> out.append('\n').append(name(t.name())).append(" base=").append(Hex.address(t.base()))
        .append(" limit=").append(Hex.of(t.limit(), 16)));
    v.control().forEach(c -> out.append('\n').append(decoded(c, v.bits())));
    return out.toString();
  }

  public String segments(RegistersView v) {
    var out = new StringBuilder();
    for (SegmentView s : v.segments()) {
      out.append(out.isEmpty() ? "" : "\n").append(name(s.name())).append(" ".repeat(5 - s.name().length()))
          .append(Hex.of(s.selector(), 16))
          .append(" base=").append(Hex.address(s.base())).append(" limit=").append(Hex.of(s.limit(), 32))
          .append(s.kind().equals("unusable") ? " " : " dpl" + s.dpl() + " ").append(s.kind());
    }
    return out.toString();
  }

  /** The XMM registers. */
  public String vectors(RegistersView v) {
    return String.join("\n", v.vectors().stream()
        .map(x -> name(x.name()) + " ".repeat(6 - x.name().length()) + "0x" + Hex.pad(x.high(), 16) + "_" + Hex.pad(x.low(), 16)).toList());
  }

  /** {@code cr0=0x80000011 PG ET PE}. */
  public String decoded(DecodedRegister r, int bits) {
    return name(r.name()) + "=" + Hex.of(r.value(), bits) + (r.fields().isEmpty() ? "" : " " + String.join(" ", r.fields()));
  }

  /** {@code rax=0x...}, accented if it changed. */
  public String cell(Register r) {
    String value = Hex.of(r.value(), r.bits());
    Long old = before.get(r.name());
    return pad(r.name()) + "=" + (old != null && old != r.value() ? style.in(Ink.ACCENT, value) : value);
  }

  private String pad(String name) {
    return name.length() < 3 ? name(name) + " " : name(name);
  }

  private String name(String n) {
    return style.in(Ink.NAME, n);
  }

  private static String grid(List<String> cells, int columns) {
    var out = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      out.append(i == 0 ? "" : i % columns == 0 ? "\n" : "  ").append(cells.get(i));
    }
    return out.toString();
  }
}
