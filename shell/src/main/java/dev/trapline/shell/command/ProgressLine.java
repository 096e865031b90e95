package dev.trapline.shell.command;

import dev.trapline.vm.debug.Saves;
import java.io.PrintWriter;

/** Tells a person at a terminal how far something has come, if it takes longer than a second. */
public final class ProgressLine implements Saves.Progress, AutoCloseable {
  private static final long PATIENCE = 1_000_000_000;
  private final PrintWriter out;
  private final String what;
  private final long start = System.nanoTime();
  private long shown = -1;

  /** @param out null for nobody */
  public ProgressLine(PrintWriter out, String what) {
    this.out = out;
    this.what = what;
  }

  /** For the person at a shell; nobody, if none is there. */
  public static ProgressLine of(Shell shell, String what) {
    return new ProgressLine(shell.interactive() ? shell.out() : null, what);
  }

  @Override
  public void at(long done, long all) {
    long percent = all == 0 ? 100 : 100 * done / all;
    if (out != null && percent != shown && System.nanoTime() - start > PATIENCE) {
      shown = percent;
      out.print("\r" + what + ": " + percent + " % ");
      out.flush();
    }
  }

  @Override
  public void close() {
    if (shown >= 0) {
      out.print("\r" + " ".repeat(what.length() + 8) + "\r");
      out.flush();
    }
  }
}
