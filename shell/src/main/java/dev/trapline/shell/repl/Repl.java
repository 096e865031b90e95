package dev.trapline.shell.repl;

import dev.trapline.shell.command.Failure;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style.Ink;
import dev.trapline.vm.debug.BadInput;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;

/** Reads lines from a person until they leave. */
public final class Repl {
  private static final String PROMPT = "trapline> ";
  private final Shell shell;
  private final Terminal terminal;
  private final LineReader reader;
  private final CuttableWriter out;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param history where lines are kept, or null for nowhere
   */
  public Repl(Shell shell, Terminal terminal, CuttableWriter out, Path history) {
    this.shell = shell;
    this.terminal = terminal;
    this.out = out;
    DefaultParser parser = new DefaultParser();
    parser.setEscapeChars(null);
    parser.setQuoteChars(new char[0]);
    var builder = LineReaderBuilder.builder().appName("trapline").terminal(terminal).parser(parser)
        .completer(new ShellCompleter(shell))
        .option(LineReader.Option.HISTORY_IGNORE_DUPS, true)
        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
        .option(LineReader.Option.AUTO_LIST, true)
        .option(LineReader.Option.HISTORY_INCREMENTAL, true)
        .variable(LineReader.LIST_MAX, 100);
    if (history != null) {
      builder.variable(LineReader.HISTORY_FILE, history).variable(LineReader.HISTORY_SIZE, 5000);
    }
    this.reader = builder.build();
    terminal.handle(Terminal.Signal.INT, s -> interrupted());
  }

  /** Ctrl-C while a command runs: the machine stops, a listing is cut. At the prompt JLine clears the line. */
  private void interrupted() {
    boolean script = shell.stopScript();
    if (shell.session().running()) {
      shell.session().interrupt();
      shell.freshLine();
    } else if (running.get() && !script) {
      out.cut();
    }
  }

  /** Runs until {@code quit} or Ctrl-D twice. */
  public void run() {
    boolean ended = false;
    while (!shell.leaving()) {
      try {
        shell.openLine();
        shell.out().flush();
        String line = reader.readLine(shell.prompt(PROMPT));
        ended = false;
        if (line.isBlank() && shell.repeatable() == null) {
          continue;
        }
        execute(line.isBlank() ? shell.repeatable() : line);
      } catch (UserInterruptException cleared) {
        ended = false;
      } catch (EndOfFileException end) {
        if (ended || isDumb()) {
          return;
        }
        ended = true;
        shell.out().println("Ctrl-D again or quit leaves");
        shell.out().flush();
      }
    }
  }

  private boolean isDumb() {
    return terminal.getType().startsWith(Terminal.TYPE_DUMB);
  }

  private void execute(String line) {
    running.set(true);
    try {
      out.whole();
      shell.execute(line);
    } catch (BadInput | Failure wrong) {
      out.whole();
      shell.out().println(shell.style().in(Ink.ERROR, wrong.getMessage()));
    } catch (RuntimeException bug) {
      // The session outlives a bug of ours: the user loses a command, not an hour of work.
      out.whole();
      String where = bug.getStackTrace().length == 0 ? "" : " at " + bug.getStackTrace()[0];
      shell.out().println(shell.style().in(Ink.ERROR, "internal error, please report: " + bug + where));
    } finally {
      running.set(false);
      shell.out().flush();
    }
  }
}
