package dev.trapline.vm.device;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * The two 8259As of a PC: inputs IRQ 0 to 15, the slave's INT on the master's input 2, ELCR at ports 4D0h and 4D1h. Tells its
 * listener whenever INTR changes.
 */
public final class PicPair implements InterruptSource, Stateful<PicPair.State> {
  /** Both chips. */
  public record State(Pic.State master, Pic.State slave) implements StateRecord {}

  private static final int CASCADE = 2;
  /** Inputs that must be edge-triggered: IRQ 0, 1, 2 and 8, 13. */
  private static final int MASTER_ELCR = 0xf8;
  private static final int SLAVE_ELCR = 0xde;

  private final Pic slave = new Pic(-1, this::slaveChanged);
  private final Pic master = new Pic(CASCADE, this::masterChanged);
  private final Listener listener;
  private boolean intr;

  /** Told when INTR changes. */
  public interface Listener {
    void intr(boolean asserted);
  }

  public PicPair(Listener listener) {
    this.listener = listener;
  }

  /** Connects the chips' registers: 20h, 21h, A0h, A1h and ELCR. */
  public void connect(PortMap ports) {
    ports.add("pic.master", 0x20, 2, master);
    ports.add("pic.slave", 0xa0, 2, slave);
    ports.add("pic.elcr", 0x4d0, 2, new Elcr());
  }

  private final class Elcr implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return offset == 0 ? master.elcr() : slave.elcr();
    }

    @Override
    public void out(int offset, int bytes, int value) {
      if (offset == 0) {
        master.elcr(value & MASTER_ELCR);
      } else {
        slave.elcr(value & SLAVE_ELCR);
      }
    }
  }

  /** The wire to an input, 0 to 15; 2 is the cascade and has none. */
  public IrqLine irq(int n) {
    if (n < 0 || n > 15 || n == CASCADE) {
      throw new IllegalArgumentException("IRQ " + n + ": 0 to 15 without 2 expected");
    }
    return n < 8 ? high -> master.line(n, high) : high -> slave.line(n - 8, high);
  }

  private void slaveChanged() {
    master.line(CASCADE, slave.request() >= 0);
  }

  private void masterChanged() {
    boolean now = master.request() >= 0;
    if (now != intr) {
      intr = now;
      listener.intr(now);
    }
  }

  @Override
  public boolean pending() {
    return intr;
  }

  @Override
  public int acknowledge() {
    int input = master.acknowledge();
    int vector;
    if (input == CASCADE) {
      vector = slave.vector(slave.acknowledge());
      // INT falls during INTA even if the slave has more to say, so that an edge-triggered master sees the next one.
      master.line(CASCADE, false);
      slaveChanged();
    } else {
      vector = master.vector(input);
    }
    masterChanged();
    return vector;
  }

  /** Power-on. */
  public void reset() {
    slave.reset();
    master.reset();
  }

  @Override
  public String stateName() {
    return "pic";
  }

  @Override
  public State state() {
    return new State(master.state(), slave.state());
  }

  @Override
  public void state(State state) {
    slave.state(state.slave);
    master.state(state.master);
    intr = master.request() >= 0;
    listener.intr(intr);
  }
}
