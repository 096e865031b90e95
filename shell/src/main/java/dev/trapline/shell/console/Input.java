package dev.trapline.shell.console;

import dev.trapline.vm.debug.Stop;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.utils.NonBlockingInputStream;

/**
 * Reads what is typed on a thread of its own while a console is attached, up to Ctrl-]. What comes after that stays where it is for the
 * shell to read; but with several guests a digit right after it chooses one of them.
 */
final class Input {
  /** Ctrl-], as telnet has it. */
  static final int LEAVE = 0x1d;
  private static final long POLL = 50;
  /** How long a digit is waited for, in milliseconds. */
  private static final long DIGIT = 700;
  private static final int BUFFER = 4096;

  /** What leaves a console: nothing, as in a pipe, where Ctrl-] is the guest's like any byte; Ctrl-]; or that and no digit behind it. */
  enum Leaving { NEVER, ESCAPE, ESCAPE_OR_CHOICE }

  /**
   * What was typed together.
   *
   * @param guest number after Ctrl-], or -1; there are no bytes then
   */
  record Typed(byte[] bytes, int guest) {}

  /** Who takes what is typed, and how the machine runs meanwhile. */
  interface Desk {
    /** Runs until something stops the machine; null if nothing that matters here did. */
    Stop go();

    void type(byte[] bytes);

    /** Ctrl-] and a digit. */
    default void choose(int guest) {
      throw new IllegalStateException("nobody is to choose here");
    }

    /** The machine waits for input: what was printed is to be seen. */
    void flush();

    /** Whether to wait no longer. */
    boolean givesUp();

    /** Why the machine stands still. */
    Stop last();
  }

  private final NonBlockingInputStream from;
  private final Leaving leaving;
  private final Runnable arrived;
  private final BlockingQueue<Typed> typed = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("console input").unstarted(this::read);
  private volatile boolean ended;
  private volatile boolean left;
  private volatile boolean closed;

  /** @param arrived called on another thread when there is something to look at */
  Input(NonBlockingInputStream from, Leaving leaving, Runnable arrived) {
    this.from = from;
    this.leaving = leaving;
    this.arrived = arrived;
  }

  void start() {
    thread.start();
  }

  private void read() {
    byte[] buffer = new byte[BUFFER];
    boolean leavable = leaving != Leaving.NEVER;
    try {
      for (int n = 0; n >= 0 && !left && !closed; ) {
        n = from.readBuffered(buffer, 0, leavable ? 1 : BUFFER, POLL);
        if (n > 0) {
          take(leavable ? burst(buffer) : n, buffer);
        } else if (n == NonBlockingInputStream.READ_EXPIRED) {
          n = 0;
        }
      }
    } catch (IOException gone) {
      // The same as the end of input.
    }
    ended = !left && !closed;
    if (left) {
      arrived.run();
    }
  }

  /** Adds what has come together with a first byte, as the codes of one key do, but nothing behind Ctrl-]. */
  private int burst(byte[] buffer) throws IOException {
    int n = 1;
    while (n < BUFFER && buffer[n - 1] != LEAVE) {
      int b = from.peek(1) < 0 ? -1 : from.read(1);
      if (b < 0) {
        break;
      }
      buffer[n++] = (byte) b;
    }
    return n;
  }

  private void take(int n, byte[] buffer) throws IOException {
    boolean escape = leaving != Leaving.NEVER && buffer[n - 1] == LEAVE;
    int length = escape ? n - 1 : n;
    if (length > 0) {
      typed.add(new Typed(Arrays.copyOf(buffer, length), -1));
    }
    if (escape) {
      escaped();
    }
    if (!left) {
      arrived.run();
    }
  }

  private void escaped() throws IOException {
    int next = leaving == Leaving.ESCAPE_OR_CHOICE ? from.peek(DIGIT) : -1;
    if (next >= '0' && next <= '9') {
      typed.add(new Typed(new byte[0], from.read(1) - '0'));
    } else {
      left = true;
    }
  }

  /** Whether the user has pressed Ctrl-]. */
  boolean left() {
    return left && typed.isEmpty();
  }

  /** What has been typed, or null. */
  byte[] poll() {
    Typed t = typed.poll();
    return t == null ? null : t.bytes;
  }

  /** Waits for something typed; null if nothing will come or the supplier says to give up. */
  byte[] await(BooleanSupplier giveUp) {
    Typed t = next(giveUp);
    return t == null ? null : t.bytes;
  }

  private Typed next(BooleanSupplier giveUp) {
    try {
      while (!giveUp.getAsBoolean() && !left()) {
        Typed t = typed.poll(POLL, TimeUnit.MILLISECONDS);
        if (t != null || ended && typed.isEmpty()) {
          return t;
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Runs the machine with what is typed in between, until Ctrl-] or something stops it. */
  Stop serve(Desk desk) {
    while (true) {
      for (Typed t = typed.poll(); t != null; t = typed.poll()) {
        hand(desk, t);
      }
      if (left()) {
        return desk.last();
      }
      Stop stop = desk.go();
      if (desk.givesUp() || !(stop == null || stop instanceof Stop.Interrupted || stop instanceof Stop.Waiting)) {
        return stop;
      }
      if (stop instanceof Stop.Waiting) {
        desk.flush();
        Typed t = next(desk::givesUp);
        if (t == null) {
          return stop;
        }
        hand(desk, t);
      }
    }
  }

  private static void hand(Desk desk, Typed t) {
    if (t.guest >= 0) {
      desk.choose(t.guest);
    } else {
      desk.type(t.bytes);
    }
  }

  /** Ends reading; a byte that comes later is the shell's. */
  void close() {
    closed = true;
    try {
      thread.join(10 * POLL);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
