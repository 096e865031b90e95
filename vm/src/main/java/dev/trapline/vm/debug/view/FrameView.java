package dev.trapline.vm.debug.view;

/**
 * One function that is not finished.
 *
 * @param number 0 for the innermost
 * @param ip where it goes on
 * @param sp its stack pointer
 * @param symbol nearest name, or null
 * @param source {@code main.c:12}, or null
 * @param method how it was found: {@code rip}, {@code orc}, {@code frame pointer}, {@code saved registers} (of an interrupt, exception or
 *     system call), {@code saved registers of the program}
 */
public record FrameView(int number, long ip, long sp, String symbol, String source, String method) {}
