package dev.trapline.vm.device.virtio;

import java.util.function.Consumer;

/** The host's side of a network card: Ethernet frames without their check sequence. There is no way to a real network. */
public interface NetPort {
  /** Who takes the frames the guest sends; replaces whoever did. */
  void sink(Consumer<byte[]> taker);

  /** A frame for the guest. */
  void receive(byte[] frame);

  /** Joins two cards, of one machine or of two that take turns, by a cable. */
  static void join(NetPort a, NetPort b) {
    a.sink(b::receive);
    b.sink(a::receive);
  }
}
