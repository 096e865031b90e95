/**
 * Page-table formats, the one page walker and the software TLB.
 *
 * <p>May import: {@code vm.util}, {@code vm.mem}, {@code vm.bus}, {@code vm.state}.
 */
package dev.trapline.vm.mmu;
