package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Breakpoints.Options;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events of every kind, on the bare machine and under the monitor, with a guest that makes them in a known order. */
class EventGridTest {
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov esp, stack_top
        lgdt [gdtr]
        lidt [idtr]
        mov dx, 0x3f8
        mov al, 'a'
        out dx, al
        mov al, 10
        out dx, al
        mov ecx, 5
      .loop:
        inc dword [counter]
        call work
        loop .loop
        mov ecx, 0x174
        mov eax, 0x1234
        xor edx, edx
        wrmsr
        rdmsr
        mov [seen], eax
        mov eax, 0x80
        mov dr0, eax
        mov eax, cr4
        or eax, 8
        mov cr4, eax
        xor eax, eax
        cpuid
        mov [leaf], eax
        int 0x30
        ud2
      after:
        in al, 0x61
        mov [port], al
        mov esi, start
        mov ecx, sum_end - start
        xor eax, eax
      .sum:
        movzx ebx, byte [esi]
        add eax, ebx
        inc esi
        loop .sum
        mov [checksum], eax
        mov al, 3
        out 0xf4, al
        hlt
      work:
        nop
        ret
      handler:
        iret
      undefined:
        add dword [esp], 2
        iret
      sum_end:
      align 8
      counter: dd 0
      seen: dd 0
      port: dd 0
      checksum: dd 0
      leaf: dd 0
      align 8
      gdt: dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
      gdtr: dw 23
        dd gdt
      idt: times 6 dq 0
        dw undefined - 0x100000, 8, 0x8e00, 0x10
        times 41 dq 0
        dw handler - 0x100000, 8, 0x8e00, 0x10
      idtr: dw 49 * 8 - 1
        dd idt
        times 256 db 0
      stack_top:
      """;
  private static final List<EventKind> ALL = List.of(EventKind.IO, EventKind.MMIO, EventKind.MSR, EventKind.CR, EventKind.CR3, EventKind.DR,
      EventKind.EXC, EventKind.IRQ, EventKind.INT, EventKind.MODE, EventKind.TASK, EventKind.DMA, EventKind.CONSOLE, EventKind.EXIT,
      EventKind.ENTRY, EventKind.SWITCH, EventKind.SHADOW);

  @TempDir
  Path folder;

  private Session open(String where) throws IOException {
    Image image = Image.assembled(Files.writeString(folder.resolve("guest.asm"), GUEST), "");
    MachineConfig config = MachineConfig.standard().withMemory(8 << 20).withPlatform(MachineConfig.Platform.PC);
    String[] how = where.split("/");
    Session s = how.length == 1 ? Sessions.open(config, image) : Sessions.open(config, image, new Virtual(how[0], how[1]));
    s.limit(1_000_000);
    return s;
  }

  private static EventFilter filter(Session s, String text) {
    return EventFilter.parse(text, s.names());
  }

  private static Options asking(EventHandler h) {
    return Options.EVENT.with(Reaction.STOP.asking(h));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "io 0x3f8 out|io:out 0x3f8 byte 0x61", "msr 0x174 write|msr:write 0x174", "msr 0x174 read|msr:read 0x174", "dr 0|dr:write 0 0x80",
      "cr 4|cr:write 4", "int 0x30|int:0x30", "exc ud|exc:#UD", "io 0x61 in|io:in 0x61", "console|console:uart0 'a'", "insn cpuid|insn:cpuid"})
  void everyKindStopsWhereverTheGuestRuns(String what, String expected) throws IOException {
    for (String where : List.of("bare", "hvm/nested", "hvm/shadow", "trap/shadow")) {
      Session s = open(where);
      s.breakpoints().add(filter(s, what), Options.EVENT);
      Stop.Happened stop = assertInstanceOf(Stop.Happened.class, s.resume(), where + " " + what);
      assertTrue(stop.event().what().startsWith(expected), where + ": " + stop.event().what());
      assertEquals(where.equals("bare") ? "" : "guest", stop.at().guest());
      assertEquals("start", stop.event().at().symbol().replaceFirst("[+].*|\\..*", "").replace("after", "start"), where + " " + stop);
      s.breakpoints().clear();
      assertInstanceOf(Stop.Exit.class, s.resume(), where);
      assertEquals(0x1234, s.names().read(s.symbols().address("seen").getAsLong(), 4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "hvm/nested", "hvm/shadow", "trap/shadow"})
  void watchingChangesNothing(String where) throws IOException {
    Session s = open(where);
    assertInstanceOf(Stop.Exit.class, s.resume());
    long plain = s.stateHash();
    long sum = s.names().read(s.symbols().address("checksum").getAsLong(), 4);
    s.reset();
    var told = new ArrayList<String>();
    s.tracing().to(e -> told.add(e.what()));
    ALL.forEach(k -> s.tracing().add(EventFilter.all(k)));
    s.breakpoints().add(Address.parse("after", s.names()), Options.EXEC.with(Reaction.TRACE));
    s.breakpoints().add(Address.parse("work", s.names()), Options.EXEC.given("ecx == 99"));
    s.breakpoints().add(Address.parse("counter", s.names()), Options.watch(Breakpoints.Kind.ACCESS, 4).with(Reaction.TRACE));
    assertInstanceOf(Stop.Exit.class, s.resume());
    assertEquals(plain, s.stateHash(), () -> String.join("\n", told));
    assertEquals(sum, s.names().read(s.symbols().address("checksum").getAsLong(), 4), "the guest sums its own code");
    assertEquals(5, s.breakpoints().list().stream().filter(b -> "ecx == 99".equals(b.condition())).findFirst().orElseThrow().hits());
    assertEquals(1, told.stream().filter(t -> t.startsWith("int:0x30")).count(), told.toString());
    assertEquals(1, told.stream().filter(t -> t.startsWith("exc:#UD")).count(), told.toString());
    assertEquals(2, told.stream().filter(t -> t.startsWith("io:out 0x3f8")).count());
    assertEquals(List.of("insn:in"), told.stream().filter(t -> t.startsWith("insn:")).toList(), "the monitor's own code is nobody's");
    assertEquals(List.of("msr:write 0x174 SYSENTER_CS 0x1234", "msr:read 0x174 SYSENTER_CS 0x1234"),
        told.stream().filter(t -> t.startsWith("msr:")).toList());
    assertTrue(told.stream().filter(t -> t.startsWith("mem:")).count() >= 5, told.toString());
    assertEquals(!where.equals("bare"), told.stream().anyMatch(t -> t.startsWith("exit:")), told.toString());
    assertEquals(where.endsWith("shadow"), told.stream().anyMatch(t -> t.startsWith("shadow:hidden")), told.toString());
    assertEquals(where.equals("bare") ? List.of() : List.of("switch:choose nobody->guest/0", "switch:arm nobody->guest/0",
        "switch:restore nobody->guest/0", "switch:resume nobody->guest/0"), told.stream().filter(t -> t.startsWith("switch:")).toList());
  }

  @Test
  void anExitSaysWhyAndIsHandledBeforeTheStop() throws IOException {
    Session s = open("hvm/shadow");
    s.breakpoints().add(filter(s, "exit ioio"), Options.EVENT.given("info1 >> 16 == 0x3f8"));
    Stop.Happened stop = assertInstanceOf(Stop.Happened.class, s.resume());
    assertEquals("exit:IOIO out 0x3f8 byte", stop.event().what());
    assertEquals(stop.event().at().offset() + 1, stop.at().offset(), "OUT DX, AL is one byte");
    assertEquals("a", s.printed("uart0", 1).getFirst());
    s.breakpoints().clear();
    Stop.Happened next = assertInstanceOf(Stop.Happened.class, s.until(filter(s, "exit cpuid"), Options.EVENT));
    assertEquals("cpuid", s.inspect().code(new Address.Linear(next.event().at().linear()), 1).getFirst().text());
    assertEquals(List.of(), s.breakpoints().list(), "until leaves nothing behind");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "hvm/nested", "trap/shadow"})
  void handlersSeeAndAnswer(String where) throws IOException {
    Session s = open(where);
    var seen = new ArrayList<String>();
    s.breakpoints().add(filter(s, "msr 0x174 write"), asking(e -> {
      seen.add(e.getKind() + " " + e.getReason() + " " + Long.toHexString(e.getValue()) + " ecx=" + Long.toHexString(e.get("ecx")));
      return null;
    }));
    s.breakpoints().add(filter(s, "io 0x61 in"), Options.EVENT.with(Reaction.STOP.asking(e -> Verdict.emulate(0x5a)).early()));
    s.breakpoints().add(filter(s, "io 0x3f8 out"), Options.EVENT.with(Reaction.STOP.asking(e -> Verdict.skip()).early()));
    s.breakpoints().add(filter(s, "int 0x30"), asking(e -> Verdict.skip()));
    assertInstanceOf(Stop.Exit.class, s.resume());
    assertEquals(List.of("msr SYSENTER_CS 1234 ecx=174"), seen);
    assertEquals(0x5a, s.names().read(s.symbols().address("port").getAsLong(), 1));
    assertEquals(List.of(), s.printed("uart0", 1));
  }

  @Test
  void exitsCanBePassedOverAndEmulated() throws IOException {
    for (String where : List.of("hvm/nested", "hvm/shadow")) {
      Session s = open(where);
      s.breakpoints().add(filter(s, "exit cpuid"), asking(e -> Verdict.emulate(0x77)));
      s.breakpoints().add(filter(s, "exit ioio"), asking(e -> e.getInfo1() >> 16 == 0x3f8 ? Verdict.skip() : null));
      assertInstanceOf(Stop.Exit.class, s.resume());
      assertEquals(0x77, s.names().read(s.symbols().address("leaf").getAsLong(), 4), where);
      assertEquals(0, s.consoles().getFirst().printed(), where);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "hvm/nested", "hvm/shadow", "trap/shadow"})
  void anExceptionIsInjectedInPlaceOfAnAccess(String where) throws IOException {
    Session s = open(where);
    s.breakpoints().add(filter(s, "io 0x61 in"), Options.EVENT.with(Reaction.STOP.asking(e -> Verdict.inject(6)).early()));
    var raised = new ArrayList<Long>();
    s.breakpoints().add(filter(s, "exc ud"), asking(e -> {
      raised.add(e.getRip());
      return Verdict.goOn();
    }));
    assertInstanceOf(Stop.Exit.class, s.resume());
    long after = s.symbols().address("after").getAsLong();
    assertEquals(List.of(after - 2, after), raised);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "hvm/nested", "hvm/shadow", "trap/shadow"})
  void theStageBeforeStopsBeforeTheAccess(String where) throws IOException {
    Session s = open(where);
    s.breakpoints().add(filter(s, "io 0x3f8 out"), Options.EVENT.with(Reaction.STOP.early()));
    Stop.Happened stop = assertInstanceOf(Stop.Happened.class, s.resume());
    assertEquals("out dx,al", s.inspect().code(s.inspect().here(), 1).getFirst().text());
    assertEquals(0, s.consoles().getFirst().printed());
    s.resume();
    assertEquals(1, s.consoles().getFirst().printed(), where);
    assertInstanceOf(Stop.Exit.class, s.resume());
    assertEquals(2, s.breakpoints().list().getFirst().hits());
    assertEquals(stop.breakpoint().id(), s.breakpoints().list().getFirst().id());
  }

  @Test
  void hitsConditionLogAndCommandComeInThisOrder() throws IOException {
    Session s = open("bare");
    var lines = new ArrayList<String>();
    s.breakpoints().print(e -> lines.add(e.note()));
    s.breakpoints().execute(c -> lines.add("do " + c));
    var reaction = new Reaction(HitRule.parse(">=2"), "ecx={ecx:d} at {count:d}", "bt", false, true, false, null, null);
    s.breakpoints().add(Address.parse("work", s.names()), Options.EXEC.given("ecx != 4 && dword [counter] > 1").with(reaction));
    Stop.Hit stop = assertInstanceOf(Stop.Hit.class, s.resume());
    assertEquals(3, stop.breakpoint().hits());
    assertEquals(List.of("ecx=3 at " + stop.at().count(), "do bt"), lines);
  }

  @Test
  void groupsSwitchTogetherAndNest() throws IOException {
    Session s = open("bare");
    Reaction boot = new Reaction(null, null, null, false, true, false, "boot/io", null);
    s.breakpoints().add(filter(s, "io"), Options.EVENT.with(boot));
    s.breakpoints().groups().turn("boot", false);
    assertFalse(s.breakpoints().list().getFirst().active());
    s.breakpoints().groups().push("boot/io");
    assertFalse(s.breakpoints().list().getFirst().active(), "the outer group is still off");
    s.breakpoints().groups().turn("boot", true);
    assertTrue(s.breakpoints().list().getFirst().active());
    s.breakpoints().groups().push("other");
    assertInstanceOf(Stop.Exit.class, s.resume());
    s.breakpoints().groups().pop();
    s.reset();
    assertInstanceOf(Stop.Happened.class, s.resume());
    s.breakpoints().groups().pop();
    assertFalse(s.breakpoints().list().getFirst().active(), "as before the first push");
    assertThrows(BadInput.class, () -> s.breakpoints().groups().pop());
  }

  @Test
  void scopesAreKept() throws IOException {
    Session s = open("bare");
    s.breakpoints().add(filter(s, "io"), Options.EVENT.in(new Scope(null, 3, -1)));
    s.breakpoints().add(filter(s, "io"), Options.EVENT.in(new Scope("guest", -1, -1)));
    s.breakpoints().add(filter(s, "io"), Options.EVENT.in(new Scope(null, -1, 0x5000)));
    assertInstanceOf(Stop.Exit.class, s.resume());
    s.reset();
    s.breakpoints().add(filter(s, "io 0x61"), Options.EVENT.in(new Scope(null, 0, 0)));
    assertInstanceOf(Stop.Happened.class, s.resume());
  }

  @Test
  void aWorldSwitchIsToldStepByStep() throws IOException {
    Image image = Image.assembled(Files.writeString(folder.resolve("spin.asm"), "bits 32\norg 0x100000\nspin: jmp spin\n"), "");
    MachineConfig config = MachineConfig.standard().withMemory(8 << 20).withPlatform(MachineConfig.Platform.PC);
    Session a = Sessions.open(HostPlan.STANDARD, List.of(new GuestPlan("a", config, image, new Virtual("hvm", "nested"), 0, 0),
        new GuestPlan("b", config, image, new Virtual("hvm", "shadow"), 0, 0)));
    Session b = a.guests().session("b");
    var told = new ArrayList<String>();
    for (Session s : List.of(a, b)) {
      s.breakpoints().add(filter(s, "switch"), asking(e -> {
        told.add(e.getGuest() + " " + e.getReason() + " " + e.getFrom() + ">" + e.getTo());
        return null;
      }));
    }
    a.runFor(450_000);
    assertEquals(List.of("a choose >a/0", "a arm >a/0", "a restore >a/0", "a resume >a/0"), told.subList(0, 4));
    assertEquals(List.of("a timer a/0>b/0", "a leave a/0>b/0", "a save a/0>b/0", "b choose a/0>b/0", "b arm a/0>b/0", "b restore a/0>b/0",
        "b resume a/0>b/0", "b timer b/0>a/0"), told.subList(4, 12));
    b.breakpoints().clear();
    a.breakpoints().clear();
    Stop stop = a.guests().session("b").until(filter(b, "switch save"), Options.EVENT);
    assertEquals("switch:save b/0->a/0", assertInstanceOf(Stop.Happened.class, stop).event().what());
    assertEquals("b", stop.at().guest());
  }

  @Test
  void countsAreEvents() throws IOException {
    Session s = open("bare");
    s.breakpoints().add(filter(s, "count 7"), Options.EVENT);
    s.breakpoints().add(filter(s, "count %10"), Options.EVENT);
    assertEquals(7, s.resume().at().count());
    assertEquals(10, s.resume().at().count());
    assertEquals(20, s.resume().at().count());
    assertEquals("count %10", s.breakpoints().list().get(1).kind() + " " + s.breakpoints().list().get(1).where());
  }

  @Test
  void aHandlerThatFailsStopsTheMachineAndSaysSo() throws IOException {
    Session s = open("bare");
    s.breakpoints().add(filter(s, "io"), asking(e -> {
      throw new BadInput("no more");
    }));
    assertEquals("no more", assertThrows(BadInput.class, s::resume).getMessage());
    s.breakpoints().clear();
    s.breakpoints().add(filter(s, "io"), asking(e -> Verdict.skip()));
    assertTrue(assertThrows(BadInput.class, s::resume).getMessage().contains("--pre"));
    s.breakpoints().clear();
    s.breakpoints().add(filter(s, "io"), asking(e -> {
      s.step(1);
      return null;
    }));
    assertTrue(assertThrows(BadInput.class, s::resume).getMessage().contains("running"));
    s.breakpoints().clear();
    assertInstanceOf(Stop.Exit.class, s.resume());
  }

  @Test
  void everyKindHasWordsThatAreReadBack() throws IOException {
    Session s = open("bare");
    for (EventKind k : EventKind.values()) {
      assertTrue(k.about().length() > 4);
      for (EventNumbers.Named n : EventNumbers.of(k)) {
        EventFilter f = filter(s, k.word() + " " + n.word());
        assertEquals(n.number(), f.first(), k + " " + n);
        assertEquals(f, filter(s, f.toString()), f.toString());
      }
    }
    assertEquals(0x400, filter(s, "exit npf").first());
    assertEquals(0x4e, filter(s, "exit pf").first());
    assertThrows(BadInput.class, () -> filter(s, "exit nonsense"));
    assertThrows(BadInput.class, () -> filter(s, "mode long65"));
    assertThrows(BadInput.class, () -> s.breakpoints().add(filter(s, "switch"), Options.EVENT.with(Reaction.STOP.early())));
  }
}
