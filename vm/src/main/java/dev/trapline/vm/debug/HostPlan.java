package dev.trapline.vm.debug;

/**
 * The machine below guests.
 *
 * @param memory in bytes; 0 for as much as the guests need
 * @param reserve bytes of it that guests with balloons are to keep free; 0 for none
 * @param processors that the guests share
 * @param policy by which they do: round-robin, credit or bvt
 */
public record HostPlan(long memory, long reserve, int processors, String policy) {
  /** One processor in turns, and as much memory as it takes. */
  public static final HostPlan STANDARD = new HostPlan(0, 0, 1, "round-robin");
}
