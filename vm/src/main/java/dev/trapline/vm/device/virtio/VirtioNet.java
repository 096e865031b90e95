package dev.trapline.vm.device.virtio;

import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A network card (Virtio 1.2, 5.1) with an address and a link that is always up; no offloads. */
public final class VirtioNet extends VirtioDevice<VirtioNet.State> implements NetPort {
  /** A frame on its way. */
  public record Frame(@Length(value = LONGEST, least = SHORTEST) byte[] data) implements StateRecord {}

  /**
   * The card's state.
   *
   * @param waiting frames the driver has not got yet
   * @param dropped frames that found no room in {@code waiting} or in the driver's buffer
   */
  public record State(Core core, @Length(value = MOST_WAITING, least = 0) List<Frame> waiting, long sent, long received, long dropped)
      implements StateRecord {}

  private static final int ID = 1;
  private static final int CLASS = 0x020000;
  private static final long MAC = 1 << 5;
  private static final long LINK_STATUS = 1 << 16;
  private static final int MAC_LENGTH = 6;
  private static final int LINK_UP = 1;
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int HEADER = 12;
  /** Where the header tells of how many buffers a frame takes. */
  private static final int BUFFERS = 10;
  private static final int SHORTEST = 14;
  private static final int LONGEST = 1518;
  private static final int MOST_WAITING = 256;

  private final byte[] address;
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private Consumer<byte[]> sink = frame -> {};
  private long sent;
  private long received;
  private long dropped;

  /**
   * @param address six bytes, as they stand in a frame
   */
  public VirtioNet(String name, VirtioHost host, byte[] address) {
    super(name, host, ID, CLASS, MAC | LINK_STATUS, 2);
    if (address.length != MAC_LENGTH || (address[0] & 1) != 0) {
      throw new IllegalArgumentException(name + ": an address of six bytes, not a group's, expected");
    }
    this.address = address.clone();
  }

  @Override
  public void sink(Consumer<byte[]> taker) {
    this.sink = taker;
  }

  /** A frame for the guest; one of a length no Ethernet has is dropped. */
  @Override
  public void receive(byte[] frame) {
    if (frame.length < SHORTEST || frame.length > LONGEST || waiting.size() == MOST_WAITING) {
      dropped++;
      return;
    }
    waiting.add(frame.clone());
    kick(RECEIVE);
  }

  /** Frames lost since power-on. */
  public long dropped() {
    return dropped;
  }

  @Override
  protected byte[] deviceConfig() {
    byte[] c = Arrays.copyOf(address, MAC_LENGTH + 2);
    c[MAC_LENGTH] = LINK_UP;
    return c;
  }

  @Override
  protected boolean wants(int queue) {
    return queue == TRANSMIT || !waiting.isEmpty();
  }

  @Override
  long handle(int queue, Chain chain) {
    return queue == TRANSMIT ? send(chain) : fill(chain);
  }

  private long send(Chain chain) {
    long length = chain.readableBytes() - HEADER;
    if (length < 0 || chain.writableBytes() > 0) {
      throw new Malformed("frame");
    }
    if (length < SHORTEST || length > LONGEST) {
      dropped++;
      return 0;
    }
    byte[] frame = new byte[(int) length];
    chain.read(HEADER, frame, 0, frame.length);
    sent++;
    sink.accept(frame);
    return 0;
  }

  private long fill(Chain chain) {
    if (chain.readableBytes() > 0 || chain.writableBytes() < HEADER) {
      throw new Malformed("receive buffer");
    }
    byte[] frame = waiting.remove();
    if (chain.writableBytes() < HEADER + frame.length) {
      dropped++;
      return 0;
    }
    byte[] header = new byte[HEADER];
    header[BUFFERS] = 1;
    chain.write(0, header, 0, HEADER);
    chain.write(HEADER, frame, 0, frame.length);
    received++;
    return HEADER + frame.length;
  }

  @Override
  protected void powerOn() {
    super.powerOn();
    waiting.clear();
    sent = 0;
    received = 0;
    dropped = 0;
  }

  @Override
  public State state() {
    return new State(core(), waiting.stream().map(f -> new Frame(f.clone())).toList(), sent, received, dropped);
  }

  @Override
  public void state(State s) {
    if (s.waiting.size() > MOST_WAITING) {
      throw new StateException(name() + ": " + s.waiting.size() + " frames waiting");
    }
    core(s.core);
    waiting.clear();
    s.waiting.forEach(f -> waiting.add(f.data.clone()));
    sent = s.sent;
    received = s.received;
    dropped = s.dropped;
  }
}
