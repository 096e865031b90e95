package dev.trapline.vm.debug.view;

/**
 * A table entry met by a page walk.
 *
 * @param name {@code PML4E}, {@code PDPTE}, {@code PDE}, {@code PTE}
 * @param index index in its table
 * @param frame physical address the entry points to
 * @param flags names of set bits: {@code P RW US A D PS G NX}
 */
public record WalkStep(String name, int index, long entryAddress, long entry, long frame, String flags) {}
