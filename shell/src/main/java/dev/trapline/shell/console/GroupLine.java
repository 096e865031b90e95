package dev.trapline.shell.console;

import dev.trapline.shell.command.GuestLines;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.PrintStream;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jline.utils.NonBlockingInputStream;

/**
 * The serial consoles of several guests, connected. Either all are shown, line by line under their names, with the line that is being
 * written by the guest that has the keys at the bottom; or one is shown as it is. Ctrl-] and a digit choose: a guest by its number, or 0
 * for all.
 */
final class GroupLine {
  /** What was printed last, shown when a guest is chosen. */
  private static final int RECENT = 10;
  private static final int ALL = -1;
  /** Begins the line anew and clears it. */
  private static final String ANEW = "\r\033[K";

  private final Guests guests;
  private final PrintStream out;
  private final boolean terminal;
  private final Style style;
  private final IntSupplier columns;
  private final GuestLines lines;
  /** The only guest shown, or {@link #ALL}. */
  private int shown;
  /** The guest that has the keys. */
  private int keys;
  /** Whether the cursor stands behind something. */
  private boolean midLine;
  private boolean left;

  /**
   * @param terminal whether somebody looks at every byte and leaves with Ctrl-]
   * @param alone whether to begin with the current guest alone
   * @param columns of the terminal
   */
  GroupLine(Guests guests, PrintStream out, boolean terminal, Style style, boolean alone, IntSupplier columns) {
    this.columns = columns;
    this.guests = guests;
    this.out = out;
    this.terminal = terminal;
    this.style = style;
    this.lines = new GuestLines(guests.names());
    this.keys = guests.names().indexOf(guests.current().guest());
    this.shown = alone ? keys : ALL;
  }

  boolean midLine() {
    return midLine;
  }

  boolean left() {
    return left;
  }

  private Session session(int guest) {
    return guests.session(guests.names().get(guest));
  }

  /**
   * Runs connected; output belongs to nobody afterwards.
   *
   * @param go how to run, until something stops the machine
   */
  Stop run(NonBlockingInputStream from, Supplier<Stop> go, BooleanSupplier giveUp) {
    connect();
    if (shown != ALL) {
      recent();
    }
    Input input = new Input(from, terminal ? Input.Leaving.ESCAPE_OR_CHOICE : Input.Leaving.NEVER, () -> guests.current().interrupt());
    input.start();
    try {
      return input.serve(new Desk(go, giveUp));
    } finally {
      left = input.left();
      input.close();
      for (int i = 0; i < guests.names().size(); i++) {
        session(i).forgetInterrupt();
        session(i).onConsole(b -> {});
      }
      settle();
    }
  }

  private void connect() {
    for (int i = 0; i < guests.names().size(); i++) {
      int guest = i;
      session(i).onConsole(b -> print(guest, b));
    }
  }

  // ---- what is printed

  private void print(int guest, int b) {
    if (shown == guest) {
      out.write(b);
      midLine = b != '\n';
    } else if (shown == ALL) {
      listed(guest, b);
    } else {
      lines.accept(guest, b, style);
      return;
    }
    if (terminal || b == '\n') {
      out.flush();
    }
  }

  private void listed(int guest, int b) {
    List<String> whole = lines.accept(guest, b, style);
    boolean live = terminal && guest == keys;
    if (!whole.isEmpty() || live) {
      clear();
      whole.forEach(out::println);
      begun();
    }
  }

  private void clear() {
    if (midLine) {
      out.print(ANEW);
      midLine = false;
    }
  }

  /** The line that is being written by who has the keys. */
  private void begun() {
    String line = terminal ? lines.begun(keys, style, columns.getAsInt() - 1) : "";
    out.print(line);
    midLine = !line.isEmpty();
  }

  /** Shows what has been begun and not ended. */
  private void settle() {
    if (shown == ALL) {
      clear();
      for (int i = 0; i < guests.names().size(); i++) {
        lines.take(i, style).forEach(out::println);
      }
    }
    out.flush();
  }

  private void say(String text) {
    if (shown == ALL) {
      clear();
    } else if (midLine) {
      out.println();
    }
    midLine = false;
    out.println(style.in(Style.Ink.DIM, "-- " + text + " --"));
    if (shown == ALL) {
      begun();
    }
    out.flush();
  }

  private void recent() {
    say("guest " + guests.names().get(keys) + "; Ctrl-] and a digit chooses another, 0 shows all, Ctrl-] alone leads back");
    session(keys).printed("uart0", RECENT).forEach(out::println);
    out.flush();
  }

  // ---- what is typed

  private final class Desk implements Input.Desk {
    private final Supplier<Stop> run;
    private final BooleanSupplier giveUp;

    Desk(Supplier<Stop> run, BooleanSupplier giveUp) {
      this.run = run;
      this.giveUp = giveUp;
    }

    @Override
    public Stop go() {
      Stop stop = run.get();
      if (!stop.finished() || guests.living().last().finished()) {
        return stop;
      }
      String ended = stop.at().guest();
      boolean mine = ended.equals(guests.names().get(keys));
      if (mine) {
        keys = guests.names().indexOf(guests.current().guest());
        shown = shown == ALL ? ALL : keys;
      }
      say("guest " + ended + " has ended: " + guests.end(ended) + (mine && terminal ? "; the keys are " + guests.names().get(keys) + "'s" : ""));
      return null;
    }

    @Override
    public void type(byte[] bytes) {
      session(keys).type(bytes);
    }

    @Override
    public void choose(int guest) {
      if (guest > guests.names().size()) {
        say("there is no guest " + guest + ": 1 to " + guests.names().size() + ", 0 for all");
      } else if (guest == 0) {
        shown = ALL;
        say("all guests; the keys are " + guests.names().get(keys) + "'s");
      } else {
        settle();
        keys = guest - 1;
        shown = keys;
        lines.take(keys, style);
        guests.select(guests.names().get(keys));
        recent();
      }
    }

    @Override
    public void flush() {
      out.flush();
    }

    @Override
    public boolean givesUp() {
      return giveUp.getAsBoolean();
    }

    @Override
    public Stop last() {
      return guests.current().last();
    }
  }
}
