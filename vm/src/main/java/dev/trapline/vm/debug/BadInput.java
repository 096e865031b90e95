package dev.trapline.vm.debug;

/** Something a user typed or named cannot be used. The message is one line: what is wrong, where, and what would be right. */
public final class BadInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadInput(String message) {
    super(message, null, false, true);
  }
}
