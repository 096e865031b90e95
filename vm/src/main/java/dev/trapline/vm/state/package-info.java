/**
 * How state is described once: records used by save, load, diff, hash and inspection.
 *
 * <p>May import: the JDK and {@code vm.util}.
 */
package dev.trapline.vm.state;
