package dev.trapline.vm.debug.view;

/**
 * Something that happened at the edge of a processor.
 *
 * @param at the instruction that did it, or the one an exception or interrupt came to
 * @param cpu number of the processor
 * @param what {@code io:out 0x3f8 byte 0x41}, {@code exc:#PF(0x4) at 0x500000}
 * @param note what a log template made of it; null for none
 */
public record EventView(Place at, int cpu, String what, String note) {}
