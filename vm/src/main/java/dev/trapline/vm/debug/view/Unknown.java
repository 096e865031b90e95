package dev.trapline.vm.debug.view;

/**
 * Something the guest touched that nobody answers.
 *
 * @param kind {@code port}, {@code msr}, {@code memory}
 */
public record Unknown(String kind, long address, long reads, long writes) {}
