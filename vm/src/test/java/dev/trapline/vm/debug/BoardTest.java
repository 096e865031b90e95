package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.board.Board;
import dev.trapline.vm.debug.view.BoardView;
import dev.trapline.vm.debug.view.Field;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.VirtioConfig;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices programmed by a guest as manuals say, and what is then shown of them. */
class BoardTest {
  private static Session pc(int... outs) {
    return session(MachineConfig.standard().withMemory(16 << 20).withPlatform(MachineConfig.Platform.PC), outs);
  }

  /** A guest that writes these values to ports ({@code port, value, ...}) and waits. */
  private static Session session(MachineConfig config, int... outs) {
    var code = new StringBuilder();
    for (int i = 0; i < outs.length; i += 2) {
      code.append("66ba%02x%02x".formatted(outs[i] & 0xff, outs[i] >> 8)).append("b0%02x".formatted(outs[i + 1])).append("ee");
    }
    byte[] bytes = HexFormat.of().parseHex(code + "ebfe");
    Session s = Sessions.open(config, new Image(BootImage.flat("guest", bytes, 0x100000, 32), Symbols.NONE));
    s.step(3L * outs.length / 2);
    return s;
  }

  private static BoardView see(Session s, String name) {
    return s.inspect().board(Board.find(name).orElseThrow());
  }

  private static String field(BoardView v, String name) {
    Field f = v.fields().stream().filter(x -> x.name().equals(name)).findFirst().orElseThrow();
    return f.value() + "; " + f.note();
  }

  private static String row(BoardView v, int table, String first) {
    return v.tables().get(table).rows().stream().filter(r -> r.getFirst().equals(first)).findFirst().orElseThrow().toString();
  }

  @Test
  void theInterruptControllersShowVectorsMasksAndModes() {
    // ICW1 to ICW4: vectors from 50h and 58h, automatic EOI on the master; all masked but 1.
    Session s = pc(0x20, 0x11, 0x21, 0x50, 0x21, 4, 0x21, 3, 0xa0, 0x11, 0xa1, 0x58, 0xa1, 2, 0xa1, 1, 0x21, 0xfd, 0x4d1, 0x0c);
    assertEquals("vectors from 0x50; automatic EOI", field(see(s, "pic"), "master"));
    assertEquals("[1, 0x51, edge, low, , , ]", row(see(s, "pic"), 0, "1"));
    assertEquals("[11, 0x5b, level, low, , , ]", row(see(s, "pic"), 0, "11"));
    assertTrue(row(see(s, "irq"), 0, "1").contains("keyboard"));
    assertTrue(row(see(s, "irq"), 0, "3").contains("masked"));
    Session waiting = pc(0x20, 0x11);
    assertTrue(field(see(waiting, "pic"), "master").contains("initialisation"));
  }

  @Test
  void theTimerCountsDown() {
    // Counter 0, mode 2, 1193 ticks: a kilohertz; counter 2, mode 3, BCD.
    Session s = pc(0x43, 0x34, 0x40, 0xa9, 0x40, 4, 0x43, 0xb7, 0x42, 0, 0x42, 0x10, 0x61, 3);
    s.runFor(2000);
    String counter0 = row(see(s, "pit"), 0, "0");
    assertTrue(counter0.contains("2 rate generator, 1193, 1000 Hz"), counter0);
    assertEquals("on; port 61h: gate 1, data 1", field(see(s, "pit"), "speaker"));
    assertTrue(row(see(s, "pit"), 0, "2").contains("BCD"));
    long hash = s.stateHash();
    see(s, "pit");
    assertEquals(hash, s.stateHash(), "looking changes nothing");
  }

  @Test
  void serialPortsShowTheirLine() {
    Session s = pc(0x3fb, 0x83, 0x3f8, 12, 0x3f9, 0, 0x3fb, 0x1b, 0x3f9, 5, 0x3fa, 0xc7, 0x3fc, 0xb);
    String uart0 = row(see(s, "uart"), 0, "uart0");
    assertEquals("[uart0, 3F8h, 4, 9600 8E1, trigger 14, received line, DTR RTS OUT2, 0, none]", uart0);
    assertEquals(List.of("uart0", "uart1", "uart2", "uart3"), see(s, "serial").tables().getFirst().rows().stream().map(List::getFirst).toList());
    s.type("uart1", new byte[] {'x'});
    assertTrue(row(see(s, "uart"), 0, "uart1").contains(", 1, none"));
  }

