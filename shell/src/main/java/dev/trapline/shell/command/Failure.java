package dev.trapline.shell.command;

/** A command ends the batch with an exit code other than that of a usage error. The message is one line. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  /** Exit code, see {@link ExitCode}. */
  private final int code;

  public Failure(int code, String message) {
    super(message, null, false, true);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
