package dev.trapline.shell;

import dev.trapline.shell.render.Style;
import dev.trapline.shell.render.Text;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.MonitorViews;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.view.ExitView;
import java.util.List;
import java.util.Locale;

/** What {@code --stats} tells at the end. */
final class Statistics {
  private static final int MOST_REASONS = 12;
  private final Session session;
  private final long begun = System.nanoTime();

  Statistics(Session session) {
    this.session = session;
    session.guests().clock(System::nanoTime);
  }

  /** Instructions, seconds, MIPS; and of each guest its own, its exits by reason and its overheads. */
  String text() {
    double seconds = (System.nanoTime() - begun) / 1e9;
    Guests guests = session.guests();
    var out = new StringBuilder(line("", session.guests().executed(), seconds));
    for (String name : guests.names()) {
      MonitorViews views = guests.session(name).monitor();
      if (guests.several()) {
        out.append("\n\n").append(line(name + ": ", guests.session(name).executed(), views.hostNanoseconds() / 1e9));
      }
      var text = new Text(Style.PLAIN);
      List<ExitView> exits = views.exits();
      out.append('\n').append(text.of(exits.subList(0, Math.min(MOST_REASONS, exits.size()))));
      out.append('\n').append(text.of(views.overheads()));
    }
    return out.toString();
  }

  private static String line(String who, long instructions, double seconds) {
    return String.format(Locale.ROOT, "%s%d instructions, %.3f seconds, %.1f MIPS", who, instructions, seconds, instructions / seconds / 1e6);
  }
}
