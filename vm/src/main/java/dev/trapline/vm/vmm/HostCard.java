package dev.trapline.vm.vmm;

import dev.trapline.vm.device.net.LanSwitch;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * The monitor's driver of the host's network card, a virtio one: it drives the card through its registers, with rings and buffers in frames
 * of the monitor's, and stands at a port of the switch the guests' cards are at. So they share the card by their addresses: what comes in
 * goes to the guest it is for, what guests send to each other never reaches the card.
 */
final class HostCard implements Stateful<HostCard.State> {
  /**
   * What the driver counts. Its rings are in host memory.
   *
   * @param sent frames given to the card
   * @param received frames taken from it
   * @param dropped frames for which no buffer was free
   */
  record State(long sent, long received, long dropped) implements StateRecord {}

  /** Where the card interrupts. */
  private static final int VECTOR = 0xcf;
  private static final int KIND = 1;
  private static final long VERSION_1 = 1L << 32;
  private static final int HEADER = 12;
  private static final int BUFFER = 2048;
  private static final int RECEIVE = 0;
  private static final int SEND = 1;
  /** Where its registers are put: the host has no firmware that does it. */
  private static final long WINDOW = 0xe0000000L;

  private final PhysicalMemory memory;
  private final VirtioDriver.Ring receive;
  private final VirtioDriver.Ring send;
  private final long buffers;
  private final LanSwitch network;
  private final int port;
  private final boolean[] busy = new boolean[VirtioDriver.Ring.SIZE];
  private long sent;
  private long received;
  private long dropped;

  /** @throws MonitorException if the host has no network card */
  HostCard(Machine host, FrameTable frames, LanSwitch network) {
    this.memory = host.memory();
    this.network = network;
    int slot = VirtioDriver.find(host.ports(), KIND).orElseThrow(() -> MonitorException.of("the host has no network card to share"));
    var owner = new Owner.Monitor("rings and buffers of the host's network card");
    var driver = new VirtioDriver(host.ports(), memory, slot, WINDOW);
    driver.begin(VERSION_1);
    this.receive = driver.ring(RECEIVE, frames.take(owner));
    driver.interrupts(VECTOR);
    this.send = driver.ring(SEND, frames.take(owner));
    driver.start();
    this.buffers = frames.take(owner, 2 * VirtioDriver.Ring.SIZE * BUFFER / PhysicalMemory.PAGE);
    this.port = network.port("the host's card", this::send);
    for (int i = 0; i < VirtioDriver.Ring.SIZE; i++) {
      receive.put(i, incoming(i), BUFFER, true);
    }
    receive.ring();
  }

  private long incoming(int i) {
    return buffers + (long) i * BUFFER;
  }

  private long outgoing(int i) {
    return incoming(VirtioDriver.Ring.SIZE + i);
  }

  private void send(byte[] frame) {
    for (int done = send.take(); done >= 0; done = send.take()) {
      busy[done] = false;
    }
    for (int i = 0; i < busy.length; i++) {
      if (!busy[i]) {
        busy[i] = true;
        memory.poke(outgoing(i), new byte[HEADER], 0, HEADER);
        memory.poke(outgoing(i) + HEADER, frame, 0, frame.length);
        send.put(i, outgoing(i), HEADER + frame.length, false);
        send.ring();
        sent++;
        return;
      }
    }
    dropped++;
  }

  /** Takes what has come in. */
  void look(long now) {
    boolean any = false;
    for (int i = receive.take(); i >= 0; i = receive.take()) {
      byte[] frame = new byte[Math.clamp(receive.length() - HEADER, 0, BUFFER - HEADER)];
      memory.peek(incoming(i) + HEADER, frame, 0, frame.length);
      network.take(port, frame, now);
      received++;
      receive.put(i, incoming(i), BUFFER, true);
      any = true;
    }
    if (any) {
      receive.ring();
    }
  }

  @Override
  public String stateName() {
    return "host-card";
  }

  @Override
  public State state() {
    return new State(sent, received, dropped);
  }

  @Override
  public void state(State s) {
    sent = s.sent;
    received = s.received;
    dropped = s.dropped;
  }
}
