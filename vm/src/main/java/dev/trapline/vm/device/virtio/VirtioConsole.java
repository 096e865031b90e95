package dev.trapline.vm.device.virtio;

import dev.trapline.vm.state.StateRecord;
import java.io.ByteArrayOutputStream;
import java.util.function.IntConsumer;

/** A console with one port (Virtio 1.2, 5.3). Bytes from the host wait until the driver has room for them. */
public final class VirtioConsole extends VirtioDevice<VirtioConsole.State> {
  /**
   * The console's state.
   *
   * @param waiting bytes from the host that the driver has not got yet
   */
  public record State(Core core, byte[] waiting) implements StateRecord {}

  private static final int ID = 3;
  private static final int CLASS = 0x078000;
  private static final long EMERGENCY_WRITE = 1 << 2;
  private static final int EMERGENCY = 8;
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int BUFFER = 4096;

  private IntConsumer sink = b -> {};
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

  /** A console whose output nobody takes yet. */
  public VirtioConsole(String name, VirtioHost host) {
    super(name, host, ID, CLASS, EMERGENCY_WRITE, 2);
  }

  /** Who takes each byte sent, 0 to 255; replaces whoever did. */
  public void sink(IntConsumer taker) {
    this.sink = taker;
  }

  /** A byte from the host side. */
  public void receive(int value) {
    waiting.write(value);
    kick(RECEIVE);
  }

  /** Bytes from the host that the driver has not got. */
  public int unread() {
    return waiting.size();
  }

  @Override
  protected byte[] deviceConfig() {
    return new byte[EMERGENCY + 4];
  }

  @Override
  protected void deviceConfigWritten(int offset, int bytes, long value) {
    if (offset == EMERGENCY) {
      sink.accept((int) value & 0xff);
    }
  }

  @Override
  protected boolean wants(int queue) {
    return queue == TRANSMIT || waiting.size() > 0;
  }

  @Override
  long handle(int queue, Chain chain) {
    return queue == TRANSMIT ? send(chain) : fill(chain);
  }

  private long send(Chain chain) {
    byte[] buffer = new byte[BUFFER];
    int n;
    for (long done = 0; (n = chain.read(done, buffer, 0, BUFFER)) > 0; done += n) {
      for (int i = 0; i < n; i++) {
        sink.accept(buffer[i] & 0xff);
      }
    }
    return 0;
  }

  private long fill(Chain chain) {
    byte[] all = waiting.toByteArray();
    int n = chain.write(0, all, 0, all.length);
    if (n == 0) {
      throw new Malformed("receive buffer");
    }
    waiting.reset();
    waiting.write(all, n, all.length - n);
    return n;
  }

  @Override
  protected void powerOn() {
    super.powerOn();
    waiting.reset();
  }

  @Override
  public State state() {
    return new State(core(), waiting.toByteArray());
  }

  @Override
  public void state(State s) {
    core(s.core);
    waiting.reset();
    waiting.write(s.waiting, 0, s.waiting.length);
  }
}
