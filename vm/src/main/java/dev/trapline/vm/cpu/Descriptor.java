package dev.trapline.vm.cpu;

/**
 * A segment descriptor or gate as it stands in a table (SDM 3A 3.4.5, 5.8.3, 6.11, 7.2.2; the 16-byte forms of long mode
 * in 5.8.3.1, 6.14.1 and 7.2.3).
 *
 * @param at linear address of its first byte
 * @param low bytes 0 to 7
 * @param high bytes 8 to 15 of a 16-byte descriptor, else 0
 */
record Descriptor(int selector, long at, long low, long high) {
  static final int TSS16 = 1;
  static final int LDT = 2;
  static final int CALL16 = 4;
  static final int TASK_GATE = 5;
  static final int INTERRUPT16 = 6;
  static final int TRAP16 = 7;
  static final int TSS = 9;
  static final int CALL = 12;
  static final int INTERRUPT = 14;
  static final int TRAP = 15;
  /** Set in a TSS type while the task is busy. */
  static final int BUSY = 2;

  /** The selector as an error code: index and table. */
  static int error(int selector) {
    return selector & 0xfffc;
  }

  int error() {
    return error(selector);
  }

  int rpl() {
    return selector & 3;
  }

  int access() {
    return (int) (low >>> 40) & 0xf0ff;
  }

  int type() {
    return (int) (low >>> 40) & 0xf;
  }

  boolean system() {
    return (low >>> 44 & 1) == 0;
  }

  int dpl() {
    return (int) (low >>> 45) & 3;
  }

  boolean present() {
    return (low >>> 47 & 1) != 0;
  }

  boolean isCode() {
    return !system() && (type() & 8) != 0;
  }

  boolean conforming() {
    return (type() & 0xc) == 0xc;
  }

  boolean readable() {
    return !system() && (type() & 8) == 0 || (type() & 2) != 0;
  }

  boolean writableData() {
    return !system() && (type() & 0xa) == 2;
  }

  /** Whether access to it obeys DPL: everything but conforming code. */
  boolean privileged() {
    return !isCode() || !conforming();
  }

  boolean wide() {
    return (low >>> 53 & 1) != 0;
  }

  boolean big() {
    return (low >>> 54 & 1) != 0;
  }

  long base() {
    return low >>> 16 & 0xffffff | low >>> 32 & 0xff000000L | high << 32;
  }

  /** Limit in bytes. */
  long limit() {
    long raw = low & 0xffff | low >>> 32 & 0xf0000;
    return (low >>> 55 & 1) != 0 ? raw << 12 | 0xfff : raw;
  }

  int gateSelector() {
    return (int) (low >>> 16) & 0xffff;
  }

  /** Offset of a gate: 16 bits in the 16-bit types, 64 in the 16-byte form. */
  long gateOffset() {
    return type() < 8 ? low & 0xffff : low & 0xffff | low >>> 32 & 0xffff0000L | high << 32;
  }

  int gateParameters() {
    return (int) (low >>> 32) & 0x1f;
  }

  int gateIst() {
    return (int) (low >>> 32) & 7;
  }

  boolean isTss() {
    return system() && (type() & ~0xa) == 1;
  }

  boolean isBusy() {
    return (type() & BUSY) != 0;
  }

  /** Loads it as the hidden part of a segment register under a selector. */
  void into(Segment s, int newSelector) {
    s.set(newSelector, base(), limit(), access());
  }
}
