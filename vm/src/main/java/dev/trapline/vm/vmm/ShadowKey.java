package dev.trapline.vm.vmm;

import dev.trapline.vm.mmu.Paging;

/**
 * Everything that changes what the entries of a shadow page mean: two uses that differ in any of it have shadow pages of their own.
 *
 * @param gfn page number of the guest's table; of a direct page the first page it maps
 * @param level of the shadow page: 1 maps pages, 2 to 4 point to the level below
 * @param direct maps consecutive guest pages, there being no guest table of that level: inside a large page, or with paging off
 * @param quadrant which part of a table of 1024 entries, 0 if the formats agree
 * @param rights what all levels above allow: {@link #W}, {@link #U}, {@link #X}; and {@link #CLEAN}
 * @param mode table format and what else of the control registers decides about entries
 */
record ShadowKey(long gfn, int level, boolean direct, int quadrant, int rights, int mode) {
  static final int W = 1;
  static final int U = 2;
  static final int X = 4;
  static final int ALL = W | U | X;
  /** Of a direct page inside a large one whose dirty bit is clear: no entry may allow to store, whatever CR0.WP says. */
  static final int CLEAN = 8;

  /** Mode: CR0.WP is clear, so that supervisor stores ignore read-only; with it SMEP and SMAP count too, SMEP also with LIFTED. */
  private static final int NO_WP = 4;
  private static final int SMEP = 8;
  private static final int SMAP = 0x10;
  private static final int NX = 0x20;
  /** The guest's kernel runs at CPL 3: its pages are user pages, and these tables are in use in virtual supervisor mode only. */
  private static final int LIFTED = 0x40;
  /** CR4.PSE, which says whether an entry of the 2-level format may map 4 MiB. */
  private static final int PSE = 0x80;

  /** The mode of a translation regime. */
  static int mode(Paging p, boolean lifted) {
    int format = p.format().ordinal() | (p.nx() ? NX : 0) | (p.format() == Paging.Format.TWO_LEVEL && p.pse() ? PSE : 0);
    boolean smep = p.smep() && (lifted || !p.wp());
    return format | (lifted ? LIFTED : 0) | (p.wp() ? 0 : NO_WP | (p.smap() ? SMAP : 0)) | (smep ? SMEP : 0);
  }

  boolean clean() {
    return (rights & CLEAN) != 0;
  }

  boolean ignoresReadOnly() {
    return (mode & NO_WP) != 0;
  }

  boolean smep() {
    return (mode & SMEP) != 0;
  }

  boolean lifted() {
    return (mode & LIFTED) != 0;
  }

  boolean pageSizes() {
    return (mode & PSE) != 0;
  }

  /** Whether bit 63 of the guest's entries forbids to execute. */
  boolean executeDisable() {
    return (mode & NX) != 0 && format() != Paging.Format.TWO_LEVEL;
  }

  /** Rights for people. */
  static String text(int rights) {
    return ((rights & CLEAN) != 0 ? "clean " : "") + ((rights & W) != 0 ? "w" : "-")
        + ((rights & U) != 0 ? "u" : "-") + ((rights & X) != 0 ? "x" : "-");
  }

  /** The format of the guest's tables. */
  Paging.Format format() {
    return Paging.Format.values()[mode & 3];
  }

  /** Bytes of a guest entry. */
  int entryBytes() {
    return format() == Paging.Format.TWO_LEVEL ? 4 : 8;
  }
}
