package dev.trapline.vm.debug.view;

/**
 * Something the guest touched that nobody answers.
 *
 * @param kind {@code port}, {@code msr}, {@code memory} (a page of it), {@code rom} (stores there), {@code dma} (of a bus
 *     master, by pages)
 * @param first who touched it first, by name or linear address; empty if that is not recorded
 * @param explanation why it is right that nobody answers: a device this machine does not have and that systems look for; empty if that
 *     is not known
 */
public record Unknown(String kind, long address, long reads, long writes, String first, String explanation) {}
