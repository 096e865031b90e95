/**
 * What a debugger may want to hear of while a machine runs: port and device accesses, registers written, exceptions and interrupts.
 * Whoever reports holds a listener that is null while nobody listens, and looks at it on slow paths only.
 *
 * <p>May import: the JDK.
 */
package dev.trapline.vm.event;
