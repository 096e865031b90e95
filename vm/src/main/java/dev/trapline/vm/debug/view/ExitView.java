package dev.trapline.vm.debug.view;

/**
 * Exits of one reason.
 *
 * @param least modelled cycles of the cheapest, likewise the average and the dearest
 * @param share of all cycles of exits, in percent
 */
public record ExitView(String reason, long count, long least, long average, long most, double share, String meaning) {}
