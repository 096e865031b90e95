package dev.trapline.vm.debug.view;

/** A general register: name in the current width, width in bits, value. */
public record Register(String name, int bits, long value) {}
