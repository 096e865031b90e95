package dev.trapline.vm.machine;

import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.device.disk.ImageException;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.device.net.Gateway;
import dev.trapline.vm.device.pci.PciBus;
import dev.trapline.vm.device.virtio.GuestMemory;
import dev.trapline.vm.device.virtio.VirtioBalloon;
import dev.trapline.vm.device.virtio.VirtioBlock;
import dev.trapline.vm.device.virtio.VirtioConsole;
import dev.trapline.vm.device.virtio.VirtioDevice;
import dev.trapline.vm.device.virtio.VirtioEntropy;
import dev.trapline.vm.device.virtio.VirtioHost;
import dev.trapline.vm.device.virtio.VirtioNet;
import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The board's virtio devices, from slot 8 up: disks in the order of the configuration, consoles, entropy, network
 * cards, a balloon. */
final class VirtioBoard {
  private static final int FIRST_SLOT = 8;
  private static final int LAST_SLOT = 31;
  /** Name of the balloon. */
  static final String BALLOON = "virtio-balloon0";

  private final PciBus bus;
  private final Supplier<VirtioHost> host;
  private final List<VirtioDevice<?>> devices = new ArrayList<>();
  private final List<Medium> media = new ArrayList<>();
  private final List<Gateway> gateways = new ArrayList<>();

  /** @throws BootException if an image cannot be opened, or there are more devices than slots */
  VirtioBoard(PciBus bus, PhysicalMemory memory, Scheduler scheduler, MessageSink messages, MachineConfig config) {
    this.bus = bus;
    // Each device has its own way to memory: a monitor may give one to a guest.
    this.host = () -> new VirtioHost(scheduler, config.instructionsPerSecond(), new GuestMemory(memory, memory::isRam), messages);
    config.drives().stream().filter(d -> d.attachment() == Drive.Attachment.VIRTIO).forEach(this::disk);
    VirtioConfig virtio = config.virtio();
    for (int i = 0; i < virtio.consoles(); i++) {
      add(new VirtioConsole("virtio-console" + i, host.get()));
    }
    if (virtio.entropy()) {
      add(new VirtioEntropy("virtio-rng0", host.get(), virtio.seed()));
    }
    for (int i = 0; i < virtio.cards().size(); i++) {
      card(i, virtio.cards().get(i));
    }
    if (virtio.balloon()) {
      add(new VirtioBalloon(BALLOON, host.get(), memory::discard, memory::wanted));
    }
  }

  private void card(int number, VirtioConfig.Card card) {
    VirtioNet net = new VirtioNet("virtio-net" + number, host.get(), card.bytes());
    switch (card.wire()) {
      case NONE, LAN, HOST -> {
        // A card drops what nobody takes; a monitor connects its guests' cards.
      }
      case LOOP -> net.sink(net::receive);
      case NET -> {
        Gateway gateway = new Gateway("net" + number, net::receive);
        net.sink(gateway::take);
        gateways.add(gateway);
      }
    }
    add(net);
  }

  private void disk(Drive drive) {
    String name = "virtio-blk" + media.size();
    try {
      media.add(new Medium(name + ".disk", drive.open(), false));
    } catch (ImageException e) {
      throw new BootException(e.getMessage());
    }
    add(new VirtioBlock(name, host.get(), media.getLast(), String.format("TLV%05d", media.size())));
  }

  private void add(VirtioDevice<?> device) {
    int slot = FIRST_SLOT + devices.size();
    if (slot > LAST_SLOT) {
      throw BootException.of("%s: %d virtio devices are the most", device.name(), LAST_SLOT - FIRST_SLOT + 1);
    }
    bus.add(slot, 0, device);
    devices.add(device);
  }

  /** In the order of their slots. */
  List<VirtioDevice<?>> devices() {
    return List.copyOf(devices);
  }

  /** Contents of the disks. */
  List<Medium> media() {
    return List.copyOf(media);
  }

  /** What has state, in the order of loading. */
  List<Stateful<?>> components() {
    var all = new ArrayList<Stateful<?>>(media);
    all.addAll(devices);
    all.addAll(gateways);
    return all;
  }
}
