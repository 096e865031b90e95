package dev.trapline.shell;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.console.TerminalConsole;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.repl.CuttableWriter;
import dev.trapline.shell.repl.Repl;
import dev.trapline.shell.repl.TerminalPager;
import dev.trapline.shell.script.LazyGroovy;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Guests;
import dev.trapline.vm.debug.Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The shell on a terminal, until the user leaves. */
final class InteractiveShell {
  private final Session session;
  private final Terminal terminal;
  private final CuttableWriter writer;
  private final Shell shell;
  private final boolean configured;

  /**
   * @param configured whether the user's configuration folder is read, and history kept in it
   */
  InteractiveShell(Session session, Terminal terminal, ColorMode color, boolean configured) {
    this.session = session;
    this.terminal = terminal;
    this.configured = configured;
    this.writer = new CuttableWriter(terminal.writer());
    boolean dumb = terminal.getType().startsWith(Terminal.TYPE_DUMB);
    Style style = color.style(!dumb, System.getenv("NO_COLOR"));
    this.shell = new Shell(Commands.ALL, session, new PrintWriter(writer, false), style, true);
    shell.script(new LazyGroovy(shell, new ScriptWorkshop(() -> session, shell.out())));
    shell.attacher(new TerminalConsole(terminal));
    shell.pager(new TerminalPager(terminal));
  }

  /** The terminal the program was started on. */
  static Terminal terminal() {
    try {
      return TerminalBuilder.builder().system(true).dumb(true).build();
    } catch (IOException broken) {
      throw new BadInput("cannot open the terminal: " + broken.getMessage());
    }
  }

  /** Reads and executes lines. */
  void run() {
    shell.showConsoles();
    if (configured) {
      init();
    }
    new Repl(shell, terminal, writer, configured ? configuration("history") : null).run();
  }

  /** What a user sees first. */
  void welcome() {
    shell.out().println("Trapline. " + (session.guests().several() ? guests() : session.image().boot().name()
        + (session.inspect().place().count() > 0 ? " goes on from its snapshot." : " is loaded and stands before its first instruction.")));
    shell.execute("ctx");
    shell.out().println();
    shell.out().println("Try:  si           one instruction (then an empty line repeats it)");
    shell.out().println("      c            run; Ctrl-C stops the machine");
    if (session.guests().several()) {
      shell.out().println("      guest " + String.format("%-7s", session.guests().names().getLast()) + "look at another guest; guest lists them all");
    }
    shell.out().println("      help         all commands; help bp shows one with examples");
    shell.out().flush();
  }

  private String guests() {
    Guests all = session.guests();
    List<String> images = all.names().stream().map(n -> all.session(n).image().boot().name()).distinct().toList();
    return all.names().size() + " guests of one monitor, " + String.join(" and ", all.names()) + ", stand before their first instruction"
        + (images.size() == 1 ? "\n          in " + images.getFirst() + "." : ".");
  }

  /** What a user sees who has left the guest's console. */
  void stopped() {
    shell.freshLine();
    shell.line(shell.text().of(shell.session().last()));
    shell.out().println("The machine stands still. attach goes back to the console, c runs on with Ctrl-C for you, quit leaves.");
    shell.out().flush();
  }

  private void init() {
    Path own = configuration("init.trap");
    if (own != null && Files.isRegularFile(own)) {
      shell.source(own);
    }
  }

  /** A file in the user's configuration folder, made if absent; null if it cannot be. */
  private static Path configuration(String name) {
    String base = System.getenv("XDG_CONFIG_HOME");
    Path home = base == null || base.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(base);
    Path folder = home.resolve("trapline");
    try {
      Files.createDirectories(folder);
      return folder.resolve(name);
    } catch (IOException readOnly) {
      return null;
    }
  }
}
