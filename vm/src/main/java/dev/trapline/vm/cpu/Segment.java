package dev.trapline.vm.cpu;

/** A segment register with its hidden part (SDM 3A 3.4.3). The cached part decides; the selector is only what software sees. */
public final class Segment {
  /** Access-rights bits as in descriptor bytes 5 and 6 (SDM 3A figure 3-8), shifted down by 8: type 3:0, S 4, DPL 6:5, P 7, AVL 12, L 13, D/B 14, G 15. */
  public static final int TYPE = 0xf;
  public static final int S = 0x10;
  public static final int P = 0x80;
  public static final int L = 0x2000;
  public static final int DB = 0x4000;
  public static final int G = 0x8000;

  public int selector;
  public long base;
  /** Limit in bytes, scaled. */
  public long limit;
  public int access;
  /** Not usable: loaded with a null selector. */
  public boolean unusable;

  public int dpl() {
    return access >> 5 & 3;
  }

  public boolean present() {
    return (access & P) != 0;
  }

  public boolean isCode() {
    return (access & 0x18) == 0x18;
  }

  /** Writable data, or readable code (type bit 1). */
  public boolean bit1() {
    return (access & 2) != 0;
  }

  /** Expand-down data, or conforming code (type bit 2). */
  public boolean bit2() {
    return (access & 4) != 0;
  }

  public boolean big() {
    return (access & DB) != 0;
  }

  /** Whether offsets need no check: base 0, limit 4 GiB, usable, writable expand-up data. */
  public boolean flat() {
    return base == 0 && limit == 0xffffffffL && !unusable && !isCode() && bit1() && !bit2();
  }

  /** Loads a selector and hidden part. */
  public void set(int selector, long base, long limit, int access) {
    this.selector = selector;
    this.base = base;
    this.limit = limit;
    this.access = access;
    this.unusable = false;
  }
}
