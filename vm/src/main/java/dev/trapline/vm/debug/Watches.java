package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.DataWatch;
import dev.trapline.vm.event.Event;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mmu.Access;
import java.util.List;

/** One processor's view of the watchpoints: which pages to keep out of the TLB, and which access was the first to hit. */
final class Watches implements DataWatch {
  /**
   * A watched access.
   *
   * @param block offset of the first instruction of the straight run of code that made it
   */
  record Seen(Breakpoint point, Access access, long linear, int bytes, long before, long block) {}

  private final Machine machine;
  private final Vantage vantage;
  private final Breakpoints breakpoints;
  private final List<Breakpoint> points;
  private final Spaces spaces;
  private Seen seen;

  Watches(Machine machine, Vantage vantage, Breakpoints breakpoints) {
    this.machine = machine;
    this.vantage = vantage;
    this.breakpoints = breakpoints;
    this.points = breakpoints.active(Breakpoint::watch);
    this.spaces = new Spaces(vantage.cpu());
  }

  @Override
  public boolean watches(long linear, long pa) {
    for (Breakpoint b : points) {
      long page = (b.physical ? pa : linear) & -4096L;
      if (b.touches(page, page, 4096)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void accessed(long linear, long pa, int bytes, Access access) {
    for (Breakpoint b : points) {
      boolean wanted = switch (b.options.kind()) {
        case READ -> access == Access.READ;
        case WRITE -> access == Access.WRITE;
        default -> true;
      };
      if (wanted && seen == null && b.touches(linear, pa, bytes)) {
        met(b, linear, bytes, access);
      }
    }
  }

  private void met(Breakpoint b, long linear, int bytes, Access access) {
    machine.look();
    Vantage v = vantage.at(new Event.Memory(access == Access.WRITE, linear, bytes));
    if (breakpoints.meets(b, v) instanceof Verdict.Stop) {
      seen = new Seen(b, access, linear, bytes, value(b), v.cpu().base);
      machine.stopHere();
    }
  }

  /** Value of the watched bytes, at most eight, or 0 if they cannot be read. */
  long value(Breakpoint b) {
    Address at = b.physical ? new Address.Physical(b.address) : new Address.Linear(b.address);
    Long v = spaces.read(at, Math.min(b.options.bytes(), 8));
    return v == null ? 0 : v;
  }

  /** The first access that hit since the last call, or null. */
  Seen take() {
    Seen s = seen;
    seen = null;
    return s;
  }
}
