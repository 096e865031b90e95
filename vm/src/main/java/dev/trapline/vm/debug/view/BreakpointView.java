package dev.trapline.vm.debug.view;

/**
 * A breakpoint or watchpoint.
 *
 * @param kind {@code exec}, {@code read}, {@code write}, {@code access}; of events {@code io}, {@code mmio}, {@code msr}, {@code cr},
 *     {@code exc}, {@code irq}, {@code int}
 * @param where the address as given, or the numbers of events
 * @param bytes length of a watched range, 0 for exec
 * @param symbol nearest name, or null
 * @param condition expression that must not be zero, or null
 * @param cpu number of the only processor it is for, or -1
 */
public record BreakpointView(int id, String kind, String where, int bytes, String symbol, boolean enabled, boolean once,
    long ignore, long hits, String condition, String name, int cpu) {}
