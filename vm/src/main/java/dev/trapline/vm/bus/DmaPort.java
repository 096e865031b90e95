package dev.trapline.vm.bus;

/** A bus master's way to memory. Where there is none, reads give all ones and writes are dropped. */
public interface DmaPort {
  /** Copies {@code n} bytes from a physical address into {@code to}, starting at index {@code at}. */
  void read(long pa, byte[] to, int at, int n);

  /** Copies {@code n} bytes of {@code from}, starting at index {@code at}, to a physical address; ROM stays as it is. */
  void write(long pa, byte[] from, int at, int n);
}
