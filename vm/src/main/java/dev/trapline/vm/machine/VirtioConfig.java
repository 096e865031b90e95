package dev.trapline.vm.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * Virtio devices of a machine, beside its disks, which are {@link Drive}s.
 *
 * @param consoles how many consoles
 * @param entropy whether there is a source of random bytes
 * @param seed decides those bytes
 * @param cards network cards
 */
public record VirtioConfig(int consoles, boolean entropy, long seed, List<Card> cards) {
  /** None of them. */
  public static final VirtioConfig NONE = new VirtioConfig(0, false, 0, List.of());
  private static final int ADDRESS_BITS = 48;

  /** What a network card's cable leads to. */
  public enum Wire {
    /** Nothing: frames are lost. */
    NONE,
    /** A plug that sends every frame back. */
    LOOP,
    /** The network inside the machine, {@link dev.trapline.vm.device.net.Gateway}. */
    NET
  }

  /**
   * A network card.
   *
   * @param address MAC address, 48 bits, the byte that is sent first highest
   */
  public record Card(long address, Wire wire) {
    /** @throws BootException if it is not one card's address */
    public Card {
      if (address >>> ADDRESS_BITS != 0 || (address >>> ADDRESS_BITS - 8 & 1) != 0) {
        throw BootException.of("%012x: not the address of one network card", address);
      }
    }

    /** The address as it stands in frames. */
    byte[] bytes() {
      byte[] b = new byte[ADDRESS_BITS / 8];
      for (int i = 0; i < b.length; i++) {
        b[i] = (byte) (address >>> ADDRESS_BITS - 8 - 8 * i);
      }
      return b;
    }
  }

  /** @throws BootException if the number of consoles is negative */
  public VirtioConfig {
    if (consoles < 0) {
      throw BootException.of("%d virtio consoles", consoles);
    }
    cards = List.copyOf(cards);
  }

  /** How many devices these are. */
  int count() {
    return consoles + (entropy ? 1 : 0) + cards.size();
  }

  public VirtioConfig withConsoles(int n) {
    return new VirtioConfig(n, entropy, seed, cards);
  }

  /** With a source of random bytes. */
  public VirtioConfig withEntropy(long from) {
    return new VirtioConfig(consoles, true, from, cards);
  }

  /** One network card more. */
  public VirtioConfig withCard(long address, Wire wire) {
    var all = new ArrayList<>(cards);
    all.add(new Card(address, wire));
    return new VirtioConfig(consoles, entropy, seed, all);
  }
}
