package dev.trapline.shell.repl;

import dev.trapline.shell.command.Pager;
import java.io.ByteArrayInputStream;
import java.io.IOError;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jline.builtins.Less;
import org.jline.builtins.Source;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.utils.AttributedString;

/** JLine's {@code less} on what is longer than the screen: {@code q} or Ctrl-C ends it, {@code /} searches, {@code h} tells the rest. */
public final class TerminalPager implements Pager {
  private final Terminal terminal;

  public TerminalPager(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public boolean show(String text) {
    if (rows(text) < terminal.getHeight() || terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
      return false;
    }
    Thread pager = Thread.currentThread();
    Terminal.SignalHandler before = terminal.handle(Signal.INT, s -> pager.interrupt());
    try {
      terminal.writer().flush();
      less(text);
    } catch (InterruptedException | IOError ended) {
      // Ctrl-C is a way to end it; JLine wraps it where it waits for a key.
      if (ended instanceof IOError e && !(e.getCause() instanceof InterruptedIOException)) {
        throw e;
      }
      terminal.writer().println();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } finally {
      terminal.handle(Signal.INT, before);
      Thread.interrupted();
    }
    return true;
  }

  private void less(String text) throws IOException, InterruptedException {
    Less less = new Less(terminal, Path.of("."));
    // What was seen last stays on the screen.
    less.noInit = true;
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    less.run(new Source.InputStreamSource(new ByteArrayInputStream(bytes), true, "q ends, h helps"));
  }

  private int rows(String text) {
    int width = Math.max(1, terminal.getWidth());
    return text.lines().mapToInt(l -> Math.max(1, (AttributedString.fromAnsi(l).columnLength() + width - 1) / width)).sum();
  }
}
