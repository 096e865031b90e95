package dev.trapline.shell.repl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;

/** A writer whose output Ctrl-C cuts: after {@link #cut} nothing more appears until {@link #whole}. */
public final class CuttableWriter extends Writer {
  private final Writer to;
  private volatile boolean cut;

  public CuttableWriter(Writer to) {
    this.to = to;
  }

  /** Drops what is still to come of this command's listing. Any thread. */
  public void cut() {
    cut = true;
  }

  /** Lets output through again. */
  public void whole() {
    cut = false;
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    if (!cut) {
      to.write(text, from, length);
    }
  }

  @Override
  public void flush() {
    try {
      to.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  @Override
  public void close() throws IOException {
    to.close();
  }
}
