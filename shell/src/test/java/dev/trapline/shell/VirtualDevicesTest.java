package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Shell;
import dev.trapline.shell.render.Style;
import dev.trapline.shell.script.MachineFile;
import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Devices of guests in a description of a machine, and what the shell says of them. */
class VirtualDevicesTest {
  @TempDir
  private Path folder;
  private Path disk;
  private final StringWriter written = new StringWriter();
  private Shell shell;

  @BeforeEach
  void open() throws IOException {
    disk = Files.write(folder.resolve("disk"), new byte[4 << 20]);
    shell = shell("""
        machine {
          memory '80M'; reserve '1M'
          guest('a') { memory '8M'; dedicated 'uart0'; disk '%1$s,if=virtio,slice=0+1M,write'; nic 'lan0'; nic 'host'; virtio_console(); balloon() }
          guest('b') { memory '8M'; disk '%1$s,if=virtio,slice=1M+3M,write'; nic 'lan0'; nic 'host,mac=02:00:00:00:00:01'; nic 'net' }
        }""".formatted(disk));
  }

  private Shell shell(String description) throws IOException {
    var group = MachineOptions.group(MachineFile.read(Files.writeString(folder.resolve("m.groovy"), description), folder));
    return new Shell(Commands.ALL, group.current(), new PrintWriter(written), Style.PLAIN, true);
  }

  private List<String> run(String line) {
    written.getBuffer().setLength(0);
    shell.execute(line);
    return written.toString().lines().map(l -> l.strip().replaceAll(" {2,}", " | ")).toList();
  }

  @Test
  void everyDeviceIsListedWithItsKindAndWhatStandsBehindIt() {
    List<String> said = run("info virtual");
    for (String line : List.of("a | uart0 | dedicated | the host's uart0 | ports open: no exits",
        "a | virtio-blk | partitioned | " + disk + ", 1,024 KiB from 0 KiB | written through",
        "a | virtio-net0 | nonexistent | lan0, with b | 52:54:00:12:34:56", "a | virtio-net1 | shared | the host's card, with b | 52:54:00:12:34:57",
        "a | virtio-console0 | nonexistent", "a | virtio-balloon0 | nonexistent | frames of the host's | 0 KiB given of 0 KiB wanted",
        "b | uart0 | emulated", "b | virtio-blk | partitioned | " + disk + ", 3,072 KiB from 1,024 KiB | written through",
        "b | virtio-net0 | nonexistent | lan0, with a | 52:54:00:12:35:56", "b | virtio-net1 | shared | the host's card, with a | 02:00:00:00:00:01",
        "b | virtio-net2 | emulated | net | 52:54:00:12:35:58")) {
      assertTrue(said.contains(line), line + "\n" + String.join("\n", said));
    }
    assertTrue(run("info virtual --json").getFirst().contains("\"kind\":\"dedicated\""), written::toString);
  }

  @Test
  void aBalloonIsAskedForMemory() {
    assertTrue(run("balloon").get(1).startsWith("a | 8,192 KiB | 0 KiB | 0 KiB | "), written::toString);
    assertTrue(run("balloon 2M").get(1).startsWith("a | 8,192 KiB | 2,048 KiB | 0 KiB | "), written::toString);
    assertTrue(run("balloon a 1M").get(1).startsWith("a | 8,192 KiB | 1,024 KiB | "), written::toString);
    assertTrue(run("balloon a --json").getFirst().contains("\"wanted\":\"0x100000\""), written::toString);
    refused("balloon b 1M", "guest b has no balloon: start it with --balloon");
    refused("balloon b", "guest b has no balloon: start it with --balloon");
    refused("balloon c 1M", "no guest c: there is a, b");
    refused("balloon 8M", "guest a: 8192 KiB of its 8192 KiB cannot be given up");
    refused("balloon a x", "balloon x: a size such as 128M or 2G is expected");
  }

  private void refused(String line, String why) {
    assertEquals(why, assertThrows(BadInput.class, () -> run(line)).getMessage());
  }

  @Test
  void whatCannotBeIsSaidInOneLine() {
    described("disk '" + disk + ",slice=1M'", "guest a: --disk " + disk + ",slice=1M: 'slice=FROM+SIZE' is expected, such as slice=0+16M");
    described("disk '" + disk + ",slice=3M+2M'",
        disk + ": a slice of 2097152 bytes at 3145728: whole sectors within its 4194304 bytes expected");
    described("dedicated 'uart7'", "guest a: the host has no device 'uart7' to hand out: one of [uart0, uart1] expected");
    described("nic 'lan0,mac=02:00:00:00:00:01'; nic 'lan0,mac=02:00:00:00:00:01'", "guest a: its network card has the address "
        + "02:00:00:00:00:01, as its other one has on lan0: give it another one, nic '...,mac=ADDRESS'");
    ProgramRun bare = ProgramRun.of("boot", "--bare", "--nic", "lan0");
    assertEquals("trapline: the network lan0 is the monitor's: boot as its guest, without --bare\n", bare.err());
  }

  private void described(String devices, String why) {
    assertEquals(why, assertThrows(BadInput.class, () -> shell("machine { guest('a') { memory '8M'; " + devices + " } }")).getMessage());
  }

  @Test
  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  void theExampleDoesAllOfIt() {
    Path file = EmbeddedGuest.root().resolve("scripts/machines/devices.groovy");
    ProgramRun run = ProgramRun.of("boot", "--machine", file.toString());
    assertEquals(0, run.status(), run.out() + run.err());
    for (String name : List.of("left ", "right")) {
      List<String> said = run.out().lines().filter(l -> l.startsWith(name + " | ")).map(l -> l.substring(8)).toList();
      assertTrue(said.contains("3 packets transmitted, 3 packets received, 0% packet loss"), run.out());
      assertTrue(said.contains("2 packets transmitted, 2 packets received, 0% packet loss"), run.out());
      assertTrue(said.stream().anyMatch(l -> l.matches("TL disk vda (\\p{XDigit}{32}) \\1 .*")), run.out());
    }
  }
}
