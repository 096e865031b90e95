package dev.trapline.shell.console;

import dev.trapline.shell.command.Attacher;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlocking;
import org.jline.utils.NonBlockingInputStream;

/** The user's terminal at a console: raw while attached, as it was afterwards, whatever ends it. */
public final class TerminalConsole implements Attacher {
  /** What a guest may have left behind: colours, line drawing, a hidden cursor, application keys, a scrolling region. */
  private static final String TIDY = "\033[0m\033(B\033[?25h\033[?1l\033>\0337\033[r\0338";
  private static final int RECENT = 10;
  private final Terminal terminal;
  private boolean told;
  private boolean midLine;
  private boolean left;

  public TerminalConsole(Terminal terminal) {
    this.terminal = terminal;
  }

  private boolean dumb() {
    return terminal.getType().startsWith(Terminal.TYPE_DUMB);
  }

  @Override
  public Stop attach(Shell shell, String console) {
    Session session = shell.session();
    String name = session.console(console).name();
    if (!told) {
      shell.out().println("(Ctrl-] leads back to the shell)");
      told = true;
    }
    session.pacing(dumb() ? null : new RealTime(session.perSecond()));
    try {
      return name.equals("screen") ? screen(session) : line(shell, name);
    } finally {
      session.pacing(null);
    }
  }

  private Stop screen(Session session) {
    if (dumb()) {
      throw new BadInput("attach screen needs a real terminal; 'screen' shows the text, 'type -k' presses keys");
    }
    return raw(() -> new Monitor(session, terminal.writer()).run(keys()));
  }

  private NonBlockingInputStream keys() {
    return NonBlocking.nonBlocking("keys", terminal.input());
  }

  private Stop line(Shell shell, String name) {
    if (!name.equals("uart0")) {
      // The shell does not show what these print.
      shell.session().printed(name, RECENT).forEach(shell.out()::println);
    }
    shell.out().flush();
    try {
      return raw(shell.session(), name, () -> shell.session().guests().living().resume(), () -> false, shell.style());
    } finally {
      shell.showConsoles();
      if (midLine) {
        shell.freshLine();
      }
    }
  }

  /** Runs with a console connected. */
  public Stop raw(Session session, String console, Supplier<Stop> go, BooleanSupplier giveUp, Style style) {
    if (session.guests().several() && console.equals("uart0")) {
      return group(session, go, giveUp, style, true);
    }
    Line line = new Line(session, console, terminal.output(), !dumb());
    try {
      return raw(() -> line.run(keys(), go, giveUp));
    } finally {
      midLine = line.midLine();
      left = line.left();
    }
  }

  /**
   * Runs with the serial consoles of all guests connected.
   *
   * @param alone whether to begin with the current guest alone
   */
  public Stop group(Session session, Supplier<Stop> go, BooleanSupplier giveUp, Style style, boolean alone) {
    PrintStream out = new PrintStream(terminal.output(), false, StandardCharsets.UTF_8);
    GroupLine line = new GroupLine(session.guests(), out, !dumb(), style, alone, terminal::getWidth);
    try {
      return raw(() -> line.run(keys(), go, giveUp));
    } finally {
      midLine = line.midLine();
      left = line.left();
    }
  }

  /** Whether the user has left the last console with Ctrl-]. */
  public boolean left() {
    return left;
  }

  /** Begins a new line if the guest has left one open. */
  public void end() {
    if (midLine) {
      terminal.writer().println();
      terminal.flush();
    }
  }

  private Stop raw(Supplier<Stop> work) {
    if (dumb()) {
      return work.get();
    }
    Attributes before = terminal.enterRawMode();
    Attributes raw = terminal.getAttributes();
    raw.setLocalFlag(LocalFlag.ISIG, false);
    terminal.setAttributes(raw);
    Thread restore = new Thread(() -> restore(before), "terminal");
    Runtime.getRuntime().addShutdownHook(restore);
    try {
      return work.get();
    } finally {
      Runtime.getRuntime().removeShutdownHook(restore);
      restore(before);
    }
  }

  private void restore(Attributes before) {
    terminal.setAttributes(before);
    terminal.writer().print(TIDY);
    terminal.flush();
  }
}
