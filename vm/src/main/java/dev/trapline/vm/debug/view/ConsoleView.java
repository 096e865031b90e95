package dev.trapline.vm.debug.view;

/**
 * A way in and out of the machine.
 *
 * @param name {@code uart0}, {@code virtio-console0}, {@code screen}
 * @param about what it is to the guest
 * @param printed bytes the guest has printed there
 * @param last the last line that is not empty, without escape sequences
 */
public record ConsoleView(String name, String about, long printed, String last) {}
