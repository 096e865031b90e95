package dev.trapline.vm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Virtio devices of a machine, beside its disks, which are {@link Drive}s.
 *
 * @param consoles how many consoles
 * @param entropy whether there is a source of random bytes
 * @param seed decides those bytes
 * @param cards network cards
 * @param balloon whether there is a balloon, by which a guest gives memory back
 */
public record VirtioConfig(int consoles, boolean entropy, long seed, List<Card> cards, boolean balloon) {
  /** None of them. */
  public static final VirtioConfig NONE = new VirtioConfig(0, false, 0, List.of(), false);
  private static final int ADDRESS_BITS = 48;

  /** What a network card's cable leads to. */
  public enum Wire {
    /** Nothing: frames are lost. */
    NONE,
    /** A plug that sends every frame back. */
    LOOP,
    /** The network inside the machine, {@link dev.trapline.vm.device.net.Gateway}. */
    NET,
    /** A network between guests of a monitor, which connects the card. */
    LAN,
    /** The host's own network card, which a monitor shares out among its guests. */
    HOST
  }

  /**
   * A network card.
   *
   * @param address MAC address, 48 bits, the byte that is sent first highest
   * @param network name of the network between guests; empty for other wires
   */
  public record Card(long address, Wire wire, String network) {
    /** @throws BootException if it is not one card's address */
    public Card {
      if (address >>> ADDRESS_BITS != 0 || (address >>> ADDRESS_BITS - 8 & 1) != 0) {
        throw BootException.of("%012x: not the address of one network card", address);
      }
    }

    /** On a wire that needs no name. */
    public Card(long address, Wire wire) {
      this(address, wire, "");
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

  /** What only a guest of a monitor can have; empty if there is nothing. */
  public Optional<String> needsMonitor() {
    return cards.stream().filter(c -> c.wire() == Wire.LAN || c.wire() == Wire.HOST).findFirst()
        .map(c -> c.wire() == Wire.LAN ? "the network " + c.network() : "the shared network card");
  }

  /** How many devices these are. */
  int count() {
    return consoles + (entropy ? 1 : 0) + cards.size() + (balloon ? 1 : 0);
  }

  public VirtioConfig withConsoles(int n) {
    return new VirtioConfig(n, entropy, seed, cards, balloon);
  }

  /** With a source of random bytes. */
  public VirtioConfig withEntropy(long from) {
    return new VirtioConfig(consoles, true, from, cards, balloon);
  }

  /** One network card more. */
  public VirtioConfig withCard(long address, Wire wire) {
    return withCard(new Card(address, wire));
  }

  /** One network card more. */
  public VirtioConfig withCard(Card card) {
    var all = new ArrayList<>(cards);
    all.add(card);
    return new VirtioConfig(consoles, entropy, seed, all, balloon);
  }

  /** With a balloon. */
  public VirtioConfig withBalloon() {
    return new VirtioConfig(consoles, entropy, seed, cards, true);
  }
}
