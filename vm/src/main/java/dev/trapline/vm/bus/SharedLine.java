package dev.trapline.vm.bus;

/** One wire driven by several sources: high while any of them drives it high. */
public final class SharedLine {
  private final IrqLine line;
  private int driving;

  /**
   * @param line the wire
   */
  public SharedLine(IrqLine line) {
    this.line = line;
  }

  /** A further source, low at first. */
  public IrqLine source() {
    return new IrqLine() {
      private boolean mine;

      @Override
      public void set(boolean high) {
        if (high != mine) {
          mine = high;
          driving += high ? 1 : -1;
          line.set(driving > 0);
        }
      }
    };
  }
}
