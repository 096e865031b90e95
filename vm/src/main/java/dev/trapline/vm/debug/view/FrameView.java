package dev.trapline.vm.debug.view;

/**
 * One function that is not finished.
 *
 * @param number 0 for the innermost
 * @param ip where it goes on
 * @param sp its stack pointer
 * @param symbol nearest name, or null
 * @param method how it was found: {@code rip}, {@code orc}, {@code frame pointer}
 */
public record FrameView(int number, long ip, long sp, String symbol, String method) {}
