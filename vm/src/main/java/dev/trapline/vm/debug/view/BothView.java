package dev.trapline.vm.debug.view;

/**
 * A range of linear addresses in the guest's tables and in those the hardware walks.
 *
 * @param guest the rights the guest's tables give, empty if they map nothing
 * @param guestPhysical of the first page; -1 if there is none or the pages are not one after another
 * @param hardware the rights the shadow tables give, or the guest's and the nested ones together; empty if they map nothing
 * @param host host-physical address, likewise
 * @param tlb accesses the TLB has a page of it for: {@code r w x}
 * @param standing {@code same}, {@code lazy} or {@code wrong}
 * @param why of a difference
 */
public record BothView(long linear, long bytes, String guest, long guestPhysical, String hardware, long host, String tlb, String standing,
    String why) {}
