/**
 * The lock-step oracle: our processor against QEMU's TCG, which stands on its gdb port, with all registers and every store compared after
 * each instruction. QEMU is an oracle to question, not to copy: a difference is either a mistake of ours, to be mended, or an
 * {@link dev.trapline.vm.lockstep.Expected} one with the manual section that proves us right.
 *
 * <p><b>Start.</b> Both begin with the same memory (QEMU's RAM is a file) and registers. SeaBIOS starts at the reset vector of both;
 * otherwise {@link dev.trapline.vm.lockstep.StateLoader} puts the whole state of ours into QEMU, from any point of a run.
 *
 * <p><b>Rules.</b>
 * <ul>
 *   <li>General registers outside 64-bit mode are compared as 32 bits; their upper halves are not preserved (SDM 1 3.4.1.1).
 *   <li>What comes from outside the processor (ports, device memory, RDTSC, CPUID, RDMSR, DMA) differs between the two boards: QEMU is
 *       given what ours got, and it is counted by kind ({@link dev.trapline.vm.lockstep.Inputs}).
 *   <li>Flags an instruction leaves undefined, by its row, may differ; QEMU is given ours, so that later uses agree.
 *   <li>No interrupts: QEMU steps with {@code NOIRQ} and {@code NOTIMER}; ours is not asked to look at its interrupt lines.
 *   <li>A repeated string instruction is one step. QEMU stops after each of its elements, as the trap flag would; it goes through them,
 *       or, when they are many, runs to where ours went.
 *   <li>A step over an instruction that faults ends at the handler's first instruction on both sides. A debugger's step is no trap: after
 *       STI or MOV SS both stop as after any other instruction.
 *   <li>PAUSE and HLT, at which QEMU leaves its loop and does not stop, are not stepped there: RIP is set behind them.
 *   <li>Now and then, when something of its main loop asks it to look up, QEMU stops before the instruction; it is then stepped again.
 *   <li>Hidden parts of segment registers, descriptor tables, debug registers and x87 tags, which gdb does not show, are compared with
 *       the monitor's {@code info registers} whenever one of ours changed.
 *   <li>All of RAM is compared every 20,000 steps: it finds stores QEMU made and ours did not, and page-table bits.
 * </ul>
 *
 * <p><b>At a place that fails</b>, for people: this runs the guest alone for 5,000,000 instructions and then 20,000 steps in lock-step.
 *
 * <pre>{@code
 * mvn test -pl vm -Dtest=LockStepTest#asked -Dtrapline.lockstep=debian-686,20000,5000000
 * }</pre>
 *
 * <p>More points may follow; a point is an instruction count or a text on the guest's serial console ({@code TL-INIT}). A guest with a
 * slash in its name is a file. The first difference is reported with the instructions before it and the registers before and after on
 * both sides.
 */
package dev.trapline.vm.lockstep;
