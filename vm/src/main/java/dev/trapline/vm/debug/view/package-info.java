/**
 * What inspection returns: immutable records, complete enough to be printed or turned into JSON without asking anything else.
 *
 * <p>May import: {@code vm.isa} (names only).
 */
package dev.trapline.vm.debug.view;
