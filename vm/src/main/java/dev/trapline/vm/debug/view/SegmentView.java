package dev.trapline.vm.debug.view;

/**
 * A segment register with its hidden part.
 *
 * @param limit highest offset in bytes (lowest minus one for expand-down)
 * @param kind {@code code32 exec/read}, {@code data16 read/write} and the like; {@code unusable} for a null selector
 */
public record SegmentView(String name, int selector, long base, long limit, int access, int dpl, boolean present, String kind) {}
