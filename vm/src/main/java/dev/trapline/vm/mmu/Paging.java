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
 * @param pdptes the four PDPTE registers of PAE paging, loaded when CR3 is (SDM 3A 4.4.1); {@link Pdptes#NONE} otherwise
 * @param nested the host tables that translate what these tables call physical (APM2 15.25); null: they mean what they say
 */
public record Paging(Format format, long root, boolean wp, boolean pse, boolean nx, boolean smep, boolean smap, int maxPhysBits,
    Pdptes pdptes, Paging nested) {
  /** Table formats. */
  public enum Format { NONE, TWO_LEVEL, PAE, FOUR_LEVEL }

  /** The PDPTE registers. */
  public record Pdptes(long e0, long e1, long e2, long e3) {
    /** All not present. */
    public static final Pdptes NONE = new Pdptes(0, 0, 0, 0);

    /** Register 0 to 3, the one linear address bits 31:30 choose. */
    public long at(int index) {
      return switch (index) {
        case 0 -> e0;
        case 1 -> e1;
        case 2 -> e2;
        default -> e3;
      };
    }
  }

  /** Paging off: linear is physical. */
  public static final Paging OFF = new Paging(Format.NONE, 0, false, false, false, false, false, 40);

  /** A regime whose physical addresses are real. */
  public Paging(Format format, long root, boolean wp, boolean pse, boolean nx, boolean smep, boolean smap, int maxPhysBits, Pdptes pdptes) {
    this(format, root, wp, pse, nx, smep, smap, maxPhysBits, pdptes, null);
  }

  /** A regime without PDPTE registers. */
  public Paging(Format format, long root, boolean wp, boolean pse, boolean nx, boolean smep, boolean smap, int maxPhysBits) {
    this(format, root, wp, pse, nx, smep, smap, maxPhysBits, Pdptes.NONE);
  }

  /** Reserved bits of a present PAE PDPTE (SDM 3A table 4-8): setting one makes the load of CR3 fail with #GP(0). */
  public static long pdpteReserved(int maxPhysBits) {
    return -1L << maxPhysBits | 0x1e6;
  }
}
