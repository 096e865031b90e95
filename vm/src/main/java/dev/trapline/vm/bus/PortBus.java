package dev.trapline.vm.bus;

/** The processor's view of I/O space. */
public interface PortBus {
  /** Reads 1, 2 or 4 bytes from a port. */
  int in(int port, int bytes);

  /** Writes 1, 2 or 4 bytes to a port. */
  void out(int port, int bytes, int value);
}
