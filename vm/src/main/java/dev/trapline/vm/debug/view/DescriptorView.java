package dev.trapline.vm.debug.view;

/**
 * A segment or system descriptor in the GDT or an LDT.
 *
 * @param raw the descriptor as eight bytes, little-endian
 * @param kind {@code code32 exec/read}, {@code data32 read/write}, {@code tss32 busy}, {@code call gate32} ...
 * @param base base address (with the upper half for 16-byte descriptors), or a gate's offset
 * @param limit highest offset in bytes; a gate's target selector
 */
public record DescriptorView(int index, int selector, long raw, String kind, long base, long limit, int dpl, boolean present) {}
