package dev.trapline.vm.debug;

import dev.trapline.vm.debug.view.VirtualView;
import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.device.virtio.VirtioNet;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.VirtioConfig;
import dev.trapline.vm.vmm.Guest;
import dev.trapline.vm.vmm.Monitor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Which device of which guest is what: emulated, dedicated, a part of one, shared, or without anything physical behind it. */
final class VirtualViews {
  private static final String EMULATED = "emulated";
  private static final String NONEXISTENT = "nonexistent";
  private static final int SERIAL_PORTS = 4;

  private final Monitor monitor;
  private final Guest guest;
  private final List<VirtualView> rows = new ArrayList<>();

  private VirtualViews(Monitor monitor, Guest guest) {
    this.monitor = monitor;
    this.guest = guest;
  }

  /** The devices of a guest. */
  static List<VirtualView> of(Monitor monitor, Guest guest) {
    var v = new VirtualViews(monitor, guest);
    v.serialPorts();
    guest.spec().dedicated().stream().filter(n -> n.startsWith("virtio-")).forEach(n -> v.row(n, "dedicated", "the host's " + n, v.passed(n)));
    v.drives();
    v.virtio();
    v.row("board", EMULATED, "", guest.machine().components().size() - v.rows.size() + " further components: info devices");
    return List.copyOf(v.rows);
  }

  private void row(String device, String kind, String counterpart, String about) {
    rows.add(new VirtualView(guest.name(), device, kind, counterpart, about));
  }

  private String passed(String name) {
    return monitor.host().virtio().stream().filter(d -> d.name().equals(name)).findFirst()
        .map(d -> d.malformed() == 0 ? "DMA within the guest's memory" : "stopped " + d.malformed() + " times, last: " + d.reason()).orElse("");
  }

  private void serialPorts() {
    for (int i = 0; i < SERIAL_PORTS; i++) {
      String name = "uart" + i;
      if (guest.spec().dedicated().contains(name)) {
        row(name, "dedicated", "the host's " + name, guest.spec().technique().equals("hvm") ? "ports open: no exits" : "ports by emulation");
      } else if (i == 0) {
        row(name, EMULATED, "", "");
      }
    }
  }

  private void drives() {
    for (Drive d : guest.spec().machine().drives()) {
      String device = switch (d.attachment()) {
        case VIRTIO -> "virtio-blk";
        case IDE -> "disk";
        case CDROM -> "cd";
        case FLOPPY -> "floppy";
      };
      String part = d.slice().map(s -> String.format(", %,d KiB from %,d KiB", s.length() >> 10, s.from() >> 10)).orElse("");
      row(device, d.slice().isPresent() ? "partitioned" : EMULATED, d.name() + part, d.write() ? "written through" : "what is written stays here");
    }
  }

  private void virtio() {
    int card = 0;
    for (VirtioDevice<?> device : guest.machine().virtio()) {
      String trouble = device.malformed() == 0 ? "" : "stopped " + device.malformed() + " times, last: " + device.reason();
      switch (device) {
        case VirtioNet net -> card(net, guest.spec().machine().virtio().cards().get(card++), trouble);
        case VirtioBalloon balloon -> row(device.name(), NONEXISTENT, "frames of the host's",
            said(trouble, String.format("%,d KiB given of %,d KiB wanted", guest.given() >> 10, (long) balloon.wanted() * 4)));
        default -> {
          if (!device.name().startsWith("virtio-blk")) {
            row(device.name(), NONEXISTENT, "", trouble);
          }
        }
      }
    }
  }

  private void card(VirtioNet net, VirtioConfig.Card c, String trouble) {
    String address = String.format("%012x", c.address()).replaceAll("(..)(?!$)", "$1:");
    String about = said(trouble, address + (net.dropped() == 0 ? "" : ", " + net.dropped() + " frames dropped"));
    switch (c.wire()) {
      case LAN -> row(net.name(), NONEXISTENT, c.network() + others(c.network()), about);
      case HOST -> row(net.name(), "shared", "the host's card" + others("host"), about);
      default -> row(net.name(), EMULATED, c.wire().name().toLowerCase(java.util.Locale.ROOT), about);
    }
  }

  private static String said(String trouble, String about) {
    return trouble.isEmpty() ? about : about + "; " + trouble;
  }

  /** Who else is on a network. */
  private String others(String network) {
    String all = monitor.networks().get(network).ports().stream().filter(p -> !p.startsWith(guest.name() + " ") && !p.equals("the host's card"))
        .map(p -> p.substring(0, p.indexOf(' '))).collect(Collectors.joining(", "));
    return all.isEmpty() ? "" : ", with " + all;
  }
}
