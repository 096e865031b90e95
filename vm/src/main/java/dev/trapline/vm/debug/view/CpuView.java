package dev.trapline.vm.debug.view;

/**
 * A processor of the machine.
 *
 * @param selected whether registers, code and stack are shown of this one
 * @param state {@code running} (its turn), {@code ready}, {@code halted}, {@code not started} (waits for a start-up message) or
 *     {@code shut down}
 * @param mode as in {@link RegistersView}
 * @param count its instructions, those it waited for in HLT included
 * @param ip instruction pointer, offset in CS
 * @param symbol nearest name, or null
 */
public record CpuView(int number, boolean selected, String state, String mode, int cpl, long count, long ip, long linear, String symbol) {}
