/**
 * The processor: architectural state, segmentation, faults, interrupts, tasks, linear memory.
 * Knows no device and no engine.
 *
 * <p>Where things are: segment loads {@link dev.trapline.vm.cpu.Segments}, far JMP, CALL and RET {@link
 * dev.trapline.vm.cpu.FarTransfer}, exceptions and interrupts {@link dev.trapline.vm.cpu.Delivery}, their return {@link
 * dev.trapline.vm.cpu.Iret}, control registers and paging regime {@link dev.trapline.vm.cpu.Control}, MSRs {@link
 * dev.trapline.vm.cpu.Msrs} (a row each), CPUID {@link dev.trapline.vm.cpu.Cpuid} (a row for each feature bit), breakpoints and
 * single step {@link dev.trapline.vm.cpu.DebugRegisters}. Multi-step transfers work on a {@code Frame} and commit last, so a fault
 * leaves the registers as they were.
 *
 * <p>Hot fields are public and primitive on purpose: both engines work on them directly.
 *
 * <p>May import: {@code vm.isa}, {@code vm.mmu}, {@code vm.mem}, {@code vm.bus}, {@code vm.event}, {@code vm.state}, {@code vm.util}.
 */
package dev.trapline.vm.cpu;
