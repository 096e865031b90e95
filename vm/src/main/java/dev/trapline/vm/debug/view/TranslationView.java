package dev.trapline.vm.debug.view;

/**
 * A translation in all tables that take part in it.
 *
 * @param guest by the tables the guest's software made; of a bare machine the only ones
 * @param hardware by the tables the hardware walks under a monitor: the shadow tables, or the guest's and the nested ones together; else null
 * @param host host-physical address of the byte, -1 if no memory stands there or the machine is bare
 * @param tlb accesses for which the TLB has the page: {@code r w x}
 * @param standing how the hardware's stands to the guest's: {@code same lazy wrong}; empty on a bare machine
 * @param why of a difference
 */
public record TranslationView(WalkView guest, WalkView hardware, long host, String tlb, String standing, String why) {}
