package dev.trapline.shell;

import dev.trapline.vm.debug.Session;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Standard input and output as the guest's serial console. Input is handed over on the thread that runs the machine. */
final class StandardConsole {
  private static final int BUFFER = 4096;
  private final Session session;
  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private final BlockingQueue<byte[]> input = new LinkedBlockingQueue<>();
  private volatile boolean ended;

  StandardConsole(Session session) {
    this.session = session;
    session.onConsole(this::accept);
    Thread.ofPlatform().daemon().name("console input").start(this::read);
  }

  private void accept(int b) {
    buffer[filled++] = (byte) b;
    if (b == '\n' || filled == BUFFER) {
      flush();
    }
  }

  /** Writes what is still held back. */
  void flush() {
    System.out.write(buffer, 0, filled);
    System.out.flush();
    filled = 0;
  }

  private void read() {
    byte[] bytes = new byte[BUFFER];
    try {
      for (int n = System.in.read(bytes); n >= 0; n = System.in.read(bytes)) {
        input.add(java.util.Arrays.copyOf(bytes, n));
        session.interrupt();
      }
    } catch (IOException closed) {
      // The same as the end of input.
    }
    ended = true;
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
}
