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
 * <p><b>What shadow tables promise.</b> The processor's TLB holds nothing that is not in the shadow tables at the next entry: whoever
 * takes an entry away, or a right from one, has all virtual processors of the guest flush. So what the guest may still use of old
 * translations is what is still in the tables, and these rules follow (SDM 3A 4.10.4, APM2 5.5.2):
 * <ul>
 * <li>A store into a guest table of an upper level is seen at once, and empties the entries made from what it changed. A table of level 1
 *     may be let out of synchrony: stores go unseen, and its entries stay as they were, as a TLB's would.
 * <li>INVLPG empties the one entry of level 1 the address is translated by. A large page of the guest is many small ones here; its entry
 *     is of an upper level and never out of synchrony, so emptying one of them is enough.
 * <li>A load of CR3, of a PCID-less kind as there are no others, a change of CR0.WP or PG, CR4.PSE, PAE, PGE, SMEP or SMAP, or EFER.NXE, and a
 *     task switch bring every table back into synchrony: what changed is emptied. Global pages are dropped too, which is allowed.
 * <li>A table that is linked in (again) is brought into synchrony first: changing what no way leads to needs no INVLPG of the guest.
 * <li>A guest may loosen an entry without a word. Every fault therefore begins with a walk of the guest's tables as they are.
 * <li>Accessed bits are set by that walk before there is an entry, dirty bits before one allows to store. An entry that loses its dirty or
 *     accessed bit is emptied with the flush that the guest owes; inside a clean large page no entry ever allows to store.
 * </ul>
 * {@link dev.trapline.vm.vmm.Invariant} says what an audit looks for.
 *
 * <p><b>Time.</b> A guest's clock is the host's count of instructions since the guest began: it goes on while others run. Timers of
 * all guests end in the one physical timer, the TSC deadline of the host's local APIC.
 *
 * <p><b>What guests can reach.</b> {@link dev.trapline.vm.vmm.Isolation} derives it from the bytes the hardware goes by, and
 * {@link dev.trapline.vm.vmm.FrameTable} says whose each frame is. A VMCB lies in a frame of the monitor, so no guest changes it; should
 * it be changed all the same (a fault of memory, a bug of the monitor), there are three sorts of fields. What describes the guest is the
 * guest's affair: it runs on with it, or VMRUN refuses (VMEXIT_INVALID) and that guest alone is stopped. What the hardware ignores does
 * nothing. What holds the guest in ({@link dev.trapline.vm.vmm.Owned}: identifier, permission maps, intercepts, tables, and with shadow
 * paging the control registers) is written from what the monitor knows whenever a guest is made, or is reset after it was stopped, and not
 * read back before each entry, as no monitor does; an {@link dev.trapline.vm.vmm.Inspector} can compare it at each entry, at a cost where
 * it is used, and refuse the entry.
 *
 * <p><b>Processors.</b> The host may have several ({@link dev.trapline.vm.vmm.HostProcessor}), a guest too, and any virtual processor runs
 * on any of the host's, chosen by one {@link dev.trapline.vm.vmm.sched.RunQueue}. The monitor is in one place at a time. What it changed
 * there that concerns a guest elsewhere makes that guest leave before its next instruction, so no translation outlives its table entry.
 * The host's processors take turns in quanta of instructions as those of every machine, so all this happens the same way each time.
 *
 * <p>May import: {@code vm.machine} and everything below it.
 */
package dev.trapline.vm.vmm;
