package dev.trapline.vm.vmm;

/**
 * What must hold of a guest's tables at every exit. The names that begin with A are those of Linux's audit of shadow pages, those with X of
 * Xen's; the others are ours: K about keys, S about how the pieces hang together, T about the processor's own memory of translations, N about
 * nested tables, O about who owns what.
 */
public enum Invariant {
  A1("a shadow entry leads to the host frame behind the guest's page"),
  A2("the reverse map knows each shadow entry that maps a page, and no other"),
  A3("nothing that is traced can be stored to"),
  A4("only tables of level 1 are out of synchrony"),
  A5("after all translations were dropped no table is out of synchrony"),
  X1("a shadow entry is present only if the guest's is"),
  X2("no shadow entry maps a large page"),
  X3("a shadow entry is present only if the guest's has its accessed bit"),
  X4("a shadow entry allows to store only if the guest's has its dirty bit"),
  X5("the user bit is the guest's, or what CR0.WP clear makes of it"),
  X6("what may be executed is what the guest allows"),
  X7("a shadow entry allows to store only if the guest's tables do"),
  X8("a shadow entry maps the page the guest's entry names"),
  X9("a table out of synchrony is not a table of an upper level too"),
  X10("an entry that is not present holds nothing"),
  X11("a shadow entry has only the bits it may have"),
  K1("the key of a table holds the rights of the way to it, and what the guest's entry leads to"),
  S1("links between tables are known at both ends"),
  S2("the registers and the top tables lead to what the monitor thinks"),
  S3("the pool holds what it counts, and no more than its bound"),
  T1("each translation in the processor's TLB is in the tables, or the TLB is about to be flushed"),
  N1("a nested entry leads to the host frame behind the guest's page, and allows to store only to RAM"),
  O1("a frame the guest can reach is its own"),
  O2("a table the processor walks for the guest is the monitor's, kept for this guest"),
  O3("a translation the processor remembers leads to a frame of the guest's own"),
  O4("the frames its devices store to are the guest's own"),
  O5("the fields of a VMCB that hold the guest in are as the monitor made them"),
  O6("permission maps, and whatever else of the monitor's never changes, hold what they held");

  private final String claim;

  Invariant(String claim) {
    this.claim = claim;
  }

  /** Whether it says something of guests with a kind of paging. */
  public boolean concerns(String paging) {
    boolean any = this == T1 || this == X2 || name().startsWith("O");
    return any || (this == N1) == paging.equals("nested");
  }

  /** What must hold, in words. */
  public String claim() {
    return claim;
  }
}
