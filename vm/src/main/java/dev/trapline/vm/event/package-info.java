/**
 * What a debugger may want to hear of while a machine runs: port and device accesses, registers written, exceptions and interrupts, DMA,
 * console lines, and all that a monitor does: exits, entries, world switches, shadow faults. The kinds stand in
 * {@link dev.trapline.vm.event.EventKind}, once.
 * Whoever reports holds a listener that is null while nobody listens, and looks at it on slow paths only.
 *
 * <p>May import: the JDK.
 */
package dev.trapline.vm.event;
