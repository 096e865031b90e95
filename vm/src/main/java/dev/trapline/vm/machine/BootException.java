package dev.trapline.vm.machine;

/** An image cannot be started; the message is one line that says what is wrong, where, and what would be right. */
public final class BootException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BootException(String message) {
    super(message);
  }

  static BootException of(String format, Object... arguments) {
    return new BootException(String.format(format, arguments));
  }
}
