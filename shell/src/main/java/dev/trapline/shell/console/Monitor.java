package dev.trapline.shell.console;

import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import dev.trapline.vm.debug.view.ScreenView;
import java.io.PrintWriter;
import java.util.List;
import org.jline.utils.NonBlockingInputStream;

/** The guest's text screen on the terminal's alternate one, and the terminal's keys on the guest's keyboard. */
final class Monitor {
  private static final String ENTER = "\033[?1049h\033[2J";
  private static final String LEAVE = "\033[0m\033[?25h\033[?1049l";
  /** Pictures in a second of virtual time. */
  private static final int RATE = 25;

  private final Session session;
  private final PrintWriter out;
  private List<String> shown = List.of();

  Monitor(Session session, PrintWriter out) {
    this.session = session;
    this.out = out;
  }

  /** Runs connected until Ctrl-] or something stops the machine. */
  Stop run(NonBlockingInputStream from) {
    session.inspect().screen();
    Input input = new Input(from, Input.Leaving.ESCAPE, session::interrupt);
    out.print(ENTER);
    input.start();
    try {
      return run(input);
    } finally {
      input.close();
      session.forgetInterrupt();
      out.print(LEAVE);
      out.flush();
    }
  }

  private Stop run(Input input) {
    while (true) {
      for (byte[] b = input.poll(); b != null; b = input.poll()) {
        Keys.type(session, b);
      }
      draw(session.inspect().screen());
      if (input.left()) {
        return session.last();
      }
      Stop stop = session.runFor(session.perSecond() / RATE);
      if (stop instanceof Stop.Waiting) {
        draw(session.inspect().screen());
        byte[] b = input.await(() -> false);
        if (b == null) {
          return stop;
        }
        Keys.type(session, b);
      } else if (!(stop instanceof Stop.Interrupted || stop instanceof Stop.Limit)) {
        return stop;
      }
    }
  }

  private void draw(ScreenView screen) {
    List<String> now = screen.graphics() ? List.of("graphics, " + screen.width() + " by " + screen.height() + ": screenshot FILE.png keeps it",
        "", "Ctrl-] leads back to the shell") : screen.lines();
    for (int row = 0; row < Math.max(now.size(), shown.size()); row++) {
      String line = row < now.size() ? now.get(row) : "";
      if (row >= shown.size() || !line.equals(shown.get(row))) {
        out.print("\033[" + (row + 1) + ";1H" + line + "\033[K");
      }
    }
    shown = now;
    boolean cursor = screen.cursorRow() >= 0;
    out.print(cursor ? "\033[" + (screen.cursorRow() + 1) + ";" + (screen.cursorColumn() + 1) + "H\033[?25h" : "\033[?25l");
    out.flush();
  }
}
