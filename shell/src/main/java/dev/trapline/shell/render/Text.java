package dev.trapline.shell.render;

import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.paging.Difference;
import dev.trapline.vm.debug.paging.Mapping;
import dev.trapline.vm.debug.view.AliasView;
import dev.trapline.vm.debug.view.AuditView;
import dev.trapline.vm.debug.view.BalloonView;
import dev.trapline.vm.debug.view.VirtualView;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.BothView;
import dev.trapline.vm.debug.view.BreakpointView;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.ConsoleView;
import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.debug.view.DescriptorView;
import dev.trapline.vm.debug.view.EventView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.debug.view.ExitView;
import dev.trapline.vm.debug.view.FieldsView;
import dev.trapline.vm.debug.view.FrameView;
import dev.trapline.vm.debug.view.GateView;
import dev.trapline.vm.debug.view.GuestView;
import dev.trapline.vm.debug.view.HolesView;
import dev.trapline.vm.debug.view.RegistersView;
import dev.trapline.vm.debug.view.RowView;
import dev.trapline.vm.debug.view.StatView;
import dev.trapline.vm.debug.view.TableView;
import dev.trapline.vm.debug.view.TaskView;
import dev.trapline.vm.debug.view.Unknown;
import dev.trapline.vm.debug.view.TranslationView;
import dev.trapline.vm.debug.view.WalkView;
import java.util.List;
import java.util.stream.Collectors;

/** Any view as text. */
public final class Text {
  private final Style style;

  public Text(Style style) {
    this.style = style;
  }

  /** The text of a view, a list of views of one kind, or a plain value; empty for null. */
  public String of(Object value) {
    return switch (value) {
      case null -> "";
      case Stop s -> StopText.line(s, style);
      case EventView e -> StopText.event(e, style);
      case RegistersView r -> new RegisterText(style, null).full(r);
      case WalkView w -> WalkText.walk(w, "p:", style);
      case TranslationView t -> WalkText.translation(t, style);
      case AddressMap m -> m.text(style);
      case FieldsView f -> fields(f);
      case HolesView h -> GuestText.holes(h, style);
      case BoardView b -> board(b);
      case BreakpointView b -> breakpoint(b);
      case CodeLine c -> code(List.of(c));
      case Long n -> Hex.of(n) + " " + n;
      case List<?> l when !l.isEmpty() -> list(l);
      case List<?> l -> "none";
      default -> value.toString();
    };
  }

  @SuppressWarnings("unchecked")
  private String list(List<?> l) {
    return switch (l.getFirst()) {
      case CodeLine c -> code((List<CodeLine>) l);
      case BreakpointView b -> breakpoints((List<BreakpointView>) l);
      case DescriptorView d -> descriptors((List<DescriptorView>) l);
      case GateView g -> gates((List<GateView>) l);
      case RowView r -> rows((List<RowView>) l);
      case ConsoleView c -> consoles((List<ConsoleView>) l);
      case Unknown u -> unknown((List<Unknown>) l);
      case Mapping m -> TableText.mappings((List<Mapping>) l, style);
      case BothView b -> TableText.both((List<BothView>) l, style);
      case AliasView a -> TableText.aliases((List<AliasView>) l, style);
      case Difference d -> TableText.differences((List<Difference>) l, style);
      case FrameView f -> frames((List<FrameView>) l);
      case CpuView c -> processors((List<CpuView>) l);
      case TaskView k -> tasks((List<TaskView>) l);
      case GuestView g -> GuestText.guests((List<GuestView>) l, style);
      case VirtualView v -> GuestText.devices((List<VirtualView>) l, style);
      case BalloonView b -> GuestText.balloons((List<BalloonView>) l, style);
      case AuditView a -> GuestText.audit((List<AuditView>) l, style);
      case ExitView e -> GuestText.exits((List<ExitView>) l, style);
      case StatView e -> GuestText.statistics((List<StatView>) l, style);
      default -> l.stream().map(this::of).collect(Collectors.joining("\n"));
    };
  }

  private String code(List<CodeLine> lines) {
    int width = lines.stream().mapToInt(l -> l.bytes().length()).max().orElse(0);
    var out = new StringBuilder();
    for (CodeLine l : lines) {
      if (l.symbol() != null) {
        out.append(out.isEmpty() ? "" : "\n").append(style.in(Ink.SYMBOL, l.symbol() + ":"));
      }
      if (l.source() != null) {
        out.append(out.isEmpty() ? "" : "\n").append(style.in(Ink.DIM, l.source()));
      }
      String mark = (l.breakpoint() > 0 ? "*" : " ") + (l.current() ? ">" : " ");
      String at = l.selector() >= 0 ? Hex.pad(l.selector(), 4) + ":" + Hex.pad(l.offset(), 4) : Hex.address(l.offset());
      String text = l.current() ? style.in(Ink.ACCENT, l.text()) : l.text();
      out.append(out.isEmpty() ? "" : "\n").append(mark).append(' ').append(at).append("  ").append(style.in(Ink.DIM, l.bytes()))
          .append(" ".repeat(Math.min(Math.max(width, 10), 24) - Math.min(l.bytes().length(), 24) + 2)).append(text)
          .append(l.target() == null ? "" : "  " + style.in(Ink.SYMBOL, "; " + l.target()));
    }
    return out.toString();
  }

  private static String breakpoint(BreakpointView b) {
    String what = b.action().equals("break") ? "bp" : b.action();
    return "%s %d: %s %s%s%s".formatted(what, b.id(), b.kind(), b.where(), b.bytes() > 0 ? " " + b.bytes() + " bytes" : "",
        b.symbol() == null ? "" : " <" + b.symbol() + ">");
  }

