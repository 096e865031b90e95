/**
 * The processor: architectural state, segmentation, faults, interrupts, tasks, linear memory.
 * Knows no device and no engine.
 *
 * <p>Hot fields are public and primitive on purpose: both engines work on them directly.
 *
 * <p>May import: {@code vm.isa}, {@code vm.mmu}, {@code vm.mem}, {@code vm.bus}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.cpu;
