package dev.trapline.vm.debug.view;

/**
 * A breakpoint or watchpoint.
 *
 * @param kind {@code exec}, {@code read}, {@code write}, {@code access}; of events their kind
 * @param where the address as given, or the numbers of events
 * @param bytes length of a watched range, 0 for exec
 * @param symbol nearest name, or null
 * @param condition expression that must not be zero, or null
 * @param cpu number of the only processor it is for, or -1
 * @param action {@code break}, {@code trace}, {@code handler}
 * @param scope where else it is bound: {@code guest=a cpl=3 cr3=0x1000}; empty for nowhere
 * @param rule which hits count: {@code >=10}, or null
 * @param log what is printed at a hit, or null for the event as it is
 * @param command what is executed at a hit, or null
 * @param group the group it is switched with, or null
 * @param active whether it is enabled and its group is on
 */
public record BreakpointView(int id, String kind, String where, int bytes, String symbol, boolean enabled, boolean once,
    long ignore, long hits, String condition, String name, int cpu, String action, String scope, String rule, String log, String command,
    boolean silent, boolean before, String group, boolean active) {}
