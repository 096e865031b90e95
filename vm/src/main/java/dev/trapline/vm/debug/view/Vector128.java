package dev.trapline.vm.debug.view;

/** An XMM register as two halves. */
public record Vector128(String name, long high, long low) {}
