package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the guest writes to ports E9h and 402h, into a file or, as {@code -}, to standard output. */
final class DebugConsole implements AutoCloseable {
  private final OutputStream to;
  private final boolean file;

  /** {@link BadInput} if the file cannot be written; null is nowhere. */
  DebugConsole(String name) {
    this.file = name != null && !name.equals("-");
    try {
      this.to = file ? new BufferedOutputStream(Files.newOutputStream(Path.of(name)))
          : name == null ? OutputStream.nullOutputStream() : System.out;
    } catch (IOException denied) {
      throw new BadInput("--debugcon " + name + ": cannot be written");
    }
  }

  void accept(int b) {
    try {
      to.write(b);
      if (b == '\n') {
        to.flush();
      }
    } catch (IOException full) {
      throw new UncheckedIOException("--debugcon", full);
    }
  }

  @Override
  public void close() {
    try {
      to.flush();
      if (file) {
        to.close();
      }
    } catch (IOException full) {
      throw new UncheckedIOException("--debugcon", full);
    }
  }
}
