package dev.trapline.vm.vmm;

import dev.trapline.vm.device.net.LanSwitch;
import dev.trapline.vm.device.virtio.VirtioNet;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks the guests' cards are connected to: each a switch, made when the first guest asks for it. */
final class Networks {
  /** Name of the network the host's card is at. */
  static final String HOST = "host";

  private final Monitor monitor;
  private HostCard card;
  private final Map<String, LanSwitch> switches = new LinkedHashMap<>();
  /** Card addresses that are taken, by network and address. */
  private final Map<String, String> taken = new LinkedHashMap<>();

  Networks(Monitor monitor) {
    this.monitor = monitor;
  }

  /**
   * Looks whether a guest can be connected; nothing is changed.
   *
   * @throws MonitorException if two cards of one network would have the same address
   */
  void require(GuestSpec spec) {
    boolean shares = spec.machine().virtio().cards().stream().anyMatch(c -> c.wire() == VirtioConfig.Wire.HOST);
    if (shares && monitor.dedicated().hasCard()) {
      throw MonitorException.of("guest %s: the host's network card is dedicated to a guest: it cannot be shared", spec.name());
    }
    if (shares && monitor.host().virtio().stream().noneMatch(VirtioNet.class::isInstance)) {
      throw MonitorException.of("guest %s: the host has no network card to share", spec.name());
    }
    var mine = new ArrayList<String>();
    for (VirtioConfig.Card c : spec.machine().virtio().cards()) {
      String key = key(c);
      if (connects(c) && (taken.containsKey(key) || mine.contains(key))) {
        throw MonitorException.of("guest %s: its network card has the address %s, as %s has on %s: give it another one, nic '...,mac=ADDRESS'",
            spec.name(), HexFormat.ofDelimiter(":").formatHex(bytes(c.address())), taken.getOrDefault(key, "its other one"), network(c));
      }
      mine.add(key);
    }
  }

  private static byte[] bytes(long address) {
    return HexFormat.of().parseHex(HexFormat.of().toHexDigits(address, 12));
  }

  static boolean connects(VirtioConfig.Card c) {
    return c.wire() == VirtioConfig.Wire.LAN || c.wire() == VirtioConfig.Wire.HOST;
  }

  static String network(VirtioConfig.Card c) {
    return c.wire() == VirtioConfig.Wire.HOST ? HOST : c.network();
  }

  private static String key(VirtioConfig.Card c) {
    return network(c) + " " + c.address();
  }

  /** Plugs in a new guest's cards. */
  void connect(Guest guest) {
    List<VirtioNet> cards = guest.machine().virtio().stream().filter(VirtioNet.class::isInstance).map(VirtioNet.class::cast).toList();
    for (int i = 0; i < cards.size(); i++) {
      VirtioConfig.Card c = guest.spec().machine().virtio().cards().get(i);
      if (connects(c)) {
        taken.put(key(c), guest.name());
        plug(guest, cards.get(i), network(c));
      }
    }
  }

  private void plug(Guest guest, VirtioNet card, String network) {
    LanSwitch s = switches.computeIfAbsent(network, this::open);
    int port = s.port(guest.name() + " " + card.name(), frame -> {
      if (guest.alive()) {
        card.receive(frame);
      }
    });
    card.sink(frame -> s.take(port, frame, monitor.now()));
  }

  private LanSwitch open(String network) {
    var s = new LanSwitch(network, monitor.host().config().instructionsPerSecond());
    if (network.equals(HOST)) {
      card = new HostCard(monitor.host(), monitor.frames(), s);
    }
    return s;
  }

  /** The driver of the host's card; null while no guest shares it. */
  HostCard card() {
    return card;
  }

  /** When the next frame comes out anywhere, in the host's time. */
  long nextEvent() {
    return switches.values().stream().mapToLong(LanSwitch::nextEvent).min().orElse(LanSwitch.NEVER);
  }

  void runDue(long now) {
    if (card != null) {
      card.look(now);
    }
    switches.values().forEach(s -> s.runDue(now));
  }

  /** All networks by name, in the order in which they were asked for. */
  Map<String, LanSwitch> all() {
    return switches;
  }
}
