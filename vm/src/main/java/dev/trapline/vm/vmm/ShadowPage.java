package dev.trapline.vm.vmm;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.Paging;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One page of shadow tables: 512 entries as bytes in a host frame, and what the monitor must remember of them. */
final class ShadowPage {
  static final int ENTRIES = 512;
  static final long P = 1;
  static final long RW = 2;
  static final long US = 4;
  static final long A = 0x20;
  static final long D = 0x40;
  static final long NX = 1L << 63;
  static final long ADDRESS = 0xf_ffff_ffff_f000L;

  /** An entry of a shadow page. */
  record Slot(ShadowPage page, int index) {
    @Override
    public String toString() {
      return String.format("%s entry %d (host %x)", page, index, page.frame + 8L * index);
    }
  }

  private final ShadowKey key;
  private final long frame;
  private final byte[] bytes;
  /** The guest's entry each entry was made from. */
  private final long[] source = new long[ENTRIES];
  /** Page number each entry of level 1 maps; -1 if none. */
  private final long[] target = new long[ENTRIES];
  private final ShadowPage[] child;
  /** Entries that point here. */
  final List<Slot> parents = new ArrayList<>();
  /** The guest may store into its table unseen: entries are compared with it when translations are dropped. */
  boolean unsync;
  /** An entry that is not made from anything of the guest, or -1. */
  private int fixed = -1;
  /** Traced stores in a row without a use as a table. */
  int floods;
  /** The entries that were changed since the last audit are among these; none if the first is behind the last. */
  private int firstChanged = ENTRIES;
  private int lastChanged = -1;
  /** Given up. */
  boolean gone;

  ShadowPage(ShadowKey key, long frame, byte[] bytes) {
    this.key = key;
    this.frame = frame;
    this.bytes = bytes;
    this.child = key.level() == 1 ? null : new ShadowPage[ENTRIES];
    Arrays.fill(target, -1);
  }

  ShadowKey key() {
    return key;
  }

  /** Host-physical address. */
  long frame() {
    return frame;
  }

  long entry(int index) {
    return PhysicalMemory.get(bytes, index * 8, 8);
  }

  private void entry(int index, long value) {
    firstChanged = Math.min(firstChanged, index);
    lastChanged = Math.max(lastChanged, index);
    PhysicalMemory.put(bytes, index * 8, 8, value);
  }

  boolean present(int index) {
    return index != fixed && (entry(index) & P) != 0;
  }

  boolean changed() {
    return lastChanged >= 0;
  }

  int firstChanged() {
    return firstChanged;
  }

  int lastChanged() {
    return lastChanged;
  }

  /** They were audited. */
  void audited() {
    firstChanged = ENTRIES;
    lastChanged = -1;
  }

  /** Which entry is the monitor's own, or -1. */
  int fixed() {
    return fixed;
  }

  /** Puts the monitor's own tables at an entry, which takes no part in what is done to the others. */
  void fix(int index, long value) {
    fixed = index;
    entry(index, value);
  }

  long source(int index) {
    return source[index];
  }

  long target(int index) {
    return target[index];
  }

  ShadowPage child(int index) {
    return child[index];
  }

  /** Points an entry to the page below; what the guest forbids is in that page's key. */
  void link(int index, ShadowPage below, long from) {
    entry(index, below.frame | P | RW | US | A);
    child[index] = below;
    source[index] = from;
    below.parents.add(new Slot(this, index));
  }

  /** Maps a page. */
  void map(int index, long hpa, int rights, long gfn, long from) {
    entry(index, hpa & ADDRESS | P | A | D | ((rights & ShadowKey.W) != 0 ? RW : 0) | ((rights & ShadowKey.U) != 0 ? US : 0)
        | ((rights & ShadowKey.X) != 0 ? 0 : NX));
    target[index] = gfn;
    source[index] = from;
  }

  boolean writable(int index) {
    return (entry(index) & RW) != 0;
  }

  void protect(int index) {
    entry(index, entry(index) & ~RW);
  }

  /** Empties an entry; a child loses this parent. */
  void clear(int index) {
    if (child != null && child[index] != null) {
      child[index].parents.remove(new Slot(this, index));
      child[index] = null;
    }
    entry(index, 0);
    target[index] = -1;
    source[index] = 0;
  }

  // ---- which guest entries it was made from

  /** The guest-physical address of the guest entry an entry is made from; not for direct pages. */
  long guestEntry(int index) {
    long table = key.gfn() << 12;
    if (key.format() != Paging.Format.TWO_LEVEL) {
      return table + index * 8L;
    }
    int i = key.level() == 1 ? key.quadrant() * ENTRIES + index : key.quadrant() * (ENTRIES / 2) + index / 2;
    return table + i * 4L;
  }

  @Override
  public String toString() {
    return String.format("%s level %d of %x", key.direct() ? "direct" : key.format().toString().toLowerCase(), key.level(), key.gfn() << 12);
  }
}
