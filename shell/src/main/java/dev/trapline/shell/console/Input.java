package dev.trapline.shell.console;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.utils.NonBlockingInputStream;

/**
 * Reads what is typed on a thread of its own while a console is attached, up to Ctrl-]. What comes after that stays where it is for the
 * shell to read.
 */
final class Input {
  /** Ctrl-], as telnet has it. */
  static final int LEAVE = 0x1d;
  private static final long POLL = 50;
  private static final int BUFFER = 4096;

  private final NonBlockingInputStream from;
  private final boolean leavable;
  private final Runnable arrived;
  private final BlockingQueue<byte[]> typed = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("console input").unstarted(this::read);
  private volatile boolean ended;
  private volatile boolean left;
  private volatile boolean closed;

  /**
   * @param leavable whether Ctrl-] is the user's; from a pipe it is the guest's like any byte
   * @param arrived called on another thread when there is something to look at
   */
  Input(NonBlockingInputStream from, boolean leavable, Runnable arrived) {
    this.from = from;
    this.leavable = leavable;
    this.arrived = arrived;
  }

  void start() {
    thread.start();
  }

  private void read() {
    byte[] buffer = new byte[BUFFER];
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

  private void take(int n, byte[] buffer) {
    left = leavable && buffer[n - 1] == LEAVE;
    int length = left ? n - 1 : n;
    if (length > 0) {
      typed.add(Arrays.copyOf(buffer, length));
    }
    if (!left) {
      arrived.run();
    }
  }

  /** Whether the user has pressed Ctrl-]. */
  boolean left() {
    return left && typed.isEmpty();
  }

  /** What has been typed, or null. */
  byte[] poll() {
    return typed.poll();
  }

  /** Waits for something typed; null if nothing will come or the supplier says to give up. */
  byte[] await(BooleanSupplier giveUp) {
    try {
      while (!giveUp.getAsBoolean() && !left()) {
        byte[] b = typed.poll(POLL, TimeUnit.MILLISECONDS);
        if (b != null || ended && typed.isEmpty()) {
          return b;
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    return null;
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
