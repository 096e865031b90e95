package dev.trapline.vm.state;

/** A saved state does not fit the component it is loaded into; the message names the field. */
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }
}
