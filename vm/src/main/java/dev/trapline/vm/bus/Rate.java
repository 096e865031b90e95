package dev.trapline.vm.bus;

/**
 * A frequency seen from virtual time: converts instruction counts to ticks of a device clock and back, exactly, in integers.
 * Tick {@code k} happens at the first instruction count at or after the exact time {@code k / frequency}.
 *
 * @param num ticks in {@code den} instructions, reduced
 * @param den see {@code num}
 */
public record Rate(long num, long den) {
  /**
   * A device clock of {@code hzNum / hzDen} Hz in a machine that retires {@code perSecond} instructions in a second of virtual time.
   */
  public static Rate of(long hzNum, long hzDen, long perSecond) {
    long den = Math.multiplyExact(hzDen, perSecond);
    long g = gcd(hzNum, den);
    return new Rate(hzNum / g, den / g);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** Ticks completed at an instruction count. */
  public long ticks(long count) {
    return count / den * num + count % den * num / den;
  }

  /** First instruction count at which {@code ticks} ticks are completed. */
  public long count(long ticks) {
    return ticks / num * den + (ticks % num * den + num - 1) / num;
  }
}
