package dev.trapline.shell.command;

import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Style.Ink;
import dev.trapline.shell.render.Table;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.EventFilter;
import dev.trapline.vm.event.EventKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code help script} and {@code help event}: made of Javadoc and enums. */
public final class ApiHelp {
  private static final int WIDTH = 100;

  private final ApiDocs docs = ApiDocs.read();
  private final Style style;

  public ApiHelp(Style style) {
    this.style = style;
  }

  /** All sections in short, one section, or one name in full. @param topic null for all */
  public String script(String topic) {
    if (topic == null) {
      var out = new StringBuilder(wrapped(docs.sections().getFirst().text(), "")).append('\n');
      docs.sections().forEach(s -> out.append('\n').append(section(s)).append('\n'));
      return out + "\nhelp script NAME shows one of them in full; trapline run FILE.groovy runs a script";
    }
    ApiDocs.Section section = docs.section(topic);
    if (section != null && (docs.named(topic).isEmpty() || topic.equals("event"))) {
      return wrapped(section.text(), "") + "\n" + section(section);
    }
    List<ApiDocs.Member> found = docs.named(topic);
    if (found.isEmpty()) {
      List<String> names = docs.sections().stream().flatMap(s -> s.members().stream()).map(ApiDocs.Member::name).distinct().toList();
      String near = Near.of(topic, names);
      throw new BadInput("scripts know no '" + topic + "'" + advice(near, "'help script' lists what they know"));
    }
    var out = new ArrayList<String>();
    found.stream().distinct().forEach(m -> out.add(style.in(Ink.NAME, m.usage()) + "\n" + wrapped(m.text(), "  ")));
    if (section != null) {
      out.add(section(section));
    }
    return String.join("\n", out);
  }

  private String section(ApiDocs.Section s) {
    var t = new Table(s.word() + (s.from().isEmpty() ? "" : ": " + s.from()), "");
    s.members().forEach(m -> t.row("  " + m.usage(), m.brief()));
    return t.text(style);
  }

  /** Kinds of events, or the names one kind knows. @param kind null for all */
  public String event(String kind) {
    if (kind == null) {
      var t = new Table("event", "", "told by");
      Arrays.stream(EventKind.values()).forEach(k -> t.row(k.word(), k.about(), k.source().name().toLowerCase(java.util.Locale.ROOT)));
      return t.text(style) + "\n\nEach can be broken on (bp exit npf), run until (until exit npf), traced (trace exit npf), awaited in a"
          + "\nscript (await 'exit npf') and answered (on('exit npf') { e -> stop() }). help event KIND lists its names; help script event"
          + "\nwhat a handler is given.";
    }
    EventKind k = EventKind.of(kind);
    if (k == null) {
      String near = Near.of(kind, Arrays.stream(EventKind.values()).map(EventKind::word).toList());
      throw new BadInput("no events of kind '" + kind + "'" + advice(near, "'help event' lists them"));
    }
    var t = new Table(k.word(), k.about());
    EventFilter.words(k).forEach(w -> t.row("  " + w.word(), w.about()));
    return t.text(style);
  }

  private static String advice(String near, String otherwise) {
    return near == null ? ": " + otherwise : "; did you mean '" + near + "'?";
  }

  private static String wrapped(String text, String indent) {
    var out = new StringBuilder(indent);
    int column = indent.length();
    for (String word : text.split(" ")) {
      if (column > indent.length() && column + word.length() > WIDTH) {
        out.append('\n').append(indent);
        column = indent.length();
      }
      out.append(column == indent.length() ? "" : " ").append(word);
      column += word.length() + 1;
    }
    return out.toString();
  }
}
