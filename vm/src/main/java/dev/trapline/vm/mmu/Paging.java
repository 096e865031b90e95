package dev.trapline.vm.mmu;

/**
 * Everything outside the tables that decides a translation (SDM 3A 4.1): the format and the rights switches. Immutable;
 * the processor makes a new one when a control register changes.
 *
 * @param format table format in use
 * @param root physical address of the top table (CR3 without its flag bits)
 * @param wp CR0.WP
 * @param pse CR4.PSE (2-level only)
 * @param nx EFER.NXE
 * @param smep CR4.SMEP
 * @param smap CR4.SMAP
 * @param maxPhysBits physical address width; higher bits are reserved
 */
public record Paging(Format format, long root, boolean wp, boolean pse, boolean nx, boolean smep, boolean smap, int maxPhysBits) {
  /** Table formats. */
  public enum Format { NONE, TWO_LEVEL, PAE, FOUR_LEVEL }

  /** Paging off: linear is physical. */
  public static final Paging OFF = new Paging(Format.NONE, 0, false, false, false, false, false, 40);
}
