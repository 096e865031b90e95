package dev.trapline.vm.debug.view;

/** A picture of the monitor: rows from the top, pixels as 0xFFRRGGBB. */
public record PictureView(int width, int height, int[] argb) {}
