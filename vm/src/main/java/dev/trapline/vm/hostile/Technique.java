package dev.trapline.vm.hostile;

/** How a guest is run. */
public enum Technique {
  HVM_SHADOW("hvm", "shadow"), HVM_NESTED("hvm", "nested"), TRAP("trap", "shadow");

  private final String technique;
  private final String paging;

  Technique(String technique, String paging) {
    this.technique = technique;
    this.paging = paging;
  }

  public String technique() {
    return technique;
  }

  public String paging() {
    return paging;
  }

  @Override
  public String toString() {
    return technique + "/" + paging;
  }
}
