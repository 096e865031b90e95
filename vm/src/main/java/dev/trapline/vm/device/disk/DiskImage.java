package dev.trapline.vm.device.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of a disk as a file holds them. */
public interface DiskImage {
  /** Ways a file holds a disk. */
  enum Format {
    /** qcow2 if it begins like one, else raw. */
    AUTO,
    /** The disk's bytes and nothing else. */
    RAW,
    /** QEMU's copy-on-write format, versions 2 and 3. */
    QCOW2
  }

  /** For messages. */
  String name();

  /** How the file holds the disk: {@code raw}, {@code qcow2}. */
  String format();

  /** Bytes of the disk. */
  long size();

  /** Whether {@link #write} may be used. */
  boolean writable();

  /**
   * Copies {@code n} bytes at a place of the disk to {@code to}, from index {@code from}; what lies past the end is zero.
   *
   * @throws ImageException if the file cannot be read or contradicts itself
   */
  void read(long at, byte[] to, int from, int n);

  /**
   * Copies {@code n} bytes of {@code bytes}, from index {@code from}, to a place of the disk; what lies past the end is dropped.
   *
   * @throws ImageException if the file cannot be written
   */
  void write(long at, byte[] bytes, int from, int n);

  /**
   * Makes sure that what was written is on the host's disk.
   *
   * @throws ImageException if the host cannot
   */
  default void flush() {}

  /**
   * Opens an image in a file.
   *
   * @param write whether the file may be written
   * @throws ImageException if it cannot be used
   */
  static DiskImage open(Path file, Format format, boolean write) {
    if (!Files.isRegularFile(file)) {
      throw new ImageException(file + ": no such file");
    }
    OpenOption[] how = write ? new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
        : new OpenOption[] {StandardOpenOption.READ};
    try {
      var raw = new RawImage.OfFile(file.toString(), FileChannel.open(file, how), write);
      return write && isQcow2(raw, format) ? Qcow2Image.writable(raw) : of(raw, format);
    } catch (IOException e) {
      throw new ImageException(file + ": cannot be opened" + (write ? " for writing" : "") + ": " + e.getMessage(), e);
    }
  }

  /**
   * An image in memory, which is never written.
   *
   * @throws ImageException if it cannot be used
   */
  static DiskImage of(String name, byte[] bytes, Format format) {
    return of(new RawImage.OfBytes(name, bytes), format);
  }

  private static DiskImage of(DiskImage file, Format format) {
    return isQcow2(file, format) ? new Qcow2Image(file) : file;
  }

  private static boolean isQcow2(DiskImage file, Format format) {
    return format == Format.QCOW2 || format == Format.AUTO && Qcow2Header.isQcow2(file);
  }
}
