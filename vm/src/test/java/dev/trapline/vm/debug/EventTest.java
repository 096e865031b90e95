package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Breakpoints.Options;
import dev.trapline.vm.event.EventKind;
import dev.trapline.vm.debug.board.Board;
import dev.trapline.vm.machine.MachineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Breakpoints on events and traces, with the Mini guest, which has ports, paging, exceptions, interrupts and system calls. */
class EventTest {
  /** Those that can be waited for without an address or a number. */
  private static final List<EventKind> KINDS = List.of(EventKind.IO, EventKind.MMIO, EventKind.MSR, EventKind.CR, EventKind.CR3, EventKind.DR,
      EventKind.EXC, EventKind.IRQ, EventKind.INT, EventKind.MODE, EventKind.TASK, EventKind.DMA, EventKind.CONSOLE);
  private final Session session = open();
  private final List<String> told = new ArrayList<>();

  private static Session open() {
    String given = System.getProperty("trapline.root");
    Path p = Path.of(given != null ? given : System.getProperty("user.dir")).toAbsolutePath();
    while (!Files.exists(p.resolve("LICENSE"))) {
      p = p.getParent();
    }
    return Sessions.open(MachineConfig.standard(), Image.assembled(p.resolve("scripts/guests/mini.asm"), ""));
  }

  private EventFilter filter(String text) {
    return EventFilter.parse(text, session.names());
  }

  private Stop.Happened stopOn(String text) {
    session.breakpoints().add(filter(text), Options.EVENT);
    return assertInstanceOf(Stop.Happened.class, session.resume());
  }

  @Test
  void aPortAccessStopsAfterItsInstruction() {
    Stop.Happened s = stopOn("io 0x3f8-0x3ff out");
    assertTrue(s.event().what().startsWith("io:out 0x3f"), s.event().what());
    assertEquals(1, s.breakpoint().hits());
    assertTrue(s.event().at().offset() < s.at().offset(), s.toString());
    assertEquals(s.at().count(), s.event().at().count());
  }

  @Test
  void anExceptionStopsBeforeItsHandler() {
    Stop.Happened s = stopOn("exc pf");
    assertEquals("exc:#PF(0x6) at 0x500000", s.event().what());
    assertEquals(3, s.event().at().cpl());
    assertEquals(0, s.at().cpl());
    assertEquals(0x500000, session.inspect().register("cr2").value());
    assertTrue(s.at().symbol().matches("[a-z_]+(\\d+|_14)?"), "the handler's first instruction: " + s.at().symbol());
  }

  @Test
  void anInterruptStopsBeforeItsHandlersFirstInstruction() {
    Stop.Happened s = stopOn("irq 0x20");
    assertEquals("irq:0x20", s.event().what());
    assertEquals(session.inspect().idt().get(0x20).offset(), s.at().offset());
  }

  @Test
  void aSystemCallIsNoInterruptAndNoException() {
    Stop.Happened s = stopOn("int");
    assertEquals(session.inspect().idt().stream().filter(g -> g.dpl() == 3).findFirst().orElseThrow().offset(), s.at().offset());
    assertEquals(3, s.event().at().cpl());
  }

  @Test
  void aControlRegisterWriteStopsWithItsValue() {
    Stop.Happened s = stopOn("cr 3");
    assertEquals("cr:write 3 0x" + Long.toHexString(session.inspect().register("cr3").value()), s.event().what());
  }

  @Test
  void hitsConditionsIgnoreAndOnceWorkAsForAddresses() {
    session.breakpoints().add(filter("io out"), new Options(Breakpoints.Kind.EVENT, 0, true, 5, null, "ports"));
    Stop.Happened s = assertInstanceOf(Stop.Happened.class, session.resume());
    assertEquals(6, s.breakpoint().hits());
    assertEquals(List.of(), session.breakpoints().list());
  }

  @Test
  void aGuestThatEndsByAWatchedAccessHasEnded() {
    session.breakpoints().add(filter("io 0xf4"), Options.EVENT);
    assertInstanceOf(Stop.Exit.class, session.resume());
  }

  @Test
  void eventPointsSurviveAReset() {
    stopOn("cr 3");
    session.reset();
    assertInstanceOf(Stop.Happened.class, session.resume());
    assertEquals(2, session.breakpoints().list().getFirst().hits());
  }

  @Test
  void watchingChangesNothing() {
    session.untilCount(3_000_000);
    long plain = session.stateHash();
    session.reset();
    session.tracing().to(e -> told.add(e.what()));
    for (EventKind k : KINDS) {
      session.tracing().add(filter(k.word()));
    }
    session.untilCount(3_000_000);
    assertEquals(plain, session.stateHash());
    for (String kind : List.of("io:in", "io:out", "cr:write 0", "cr:write 3", "exc:#PF", "irq:0x20", "int:")) {
      assertTrue(told.stream().anyMatch(t -> t.startsWith(kind)), kind + " is not in the trace");
    }
    int before = told.size();
    session.tracing().remove(null);
    session.untilCount(3_100_000);
    assertEquals(before, told.size());
  }

  @Test
  void stoppingAtEveryEventChangesNothing() {
    session.untilCount(2_100_000);
    long plain = session.stateHash();
    session.reset();
    for (EventKind k : KINDS) {
      session.breakpoints().add(filter(k.word()), Options.EVENT);
    }
    Stop s;
    do {
      s = session.untilCount(2_100_000);
    } while (s instanceof Stop.Happened);
    assertInstanceOf(Stop.Reached.class, s);
    assertEquals(plain, session.stateHash());
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"io 0x3f8;io 0x3f8", "io 0x60-0x64 in;io 0x60-0x64 in", "msr efer write;msr 0xc0000080 write",
      "cr cr3;cr 3", "exc pf;exc #PF", "exc #gp;exc #GP", "exc 14;exc #PF", "irq;irq all", "int 0x80;int 0x80",
      "mmio 0xfee00000-0xfee00fff read;mmio 0xfee00000-0xfee00fff read"})
  void filtersReadWhatTheyPrint(String typed, String printed) {
    assertEquals(printed, filter(typed).toString());
    assertEquals(filter(typed), filter(printed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"io 0x10000", "io 5-4", "cr 3 read", "exc 32", "irq 256", "io 1 2", "exc nonsense"})
  void wrongFiltersAreRefused(String text) {
    assertThrows(BadInput.class, () -> filter(text));
  }

  @Test
  void probeSaysWhoAnswers() {
    Inspector see = session.inspect();
    assertEquals("com1+0x5", see.probePort(0x3fd).fields().getFirst().value());
    assertEquals("nobody", see.probePort(0x1234).fields().getFirst().value());
    assertTrue(see.probe(new Address.Physical(0x1000)).fields().getFirst().value().endsWith("+0x1000"));
    assertEquals("nobody", see.probe(new Address.Physical(1L << 45)).fields().getFirst().value());
  }

  @Test
  void theInterruptControllersInputsAreSeen() {
    session.breakpoints().add(filter("irq 0x20"), Options.EVENT);
    session.resume();
    var irq0 = session.inspect().board(Board.find("irq").orElseThrow()).tables().getFirst().rows().getFirst();
    assertTrue(irq0.toString().contains("0x20 in-service"), irq0.toString());
  }
}
