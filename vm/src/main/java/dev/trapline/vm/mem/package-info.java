/**
 * Physical memory: RAM frames, ROM, MMIO regions and the tracking of pages that hold decoded code.
 *
 * <p>May import: {@code vm.util}, {@code vm.bus}, {@code vm.event}, {@code vm.state}.
 */
package dev.trapline.vm.mem;