  private String breakpoints(List<BreakpointView> list) {
    Table t = new Table("id", "kind", "where", "bytes", "symbol", "on", "once", "ignore", "hits", "rule", "condition", "scope", "stage", "log",
        "do", "group", "does", "name", "cpu");
    for (BreakpointView b : list) {
      String on = b.enabled() ? b.active() ? "on" : "group off" : "off";
      t.row(b.id(), b.kind(), b.where(), b.bytes() == 0 ? "" : b.bytes(), b.symbol(), on, b.once() ? "once" : "",
          b.ignore() == 0 ? "" : b.ignore(), b.hits(), b.rule(), b.condition(), b.scope(), b.before() ? "pre" : "", b.log(), b.command(),
          b.group(), b.action().equals("break") ? "" : b.action(), b.name(), b.cpu() < 0 ? "" : b.cpu());
    }
    return t.text(style);
  }

  private String descriptors(List<DescriptorView> list) {
    Table t = new Table("selector", "raw", "kind", "base", "limit", "dpl", "");
    for (DescriptorView d : list) {
      boolean empty = d.kind().equals("null");
      t.row(Hex.of(d.selector(), 16), Hex.of(d.raw(), 64), d.kind(), empty ? "" : Hex.address(d.base()),
          empty ? "" : Hex.of(d.limit(), 32), empty ? "" : d.dpl(), empty || d.present() ? "" : "not present");
    }
    return t.text(style);
  }

  /** Empty gates are left out and counted. */
  private String gates(List<GateView> list) {
    Table t = new Table("vector", "name", "kind", "target", "symbol", "dpl", "ist", "");
    int empty = 0;
    for (GateView g : list) {
      if (g.kind().equals("empty")) {
        empty++;
        continue;
      }
      t.row(Hex.of(g.vector(), 8), g.name(), g.kind(), Hex.pad(g.selector(), 4) + ":" + Hex.address(g.offset()), g.symbol(), g.dpl(),
          g.ist() == 0 ? "" : g.ist(), g.present() ? "" : "not present");
    }
    return t.text(style) + (empty == 0 ? "" : "\n" + empty + " empty");
  }

  private String rows(List<RowView> list) {
    Table t = new Table("encoding", "mnemonic", "operands", "writes", "undefined", "feature", "attributes", "manual");
    for (RowView r : list) {
      t.row(r.encoding(), r.mnemonic(), r.operands(), r.flagsWritten(), r.flagsUndefined(), r.feature().equals("BASE") ? "" : r.feature(),
          r.attributes(), r.spec());
    }
    return t.text(style);
  }

  private String unknown(List<Unknown> list) {
    Table t = new Table("kind", "number", "reads", "writes", "first by", "explanation");
    list.forEach(u -> t.row(u.kind(), Hex.of(u.address()), u.reads(), u.writes(), u.first(), u.explanation()));
    return t.text(style);
  }

  private String consoles(List<ConsoleView> list) {
    Table t = new Table("console", "", "printed", "last line");
    list.forEach(c -> t.row(c.name(), c.about(), c.printed(), c.last()));
    return t.text(style);
  }

  private String frames(List<FrameView> list) {
    Table t = new Table("frame", "ip", "sp", "symbol", "source", "by");
    list.forEach(f -> t.row(f.number(), Hex.of(f.ip()), Hex.of(f.sp()), f.symbol(), f.source(), f.method()));
    return t.text(style);
  }

  private String processors(List<CpuView> list) {
    Table t = new Table("", "cpu", "state", "mode", "cpl", "count", "ip", "symbol");
    for (CpuView c : list) {
      t.row(c.selected() ? ">" : "", c.number(), c.state(), c.mode(), c.cpl(), "#" + c.count(), Hex.of(c.ip()), c.symbol());
    }
    return t.text(style);
  }

  private String tasks(List<TaskView> list) {
    boolean threads = list.stream().anyMatch(t -> t.pid() != t.tgid());
    Table t = new Table("", "pid", "tgid", "ppid", "state", "kind", "cr3", "cpu", "command");
    for (TaskView k : list) {
      t.row(k.current() ? ">" : "", k.pid(), threads ? k.tgid() : "", k.ppid(), k.state(), k.kernel() ? "kernel" : "user",
          k.cr3() == 0 ? "" : Hex.of(k.cr3()), k.cpu(), k.command());
    }
    return t.text(style);
  }

  private String fields(FieldsView f) {
    int width = f.fields().stream().mapToInt(x -> x.name().length()).max().orElse(0);
    var out = new StringBuilder(style.in(Ink.HEAD, f.title()));
    for (Field x : f.fields()) {
      out.append("\n  ").append(style.in(Ink.NAME, x.name())).append(" ".repeat(width - x.name().length() + 2)).append(x.value())
          .append(x.note().isEmpty() ? "" : "  " + style.in(Ink.DIM, x.note()));
    }
    return out.toString();
  }

  private String board(BoardView b) {
    var out = new StringBuilder(fields(new FieldsView(b.title(), b.fields())));
    for (TableView t : b.tables()) {
      out.append('\n').append(t.title().isEmpty() ? "" : style.in(Ink.DIM, t.title() + ":") + "\n").append(Table.of(t).text(style));
    }
    return out.toString();
  }

  static String size(long bytes) {
    return bytes >= 1 << 30 ? bytes / (1 << 30) + " GiB" : bytes >= 1 << 20 ? bytes / (1 << 20) + " MiB" : bytes / 1024 + " KiB";
  }
}
