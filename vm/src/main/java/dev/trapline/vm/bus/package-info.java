/**
 * The seams between processor, memory and devices: small interfaces, the port map, interrupt lines and virtual time. No
 * implementation of either side.
 *
 * <p>May import: the JDK, {@code vm.util}, {@code vm.event} and {@code vm.state}.
 */
package dev.trapline.vm.bus;
