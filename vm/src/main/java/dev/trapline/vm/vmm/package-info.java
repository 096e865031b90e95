/**
 * The monitor: unmodified guests side by side on one machine.
 *
 * <p><b>Levels.</b> The host is a {@link dev.trapline.vm.machine.Machine} like any other. The monitor owns its memory
 * ({@link dev.trapline.vm.vmm.FrameTable}), keeps VMCBs, permission maps and page tables in it as bytes, and runs guest code only by
 * letting the host's processor execute it: in guest mode by VMRUN, or at a lower privilege level, with the monitor's own IDT, GDT, TSS
 * and ring-0 stack as bytes in the address space of the guest ({@link dev.trapline.vm.vmm.MonitorArea}). Its handlers are Java, entered
 * when the processor has left guest mode or has run through the monitor's exit code.
 *
 * <p><b>A guest is a machine too</b>, one that stands on frames and time of the monitor ({@link dev.trapline.vm.machine.Substrate}): it
 * has the same boards, devices, firmware and loaders as the bare machine, so what a guest sees of its PC cannot differ. Its processors
 * never run code of their own accord: while the host runs a virtual processor, the guest's {@code Cpu} object is only where the monitor
 * keeps its registers, and where single instructions are emulated that left guest mode, by the same interpreter that runs the bare
 * machine. What the emulation stores goes through the guest's own physical address space, which announces every store, so shadow
 * tables and the host's decoded code hear of it.
 *
 * <p><b>Time.</b> A guest's clock is the host's count of instructions since the guest began: it goes on while others run. Timers of
 * all guests end in the one physical timer, the TSC deadline of the host's local APIC.
 *
 * <p>May import: {@code vm.machine} and everything below it.
 */
package dev.trapline.vm.vmm;
