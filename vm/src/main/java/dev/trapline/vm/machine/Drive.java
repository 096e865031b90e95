package dev.trapline.vm.machine;

import dev.trapline.vm.device.disk.DiskImage;
import dev.trapline.vm.device.disk.DiskSlice;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A drive and the image in it.
 *
 * @param name for messages, usually the file name
 * @param bytes the image, where it is not in a file
 * @param file the image's file; it stays as it is unless {@code write} is set
 * @param attachment where the drive is connected
 * @param format how the image holds the disk
 * @param write whether what the guest writes goes into the file too
 * @param slice the part of the image that is the disk; empty for all of it
 */
public record Drive(String name, Optional<byte[]> bytes, Optional<Path> file, Attachment attachment, DiskImage.Format format,
    boolean write, Optional<Slice> slice) {
  /** A part of an image, in bytes. */
  public record Slice(long from, long length) {}

  /** Kinds of drives and their cables. */
  public enum Attachment {
    /** An ATA disk on an IDE channel. */
    IDE,
    /** An ATAPI CD-ROM drive on an IDE channel. */
    CDROM,
    /** A diskette drive. */
    FLOPPY,
    /** A virtio block device on the PCI bus. */
    VIRTIO
  }

  /** @throws BootException if there is not one image, or if it is to be written where it cannot be */
  public Drive {
    if (bytes.isPresent() == file.isPresent()) {
      throw BootException.of("%s: a drive has either bytes or a file", name);
    }
    if (write && (attachment == Attachment.CDROM || bytes.isPresent())) {
      throw BootException.of("%s: %s is not written", name, bytes.isPresent() ? "an image in memory" : "a CD");
    }
  }

  /** A whole image. */
  public Drive(String name, Optional<byte[]> bytes, Optional<Path> file, Attachment attachment, DiskImage.Format format, boolean write) {
    this(name, bytes, file, attachment, format, write, Optional.empty());
  }

  /** An image in memory. */
  public static Drive of(Attachment attachment, String name, byte[] bytes) {
    return new Drive(name, Optional.of(bytes), Optional.empty(), attachment, DiskImage.Format.AUTO, false);
  }

  /** An image in a file that the guest does not write. */
  public static Drive of(Attachment attachment, Path file) {
    return new Drive(file.toString(), Optional.empty(), Optional.of(file), attachment, DiskImage.Format.AUTO, false);
  }

  public Drive withFormat(DiskImage.Format how) {
    return new Drive(name, bytes, file, attachment, how, write, slice);
  }

  /** The same with its image in another file; empty for an image in memory. */
  public Drive withFile(Optional<Path> place) {
    return new Drive(name, bytes, place, attachment, format, write, slice);
  }

  public Drive withWrite(boolean allowed) {
    return new Drive(name, bytes, file, attachment, format, allowed, slice);
  }

  /** A part of the image as a disk of its own. */
  public Drive withSlice(long from, long length) {
    return new Drive(name, bytes, file, attachment, format, write, Optional.of(new Slice(from, length)));
  }

  /** Opens the image, or its part. */
  DiskImage open() {
    DiskImage whole = whole();
    return slice.<DiskImage>map(s -> new DiskSlice(whole, s.from, s.length)).orElse(whole);
  }

  private DiskImage whole() {
    return bytes.map(b -> DiskImage.of(name, b, format)).orElseGet(() -> DiskImage.open(file.get(), format, write));
  }
}
