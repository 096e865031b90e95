package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Debian's kernel in guests that have more than a PC of their own: networks between them, and what the host has. */
@EnabledIfSystemProperty(named = "trapline.full", matches = "true")
class LinuxDevicesOfGuestsTest {
  private static final long MIB = 1L << 20;
  private static final long MOST = 20_000_000_000L;
  private static final String KERNEL = "debian-cloud-amd64";

  private static MachineConfig linux(String commands, VirtioConfig devices) {
    BootImage image = BootImage.auto(KERNEL, FetchedGuests.file(KERNEL + "/linux"), "console=ttyS0 cryptomgr.notests tl.run=\"" + commands + "\"")
        .withInitrd(FetchedGuests.file(KERNEL + "/initrd.gz"));
    return MachineConfig.standard().withMemory(160 * MIB).withImage(image).withVirtio(devices);
  }

  private static Monitor monitor(long memory) {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC)));
  }

  private static StringBuilder console(Guest g) {
    var text = new StringBuilder();
    g.machine().console(b -> text.append(b == '\r' ? "" : String.valueOf((char) b)));
    return text;
  }

  private static List<String> said(CharSequence console) {
    return console.toString().lines().filter(l -> l.startsWith("TL") || l.contains("received")).toList();
  }

  @Test
  void twoGuestsPingEachOther() {
    Monitor monitor = monitor(400 * MIB);
    String other = "; until ping -c 1 -W 1 10.1.0.%1$d >/dev/null; do true; done; ping -c 3 10.1.0.%1$d; sleep 4";
    Guest a = monitor.add(GuestSpec.hvm("a", linux("ifconfig eth0 10.1.0.1" + other.formatted(2), lan(1)), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", linux("ifconfig eth0 10.1.0.2" + other.formatted(1), lan(2)), "nested"));
    StringBuilder first = console(a);
    StringBuilder second = console(b);
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST), () -> first + "\n" + second);
    String received = "3 packets transmitted, 3 packets received, 0% packet loss";
    assertEquals(List.of(received, "TL-DONE"), said(first).subList(1, 3));
    assertEquals(List.of(received, "TL-DONE"), said(second).subList(1, 3));
    assertTrue(monitor.networks().get("lan0").state().forwarded() >= 14);
  }

  private static VirtioConfig lan(int address) {
    return VirtioConfig.NONE.withCard(new VirtioConfig.Card(0x020000000000L | address, VirtioConfig.Wire.LAN, "lan0"));
  }
}
