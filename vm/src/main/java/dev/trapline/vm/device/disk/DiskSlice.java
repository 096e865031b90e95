package dev.trapline.vm.device.disk;

import java.util.Arrays;

/** A part of a disk as a disk of its own: whoever has it can name no byte of the rest. */
public final class DiskSlice implements DiskImage {
  private final DiskImage whole;
  private final long from;
  private final long length;

  /**
   * @param from first byte, a multiple of 512
   * @param length bytes, a multiple of 512
   * @throws ImageException if the disk has no such part, or if its file is not the disk's bytes in their order
   */
  public DiskSlice(DiskImage whole, long from, long length) {
    if (!whole.format().equals("raw")) {
      throw new ImageException(whole.name() + ": only raw images have slices, this is " + whole.format());
    }
    if (from < 0 || length <= 0 || from % Medium.SECTOR != 0 || length % Medium.SECTOR != 0 || from > whole.size() - length) {
      throw new ImageException(String.format("%s: a slice of %d bytes at %d: whole sectors within its %d bytes expected", whole.name(), length,
          from, whole.size()));
    }
    this.whole = whole;
    this.from = from;
    this.length = length;
  }

  @Override
  public String name() {
    return String.format("%s[%d+%d]", whole.name(), from, length);
  }

  @Override
  public String format() {
    return whole.format();
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public boolean writable() {
    return whole.writable();
  }

  @Override
  public void read(long at, byte[] to, int first, int n) {
    int have = inside(at, n);
    if (have > 0) {
      whole.read(from + at, to, first, have);
    }
    Arrays.fill(to, first + have, first + n, (byte) 0);
  }

  @Override
  public void write(long at, byte[] bytes, int first, int n) {
    int fits = inside(at, n);
    if (fits > 0) {
      whole.write(from + at, bytes, first, fits);
    }
  }

  /** How many of some bytes at a place belong to the slice. */
  private int inside(long at, int n) {
    return at < 0 || at >= length ? 0 : (int) Math.min(n, length - at);
  }

  @Override
  public void flush() {
    whole.flush();
  }
}
