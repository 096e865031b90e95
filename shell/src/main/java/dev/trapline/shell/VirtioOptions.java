package dev.trapline.shell;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that connect virtio devices other than disks. */
final class VirtioOptions {
  private static final String SYNTAX = "net|loop|none|lanNAME|host[,mac=52:54:00:12:34:56]";
  private static final String MAC = "mac=";
  private static final long FIRST_MAC = 0x525400123456L;

  @Option(names = "--nic", paramLabel = "net|loop|none|lanNAME|host[,mac=ADDRESS]", description = "a virtio network card; its cable leads to a network\n"
      + "inside the machine (10.0.2.2 gives 10.0.2.15 by DHCP and answers\npings), comes back, or leads nowhere; for guests of the monitor to a\n"
      + "network between them (lan0), or they share the host's; may be repeated")
  private List<String> cards = List.of();

  @Option(names = "--rng", paramLabel = "SEED", arity = "0..1", fallbackValue = "0", description = "a virtio source of random bytes, the same ones for the same SEED (0)")
  private String seed;

  @Option(names = "--balloon", description = "a virtio balloon, by which the guest gives memory up ('balloon' in the shell)")
  private boolean balloon;

  @Option(names = "--virtio-console", description = "a virtio console, 'attach virtio-console0' in the shell, hvc0 in Linux;\nmay be repeated")
  private boolean[] consoles = {};

  /** Distinguishes the addresses of guests that are made of the same options. */
  private int guest;

  void guest(int number) {
    guest = number;
  }

  /** Whether there are any. */
  boolean any() {
    return !cards.isEmpty() || seed != null || consoles.length > 0;
  }

  /** The configuration with the devices connected. */
  MachineConfig connect(MachineConfig config) {
    VirtioConfig v = config.virtio().withConsoles(consoles.length);
    if (seed != null) {
      v = v.withEntropy(seed());
    }
    for (int i = 0; i < cards.size(); i++) {
      v = card(v, cards.get(i), FIRST_MAC + ((long) guest << 8) + i);
    }
    return config.withVirtio(balloon ? v.withBalloon() : v);
  }

  private long seed() {
    try {
      return Long.decode(seed);
    } catch (NumberFormatException notOne) {
      throw new BadInput("--rng " + seed + ": a number is expected");
    }
  }

  private static VirtioConfig card(VirtioConfig v, String text, long standard) {
    String[] parts = text.split(",", -1);
    long address = parts.length == 1 ? standard : parts.length == 2 ? address(text, parts[1]) : -1;
    boolean network = parts[0].matches("lan[0-9a-z-]*");
    if (address < 0 || !network && !List.of("net", "loop", "none", "host").contains(parts[0])) {
      throw new BadInput("--nic " + text + ": " + SYNTAX + " is expected");
    }
    if ((address >>> 40 & 1) != 0) {
      throw new BadInput("--nic " + text + ": this address is a group's, not a card's");
    }
    return v.withCard(network ? new VirtioConfig.Card(address, VirtioConfig.Wire.LAN, parts[0])
        : new VirtioConfig.Card(address, VirtioConfig.Wire.valueOf(parts[0].toUpperCase(Locale.ROOT))));
  }

  private static long address(String text, String part) {
    if (!part.matches(MAC + "\\p{XDigit}{2}(:\\p{XDigit}{2}){5}")) {
      throw new BadInput("--nic " + text + ": '" + part + "' is not part of " + SYNTAX);
    }
    return Long.parseLong(part.substring(MAC.length()).replace(":", ""), 16);
  }
}
