package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.SharedLine;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.function.IntFunction;

/**
 * The Intel 82371SB (PIIX3) PCI-to-ISA bridge: the routing of PIRQA# to PIRQD# to ISA interrupts (60h to 63h) and the reset control
 * register at port CF9h.
 *
 * <p>Datasheet: Intel 82371FB/82371SB (290550), 2.2.6 "PIRQRC" and 2.5.2.4 "RC".
 */
public final class IsaBridge extends PciFunction implements PortDevice, Stateful<IsaBridge.State> {
  /** The reset control register. */
  public record State(int resetControl) implements StateRecord {}

  private static final int PIRQRC = 0x60;
  private static final int NOT_ROUTED = 0x80;
  private static final int LINES = 4;
  private static final int IRQS = 16;
  /** Interrupts a PIRQ may be routed to: 3 to 7, 9 to 12, 14, 15. */
  private static final int ROUTABLE = 0xdef8;
  private static final int RESET_CPU = 4;
  private static final int RESET_CONTROL = 6;

  private final IrqLine[] irq = new IrqLine[IRQS];
  private final SharedLine[] pirq = new SharedLine[LINES];
  private final boolean[] level = new boolean[LINES];
  private final Runnable reset;
  /** Interrupts driven high, a bit each. */
  private int driven;
  private int resetControl;

  /**
   * @param isa a wire to an ISA interrupt
   * @param direct a wire that follows PIRQ line 0 to 3 without routing, as an I/O APIC's inputs do
   * @param reset the reset line
   */
  public IsaBridge(IntFunction<IrqLine> isa, IntFunction<IrqLine> direct, Runnable reset) {
    super("isa-bridge", 0x8086, 0x7000, 0x060100, 0);
    this.reset = reset;
    for (int i = 0; i < IRQS; i++) {
      irq[i] = (ROUTABLE >> i & 1) != 0 ? isa.apply(i) : high -> {};
    }
    for (int i = 0; i < LINES; i++) {
      int line = i;
      IrqLine other = direct.apply(i);
      pirq[i] = new SharedLine(high -> {
        level[line] = high;
        other.set(high);
        drive();
      });
      set(PIRQRC + i, 1, NOT_ROUTED);
      allow(PIRQRC + i, 1, NOT_ROUTED | 0xf);
    }
    set(HEADER_TYPE, 1, 0x80);
    set(COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | 8);
    allow(COMMAND, 2, 8);
    set(STATUS, 2, 0x200);
    set(0x4c, 1, 0x4d);
    set(0x4e, 2, 3);
    allow(0x4c, 4, 0xffffffff);
    allow(0x69, 2, 0xffff);
    allow(0x82, 1, 0x0f);
  }

  /** A further source on PIRQ line 0 (A) to 3 (D). */
  public IrqLine pirq(int line) {
    return pirq[line].source();
  }

  /** The ISA interrupt a line is routed to, or -1. */
  public int route(int line) {
    int r = config(PIRQRC + line, 1);
    int n = r & 0xf;
    return (r & NOT_ROUTED) == 0 && (ROUTABLE >> n & 1) != 0 ? n : -1;
  }

  @Override
  protected void configWritten(int offset, int bytes) {
    drive();
  }

  private void drive() {
    int high = 0;
    for (int line = 0; line < LINES; line++) {
      int n = route(line);
      high |= level[line] && n >= 0 ? 1 << n : 0;
    }
    int changed = high ^ driven;
    driven = high;
    for (int n = 0; n < IRQS; n++) {
      if ((changed >> n & 1) != 0) {
        irq[n].set((high >> n & 1) != 0);
      }
    }
  }

  // ---- reset control

  @Override
  public int in(int offset, int bytes) {
    return resetControl;
  }

  /** Setting bit 2 resets; bit 1 would tell a hard from a soft reset. */
  @Override
  public void out(int offset, int bytes, int value) {
    boolean rises = (value & ~resetControl & RESET_CPU) != 0;
    resetControl = value & RESET_CONTROL & ~RESET_CPU;
    if (rises) {
      reset.run();
    }
  }

  @Override
  protected void powerOn() {
    resetControl = 0;
  }

  @Override
  public String stateName() {
    return "reset-control";
  }

  @Override
  public State state() {
    return new State(resetControl);
  }

  @Override
  public void state(State s) {
    resetControl = s.resetControl;
  }
}
