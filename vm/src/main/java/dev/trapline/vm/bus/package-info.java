/**
 * The seams between processor, memory and devices: small interfaces, no implementation of either side.
 *
 * <p>May import: the JDK and {@code vm.util}.
 */
package dev.trapline.vm.bus;
