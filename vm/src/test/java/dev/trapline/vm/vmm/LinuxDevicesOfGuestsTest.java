package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.event.Event;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Drive;
import dev.trapline.vm.machine.FetchedGuests;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.VirtioConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void twoGuestsShareTheHostsCard() {
    MachineConfig host = MachineConfig.standard().withMemory(400 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withVirtio(VirtioConfig.NONE.withCard(0x5254000000feL, VirtioConfig.Wire.NET));
    Monitor monitor = new Monitor(new Machine(host));
    VirtioConfig none = VirtioConfig.NONE;
    Guest a = monitor.add(GuestSpec.hvm("a", linux("networks", none.withCard(0x020000000001L, VirtioConfig.Wire.HOST)), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", linux("networks", none.withCard(0x020000000002L, VirtioConfig.Wire.HOST)), "nested"));
    StringBuilder first = console(a);
    StringBuilder second = console(b);
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST), () -> first + "\n" + second);
    var both = Stream.of(first, second).map(c -> said(c).get(1)).sorted().toList();
    String received = " 2 packets transmitted, 2 packets received, 0% packet loss";
    assertEquals(List.of("TL net eth0 10.0.2.15" + received, "TL net eth0 10.0.2.16" + received), both);
  }

  @Test
  void oneGuestHasTheHostsCardToItself() {
    MachineConfig host = MachineConfig.standard().withMemory(300 * MIB).withPlatform(MachineConfig.Platform.PC)
        .withVirtio(VirtioConfig.NONE.withCard(0x5254000000feL, VirtioConfig.Wire.NET));
    Monitor monitor = new Monitor(new Machine(host));
    Guest guest = monitor.add(GuestSpec.hvm("a", linux("networks", VirtioConfig.NONE), "nested").withDedicated("virtio-net0"));
    StringBuilder console = console(guest);
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST), console::toString);
    assertEquals("TL net eth0 10.0.2.15 2 packets transmitted, 2 packets received, 0% packet loss", said(console).get(1));
  }

  @Test
  void memoryGivenUpIsTheHostsUntilItIsGivenBack() {
    Monitor monitor = monitor(300 * MIB);
    String next = "a=$(f); echo TL total $a; while [ $(f) = $a ]; do sleep 1; done; sleep 5; ";
    String commands = "f() { set -- $(grep MemTotal /proc/meminfo); echo $2; }; " + next + next + "echo TL total $(f)";
    Guest guest = monitor.add(GuestSpec.hvm("a", linux(commands, VirtioConfig.NONE.withBalloon()), "shadow"));
    StringBuilder console = console(guest);
    long before = runUntilTotal(monitor, console, 1);
    long free = monitor.frames().free();
    guest.balloon(64 * MIB);
    long less = runUntilTotal(monitor, console, 2);
    assertEquals(before - 64 * 1024, less, "MemTotal in KiB");
    assertEquals(64 * MIB, guest.given());
    assertEquals(64 * MIB, monitor.frames().free() - free, MIB, "but for shadow tables");
    guest.balloon().orElseThrow().ask();
    guest.balloon(0);
    assertEquals(before, runUntilTotal(monitor, console, 3));
    assertEquals(0, guest.given());
    assertTrue(guest.balloon().orElseThrow().statistics().stream().anyMatch(s -> s.equals("total " + less + " KiB")),
        guest.balloon().orElseThrow().statistics().toString());
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST));
  }

  private static long runUntilTotal(Monitor monitor, StringBuilder console, int number) {
    List<String> totals = List.of();
    for (int i = 0; i < 200 && totals.size() < number; i++) {
      monitor.run(100_000_000);
      totals = said(console).stream().filter(l -> l.startsWith("TL total ")).toList();
    }
    assertEquals(number, totals.size(), console::toString);
    return Long.parseLong(totals.getLast().substring(9));
  }

  @Test
  void eachGuestHasItsSliceOfOneDisk(@TempDir Path folder) throws IOException {
    int size = 16 << 20;
    Path disk = Files.write(folder.resolve("disk"), new byte[3 * size]);
    Drive whole = Drive.of(Drive.Attachment.VIRTIO, disk).withWrite(true);
    Monitor monitor = monitor(400 * MIB);
    Guest a = monitor.add(GuestSpec.hvm("a", linux("disks 2", VirtioConfig.NONE).withDrive(whole.withSlice(0, size)), "nested"));
    Guest b = monitor.add(GuestSpec.hvm("b", linux("disks 3", VirtioConfig.NONE).withDrive(whole.withSlice(2 * size, size)), "nested"));
    StringBuilder first = console(a);
    StringBuilder second = console(b);
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST), () -> first + "\n" + second);
    byte[] bytes = Files.readAllBytes(disk);
    assertArrayEquals(new byte[size], Arrays.copyOfRange(bytes, size, 2 * size), "between the slices");
    check(folder, Arrays.copyOf(bytes, size), first);
    check(folder, Arrays.copyOfRange(bytes, 2 * size, 3 * size), second);
  }

  /** The host's e2fsck finds a sound file system. */
  private static void check(Path folder, byte[] slice, CharSequence console) throws IOException {
    String[] sums = said(console).get(1).split(" ");
    assertEquals("vda", sums[2]);
    assertEquals(sums[3], sums[4], "read back after an unmount");
    Path file = Files.write(folder.resolve("slice"), slice);
    Process p = new ProcessBuilder("e2fsck", "-fn", file.toString()).redirectErrorStream(true).start();
    String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.onExit().join().exitValue(), output);
  }

  @Test
  void theConsoleIsAPortOfTheHosts() {
    Monitor monitor = monitor(300 * MIB);
    Guest guest = monitor.add(GuestSpec.hvm("a", linux("read x; echo TL heard $x", VirtioConfig.NONE), "nested").withDedicated("uart0"));
    StringBuilder console = console(guest);
    var emulated = new AtomicInteger();
    guest.machine().listen(e -> emulated.addAndGet(e instanceof Event.Port p && p.port() >>> 3 == 0x3f8 >>> 3 ? 1 : 0));
    for (int i = 0; i < 200 && !console.toString().contains("TL-INIT"); i++) {
      monitor.run(100_000_000);
    }
    monitor.run(500_000_000);
    "words\r".chars().forEach(guest.machine()::type);
    assertInstanceOf(Outcome.PowerOff.class, monitor.run(MOST), console::toString);
    assertEquals(List.of("TL heard words", "TL-DONE"), said(console).subList(1, 3));
    assertEquals(0, emulated.get(), "accesses to the port that the monitor carried out");
  }

  private static VirtioConfig lan(int address) {
    return VirtioConfig.NONE.withCard(new VirtioConfig.Card(0x020000000000L | address, VirtioConfig.Wire.LAN, "lan0"));
  }
}
