/**
 * Whole address spaces: what page tables map, folded into ranges, searched backwards from physical addresses, compared with an earlier
 * state, and drawn.
 *
 * <p>There is one page walker; these classes ask it address by address and skip what a missing or large entry covers, so a listing
 * cannot say anything else than {@code pt walk}. Nothing here sets accessed bits or touches a device.
 *
 * <p>May import: {@code vm.mmu}.
 */
package dev.trapline.vm.debug.paging;
