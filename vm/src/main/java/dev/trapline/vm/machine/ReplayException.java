package dev.trapline.vm.machine;

/** A run does not follow its journal, or the journal is not one of this machine. The message is one line and says where. */
public final class ReplayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReplayException(String message) {
    super(message, null, false, false);
  }

  static ReplayException of(String format, Object... arguments) {
    return new ReplayException(String.format(format, arguments));
  }
}
