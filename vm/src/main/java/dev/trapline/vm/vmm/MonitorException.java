package dev.trapline.vm.vmm;

/** What was asked of the monitor cannot be done; the message is one line for people. */
public final class MonitorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private MonitorException(String message) {
    super(message);
  }

  static MonitorException of(String format, Object... args) {
    return new MonitorException(String.format(format, args));
  }
}
