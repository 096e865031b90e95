package dev.trapline.vm.cpu;

/**
 * One model-specific register: everything about it stands in its row of {@link Msrs}.
 *
 * @param number as RDMSR takes it in ECX
 * @param name the manuals' name
 * @param reserved bits that must be written as zero, else #GP(0)
 * @param read its value; no side effects
 * @param write stores a value whose reserved bits are zero; may raise #GP(0); null if the register is read-only
 */
public record Msr(int number, String name, long reserved, Read read, Write write) {
  /** Reads. */
  @FunctionalInterface
  public interface Read {
    long get(Cpu c);
  }

  /** Writes. */
  @FunctionalInterface
  public interface Write {
    void set(Cpu c, long value);
  }
}
