package dev.trapline.vm.isa.asm;

import java.io.ByteArrayOutputStream;

/** A section of the flat binary (NASM manual 8.1.3). Offsets count from its start; addresses are given out between passes. */
final class Section {
  final String name;
  /** Without contents in the file: only reserved space. */
  boolean nobits;
  /** Alignment of its start, a power of two; 0 until stated or defaulted. */
  long align;
  Long start;
  Long vstart;
  String follows;
  String vfollows;
  private long address;
  private long fileAddress;
  private long size;
  private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Section(String name, boolean nobits) {
    this.name = name;
    this.nobits = nobits;
  }

  /** A place without bytes, for labels at fixed addresses ({@code absolute}, structures). */
  static Section absolute(long address) {
    var s = new Section(null, true);
    s.address = address;
    return s;
  }

  boolean isAbsolute() {
    return name == null;
  }

  /** Empties it for the next pass. */
  void rewind() {
    bytes = new ByteArrayOutputStream();
    size = 0;
  }

  void emit(byte[] more) {
    if (nobits && more.length > 0) {
      throw new SourceError((isAbsolute() ? "an absolute section" : "section " + name) + " holds no data: use resb, or another section");
    }
    bytes.writeBytes(more);
    size += more.length;
  }

  /** Reserves space: zero bytes in a section with contents. */
  void reserve(long n) {
    size += n;
    if (!nobits) {
      bytes.writeBytes(new byte[Math.toIntExact(n)]);
    }
  }

  long size() {
    return size;
  }

  byte[] contents() {
    return bytes.toByteArray();
  }

  /** Where labels in it count from when the program runs. */
  long address() {
    return address;
  }

  /** Where it stands in the file, counted like addresses from the origin. */
  long fileAddress() {
    return fileAddress;
  }

  /** Places it; true if that moved it. */
  boolean place(long file, long run) {
    boolean moved = file != fileAddress || run != address;
    fileAddress = file;
    address = run;
    return moved;
  }
}
