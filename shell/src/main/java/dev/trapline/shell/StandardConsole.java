package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.Session;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Standard input and output as the guest's serial console. On a terminal each key goes to the guest as it is typed, and Ctrl-] leaves;
 * Ctrl-C ends the program. Input is handed over on the thread that runs the machine.
 */
final class StandardConsole implements AutoCloseable {
  private static final int BUFFER = 4096;
  private static final int LEAVE = 0x1d;
  private final Session session;
  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private boolean midLine;
  private final BlockingQueue<byte[]> input = new LinkedBlockingQueue<>();
  private volatile boolean ended;
  private volatile boolean left;
  private final Terminal terminal;
  private final Attributes cooked;

  StandardConsole(Session session) {
    this.session = session;
    session.onConsole(this::accept);
    Console console = System.console();
    terminal = console != null && console.isTerminal() ? open() : null;
    cooked = terminal == null ? null : terminal.enterRawMode();
    InputStream from = terminal == null ? System.in : terminal.input();
    Thread.ofPlatform().daemon().name("console input").start(() -> read(from));
  }

  private static Terminal open() {
    try {
      return TerminalBuilder.builder().system(true).nativeSignals(false).build();
    } catch (IOException broken) {
      throw new BadInput("cannot open the terminal: " + broken.getMessage());
    }
  }

  private void accept(int b) {
    buffer[filled++] = (byte) b;
    midLine = b != '\n';
    if (b == '\n' || terminal != null || filled == BUFFER) {
      flush();
    }
  }

  /** Writes what is still held back. */
  void flush() {
    System.out.write(buffer, 0, filled);
    System.out.flush();
    filled = 0;
  }

  private void read(InputStream from) {
    byte[] bytes = new byte[BUFFER];
    try {
      for (int n = from.read(bytes); n >= 0; n = from.read(bytes)) {
        left = terminal != null && contains(bytes, n, LEAVE);
        input.add(Arrays.copyOf(bytes, n));
        session.interrupt();
      }
    } catch (IOException closed) {
      // The same as the end of input.
    }
    ended = true;
  }

  private static boolean contains(byte[] bytes, int length, int wanted) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == wanted) {
        return true;
      }
    }
    return false;
  }

  /** Whether a person types. */
  boolean interactive() {
    return terminal != null;
  }

  /** Whether the user has pressed Ctrl-]. */
  boolean left() {
    return left;
  }

  /** Types what has arrived. */
  void deliver() {
    for (byte[] b = input.poll(); b != null; b = input.poll()) {
      session.type(b);
    }
  }

  /** Waits for input; false if none will come or the supplier says to give up. */
  boolean await(BooleanSupplier giveUp) {
    flush();
    try {
      while (!giveUp.getAsBoolean()) {
        if (ended && input.isEmpty()) {
          return false;
        }
        byte[] b = input.poll(100, TimeUnit.MILLISECONDS);
        if (b != null) {
          session.type(b);
          return true;
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  @Override
  public void close() {
    flush();
    if (terminal != null) {
      terminal.setAttributes(cooked);
      System.out.print(midLine ? System.lineSeparator() : "");
    }
  }
}
