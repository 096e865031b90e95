package dev.trapline.vm.debug.view;

/**
 * A device of a guest's.
 *
 * @param device its name
 * @param kind emulated, dedicated, partitioned, shared or nonexistent
 * @param counterpart what of the host's, or which others, stand behind it; empty for nothing
 * @param about what can be said of it now
 */
public record VirtualView(String guest, String device, String kind, String counterpart, String about) {}
