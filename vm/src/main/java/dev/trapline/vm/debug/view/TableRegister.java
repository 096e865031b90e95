package dev.trapline.vm.debug.view;

/** GDTR or IDTR. */
public record TableRegister(String name, long base, int limit) {}
