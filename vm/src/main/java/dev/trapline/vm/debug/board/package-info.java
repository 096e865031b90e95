/**
 * The board's devices decoded for people: {@code info pic}, {@code info lapic}. Made from the devices' state records, so looking changes
 * nothing.
 *
 * <p>May import: {@code vm.debug.view}, {@code vm.machine} and everything below it.
 */
package dev.trapline.vm.debug.board;
