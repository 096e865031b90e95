package dev.trapline.vm.debug;

import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** What an expression may name or read: registers, symbols, memory. */
public interface Names {
  /** The value of a register or symbol, or empty. */
  OptionalLong value(String name);

  /** What gives the value of a register or symbol whenever it is asked, or null if there is none of this name. */
  default LongSupplier getter(String name) {
    return value(name).isEmpty() ? null : () -> value(name).orElseThrow(() -> new BadInput("'" + name + "' has no value now"));
  }

  /**
   * Reads memory as the current address space shows it.
   *
   * @param linear linear address
   * @param bytes 1, 2, 4 or 8
   * @throws BadInput if nothing is mapped there
   */
  long read(long linear, int bytes);

  /** Width of a pointer in the current mode, in bytes: 2, 4 or 8. */
  int pointerBytes();

  /** Radix of numbers without prefix: 10 or 16. */
  int radix();

  /** Whether there is a source file with a path like this. */
  default boolean knowsFile(String path) {
    return false;
  }

  /** Where the code of a source line begins; {@link BadInput} if there is none. */
  default long lineAddress(String path, int line) {
    throw new BadInput("no source file " + path);
  }

  /** The closest known name, for a message; null if nothing is close. */
  String nearest(String name);
}
