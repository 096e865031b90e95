package dev.trapline.vm.vmm;

import dev.trapline.vm.mmu.Paging;

/**
 * Everything that changes what the entries of a shadow page mean: two uses that differ in any of it have shadow pages of their own.
 *
 * @param gfn page number of the guest's table; of a direct page the first page it maps
 * @param level of the shadow page: 1 maps pages, 2 to 4 point to the level below
 * @param direct maps consecutive guest pages, there being no guest table of that level: inside a large page, or with paging off
 * @param quadrant which part of a table of 1024 entries, 0 if the formats agree
 * @param rights what all levels above allow: {@link #W}, {@link #U}, {@link #X}
 * @param mode table format and what else of the control registers decides about entries
 */
record ShadowKey(long gfn, int level, boolean direct, int quadrant, int rights, int mode) {
  static final int W = 1;
  static final int U = 2;
  static final int X = 4;
  static final int ALL = W | U | X;

  /** Mode: CR0.WP is clear, so that supervisor stores ignore read-only; with it SMEP and SMAP count too. */
  private static final int NO_WP = 4;
  private static final int SMEP = 8;
  private static final int SMAP = 0x10;
  private static final int NX = 0x20;
  /** The guest's kernel runs at CPL 3: its pages are user pages, and these tables are in use in virtual supervisor mode only. */
  static final int LIFTED = 0x40;

  /** The mode of a translation regime. */
  static int mode(Paging p) {
    return p.format().ordinal() | (p.nx() ? NX : 0) | (p.wp() ? 0 : NO_WP | (p.smep() ? SMEP : 0) | (p.smap() ? SMAP : 0));
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
