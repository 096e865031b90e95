/**
 * Popek and Goldberg's theorem as an experiment: which instructions of this processor are privileged, control-sensitive and
 * behaviour-sensitive, found by executing every one and not by asking its row; and what a monitor makes of them.
 *
 * <p><b>The definitions</b> (Formal Requirements for Virtualizable Third Generation Architectures, CACM 17(7), 1974). A state of the
 * machine is (E, M, P, R): executable memory, mode (supervisor or user), program counter, relocation-bounds register. An instruction is
 * <ul>
 *   <li><i>privileged</i> if, in any pair of states that differ only in the mode, it traps in user mode and does not in supervisor mode;
 *   <li><i>control-sensitive</i> if there is a state in which it changes M or R without a trap;
 *   <li><i>behaviour-sensitive</i> if there are two states that differ in M, or in R with memory moved along, in both of which it does not
 *       trap, and what it does to E or P differs: <i>mode-sensitive</i> or <i>location-sensitive</i>;
 *   <li><i>innocuous</i> if it is neither of the two last.
 * </ul>
 * Theorem 1: a virtual machine monitor can be built if the sensitive instructions are privileged. On x86 they are not all.
 *
 * <p><b>What they mean here</b> ({@link dev.trapline.vm.theory.Reading}, {@link dev.trapline.vm.theory.Start}). M is CPL 0 or CPL 3 with
 * IOPL 0. E and P are what the program sees: general, floating-point and vector registers, flags, the instruction pointer, 64 KiB of
 * memory. R is everything only the kernel is to decide: segments, descriptor tables, control, debug and model-specific registers, IF, IOPL.
 * "R with memory moved along" is another real place (other frames, other segment bases, other selectors of LDT and task), and other values
 * of what the kernel alone decides. A trap is a fault; software interrupts, which always go to a handler, are judged by what they change. I/O
 * ports count as a resource. Page tables open every page to every level, so there are no memory traps. With CR4.TSD set and CR4.PCE clear
 * the clocks are the kernel's. Results that depend on the time are recognised by asking twice. For programs of the 8086, M is real mode or
 * virtual-8086 mode with IOPL 0, and the six segment registers are the program's own.
 *
 * <p><b>The method.</b> {@link dev.trapline.vm.theory.Samples} makes instructions of a row in every operand size, with every kind of
 * selector, image of flags and register that may matter. A {@link dev.trapline.vm.theory.Rig} executes one from a given state: on the bare
 * machine, or as a guest's, by a technique of the monitor, where registers and memory are what the virtual processor has. {@link
 * dev.trapline.vm.theory.Sweep} compares outcomes, {@link dev.trapline.vm.theory.Theory} draws the conclusions.
 *
 * <p>May import: {@code vm.vmm}, {@code vm.machine} and what stands below them.
 */
package dev.trapline.vm.theory;
