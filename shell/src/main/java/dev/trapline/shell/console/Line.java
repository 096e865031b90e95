package dev.trapline.shell.console;

import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Stop;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jline.utils.NonBlockingInputStream;

/** A console that prints, connected: its bytes go out as they come, what is typed goes in between two instructions. */
public final class Line {
  private static final int BUFFER = 4096;
  private final Session session;
  private final String console;
  private final OutputStream out;
  private final boolean terminal;
  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private boolean midLine;
  private boolean left;

  /**
   * @param terminal whether somebody looks at every byte and leaves with Ctrl-]
   */
  public Line(Session session, String console, OutputStream out, boolean terminal) {
    this.session = session;
    this.console = console;
    this.out = out;
    this.terminal = terminal;
  }

  /** Whether the guest has left its output in the middle of a line. */
  public boolean midLine() {
    return midLine;
  }

  /** Whether the last run ended with Ctrl-]. */
  public boolean left() {
    return left;
  }

  private void print(int b) {
    buffer[filled++] = (byte) b;
    midLine = b != '\n';
    if (b == '\n' || terminal || filled == BUFFER) {
      flush();
    }
  }

  /** Writes what is still held back. */
  public void flush() {
    try {
      out.write(buffer, 0, filled);
      out.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException("the console's output", gone);
    } finally {
      filled = 0;
    }
  }

  /**
   * Runs connected. The console's output belongs to nobody afterwards.
   *
   * @param go how to run, until something stops the machine; called again after input
   * @param giveUp when to wait no longer
   * @return why it ended; {@link Stop.Interrupted} after Ctrl-]
   */
  public Stop run(NonBlockingInputStream from, Supplier<Stop> go, BooleanSupplier giveUp) {
    session.onConsole(console, this::print);
    Input input = new Input(from, terminal ? Input.Leaving.ESCAPE : Input.Leaving.NEVER, session::interrupt);
    input.start();
    try {
      return input.serve(new Desk(go, giveUp));
    } finally {
      left = input.left();
      input.close();
      session.forgetInterrupt();
      session.onConsole(console, b -> {});
      flush();
    }
  }

  private final class Desk implements Input.Desk {
    private final Supplier<Stop> run;
    private final BooleanSupplier giveUp;

    Desk(Supplier<Stop> run, BooleanSupplier giveUp) {
      this.run = run;
      this.giveUp = giveUp;
    }

    @Override
    public Stop go() {
      return run.get();
    }

    /** While a journal is repeated, its input is the guest's only one. */
    @Override
    public void type(byte[] bytes) {
      if (!session.saves().replaying()) {
        session.type(console, bytes);
      }
    }

    @Override
    public void flush() {
      Line.this.flush();
    }

    @Override
    public boolean givesUp() {
      return giveUp.getAsBoolean();
    }

    @Override
    public Stop last() {
      return session.last();
    }
  }
}
