package dev.trapline.vm.debug.view;

/**
 * Where a processor stands.
 *
 * @param guest name of the guest of the monitor it belongs to; empty on the bare machine
 * @param cpu its number
 * @param count instructions retired
 * @param nanoseconds virtual time
 * @param mode as in {@link RegistersView}
 * @param selector CS if it matters (not a flat segment), else -1
 * @param offset instruction pointer, offset in CS
 * @param symbol nearest name such as {@code main+0x13}, or null
 * @param source {@code main.c:12}, or null
 */
public record Place(String guest, int cpu, long count, long nanoseconds, String mode, int cpl, int selector, long offset, long linear,
    String symbol, String source) {}