  @Test
  void theClockShowsItsTimeAndAlarm() {
    Session s = pc(0x70, 1, 0x71, 0x30, 0x70, 5, 0x71, 0xc0, 0x70, 0x0b, 0x71, 0x22);
    assertEquals("2026-01-01 00:00:00; ", field(see(s, "rtc"), "time"));
    assertTrue(field(see(s, "rtc"), "alarm").startsWith("**:00:30"), field(see(s, "rtc"), "alarm"));
    assertEquals("alarm; ", field(see(s, "rtc"), "interrupts"));
    assertEquals(8, see(s, "cmos").tables().getFirst().rows().size());
  }

  @Test
  void dmaAndDisketteShowTheirRegisters() {
    // Channel 2: 512 bytes from 012345h to memory, single.
    Session s = pc(0x0c, 0, 4, 0x45, 4, 0x23, 0x81, 1, 5, 0xff, 5, 1, 0x0b, 0x46, 0x0a, 2, 0x3f2, 0x1c);
    assertEquals("[2, 0x012345, 512, single to memory, ]", row(see(s, "dma"), 0, "2"));
    assertTrue(row(see(s, "fdc"), 0, "fd0").contains("on"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pic", "irq", "lapic", "ioapic", "pit", "hpet", "rtc", "timers", "uart", "kbd", "vga", "fdc", "dma", "acpi", "fwcfg"})
  void everyTopicShowsSomethingAndChangesNothing(String name) {
    Session s = session(MachineConfig.standard().withMemory(16 << 20).withProcessors(2)
        .withVirtio(VirtioConfig.NONE.withConsoles(1).withEntropy(1)), 0x80, 1);
    long hash = s.stateHash();
    BoardView v = see(s, name);
    assertFalse(v.fields().isEmpty() && v.tables().isEmpty());
    v.tables().forEach(t -> t.rows().forEach(r -> assertEquals(t.heads().size(), r.size(), t + "")));
    assertEquals(hash, s.stateHash());
    assertTrue(s.inspect().board().stream().anyMatch(t -> t.name().equals(name)));
  }

  @Test
  void tablesInMemoryAreNamed() {
    Session s = session(MachineConfig.standard().withMemory(16 << 20).withVirtio(VirtioConfig.NONE.withConsoles(1)), 0x80, 1);
    List<String> tables = see(s, "acpi").tables().getFirst().rows().stream().map(List::getFirst).toList();
    assertTrue(tables.containsAll(List.of("RSDP", "RSDT", "FACP", "DSDT", "APIC")), tables.toString());
    see(s, "acpi").tables().getFirst().rows().forEach(r -> assertTrue(r.getLast().equals("good") || r.getLast().isEmpty(), r.toString()));
    assertTrue(row(see(s, "ioapic"), 0, "5").contains("masked"));
    assertTrue(field(see(s, "lapic"), "id").contains("on, boot processor"));
  }

  @Test
  void theMinimalMachineSaysWhatItDoesNotHave() {
    Session s = session(MachineConfig.standard().withMemory(16 << 20), 0x80, 1);
    String message = assertThrows(BadInput.class, () -> see(s, "hpet")).getMessage();
    assertTrue(message.contains("pit"), message);
    assertEquals(16, see(s, "irq").tables().getFirst().rows().size());
    assertEquals("none on this board: the controller only; ", field(see(s, "kbd"), "keyboard"));
  }

  @Test
  void whoTouchedFirstWhatNobodyAnswers() {
    // MOV EAX,[F0000000h]; MOV [F0000004h],EAX; MOV ECX,77h; WRMSR (a triple fault follows).
    byte[] code = HexFormat.of().parseHex("a1000000f0" + "a3040000f0" + "b977000000" + "0f30");
    Session s = Sessions.open(MachineConfig.standard().withMemory(16 << 20), new Image(BootImage.flat("guest", code, 0x100000, 32), Symbols.NONE));
    s.resume();
    var memory = s.inspect().unknown().stream().filter(u -> u.kind().equals("memory")).findFirst().orElseThrow();
    assertEquals(0xf0000000L, memory.address());
    assertEquals(1, memory.reads());
    assertEquals(1, memory.writes());
    var msr = s.inspect().unknown().stream().filter(u -> u.kind().equals("msr")).findFirst().orElseThrow();
    assertEquals(0x77, msr.address());
    assertEquals(1, msr.writes());
    assertTrue(msr.first().equals("0x100011"), msr.first());
  }
}
