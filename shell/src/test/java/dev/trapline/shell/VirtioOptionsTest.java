package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class VirtioOptionsTest {
  @CommandLine.Command
  private record Holder(@CommandLine.Mixin VirtioOptions options) {}

  private static VirtioConfig config(String... words) {
    VirtioOptions options = new VirtioOptions();
    new CommandLine(new Holder(options)).parseArgs(words);
    return options.connect(MachineConfig.standard()).virtio();
  }

  @Test
  void devicesAsAskedFor() {
    assertEquals(VirtioConfig.NONE, config());
    VirtioConfig v = config("--nic", "net", "--virtio-console", "--nic", "loop,mac=02:00:00:00:AB:cd", "--nic", "none", "--virtio-console");
    assertEquals(List.of(new VirtioConfig.Card(0x525400123456L, VirtioConfig.Wire.NET),
        new VirtioConfig.Card(0x02000000abcdL, VirtioConfig.Wire.LOOP), new VirtioConfig.Card(0x525400123458L, VirtioConfig.Wire.NONE)), v.cards());
    assertEquals(2, v.consoles());
    assertFalse(v.entropy());
    assertEquals(0, config("--rng", "--virtio-console").seed());
    assertEquals(0x1234, config("--rng", "0x1234").seed());
    assertTrue(config("--rng").entropy());
  }

  private static String refusal(String... words) {
    return assertThrows(BadInput.class, () -> config(words)).getMessage();
  }

  @Test
  void cardsOfGuestsLeadToNetworksBetweenThemAndToTheHosts() {
    VirtioConfig v = config("--nic", "lan0", "--nic", "host,mac=02:00:00:00:00:01");
    assertEquals(List.of(new VirtioConfig.Card(0x525400123456L, VirtioConfig.Wire.LAN, "lan0"),
        new VirtioConfig.Card(0x020000000001L, VirtioConfig.Wire.HOST)), v.cards());
    assertEquals("the network lan0", v.needsMonitor().orElseThrow());
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    assertEquals("--nic user: net|loop|none|lanNAME|host[,mac=52:54:00:12:34:56] is expected", refusal("--nic", "user"));
    assertEquals("--nic net,mac=1:2: 'mac=1:2' is not part of net|loop|none|lanNAME|host[,mac=52:54:00:12:34:56]", refusal("--nic", "net,mac=1:2"));
    assertEquals("--nic net,mac=01:00:00:00:00:00: this address is a group's, not a card's", refusal("--nic", "net,mac=01:00:00:00:00:00"));
    assertEquals("--rng x: a number is expected", refusal("--rng", "x"));
  }
}
