package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Breakpoints.Kind;
import dev.trapline.vm.debug.Breakpoints.Options;
import dev.trapline.vm.debug.view.CpuView;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processors under the debugger: one selected, breakpoints and watchpoints on all, the course of the machine unchanged. */
class SeveralProcessorsSessionTest {
  /** Processor 0 starts the others; each counts at an address of its own, then halts; processor 0 waits for them. */
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov esp, 0x90000
        mov esi, trampoline
        mov edi, 0x8000
        mov ecx, trampoline_end - trampoline
        rep movsb
        mov dword [0xfee000f0], 0x1ff
        mov dword [0xfee00300], 0xc4500
        mov dword [0xfee00300], 0xc4608
        mov ebx, 0
        call work
      wait_done:
        pause
        cmp dword [done], 3
        jne wait_done
        mov al, 3
        out 0xf4, al
        hlt

      work:
        mov ecx, 2000
      again:
        inc dword [counters + 4 * ebx]
        loop again
      finished:
        lock inc dword [done]
        ret

      other:
        mov ebx, [0xfee00020]
        shr ebx, 24
        mov eax, ebx
        shl eax, 12
        lea esp, [eax + 0x20000]
        call work
      sleep:
        hlt
        jmp sleep

      gdt:
        dq 0
        dq 0x00cf9b000000ffff
        dq 0x00cf93000000ffff

      trampoline:
        db 0xfa
        db 0x66, 0x2e, 0x0f, 0x01, 0x16
        dw pointer - trampoline
        db 0x0f, 0x20, 0xc0
        db 0x0c, 0x01
        db 0x0f, 0x22, 0xc0
        db 0x66, 0xea
        dd flat - trampoline + 0x8000
        dw 8
      flat:
        mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov eax, other
        jmp eax
      pointer:
        dw 23
        dd gdt
      trampoline_end:
      align 4
      counters: dd 0, 0, 0
      done: dd 0
      """;

  @TempDir
  Path folder;
  private MachineConfig config;
  private Image image;
  private Session session;

  @BeforeEach
  void load() throws IOException {
    config = MachineConfig.standard().withMemory(4 << 20).withProcessors(3);
    image = Image.assembled(Files.writeString(folder.resolve("smp.asm"), GUEST), "");
    session = Sessions.open(config, image);
  }

  private Address at(String text) {
    return Address.parse(text, session.names());
  }

  private long value(String expression) {
    return Expr.evaluate(expression, session.names());
  }

  /** What the machine comes to with nobody looking. */
  private long undisturbed() {
    Machine m = new Machine(config.withImage(image.boot()));
    assertInstanceOf(Outcome.Exit.class, m.run(Long.MAX_VALUE));
    return m.stateHash();
  }

  private void endsUndisturbed() {
    session.breakpoints().clear();
    assertInstanceOf(Stop.Exit.class, session.resume());
    assertEquals(undisturbed(), session.stateHash());
  }

  private List<String> states() {
    return session.cpus().stream().map(CpuView::state).toList();
  }

  @Test
  void theListSaysWhatEachOneDoes() {
    assertEquals(List.of("running", "not started", "not started"), states());
    assertTrue(session.cpus().getFirst().selected());
    assertEquals("start", session.cpus().getFirst().symbol());
    session.select(2);
    assertEquals(2, session.inspect().place().cpu());
    assertThrows(BadInput.class, () -> session.step(1), "not started");
    assertThrows(BadInput.class, () -> session.select(3));
    session.select(0);
    session.resume();
    assertEquals(List.of("running", "halted", "halted"), states());
    assertEquals("sleep+0x1", session.cpus().get(2).symbol());
  }

  @Test
  void aBreakpointStopsWhoeverGetsThere() {
    session.breakpoints().add(at("work"), Options.EXEC);
    var seen = new TreeSet<Integer>();
    for (int i = 0; i < 3; i++) {
      Stop.Hit hit = assertInstanceOf(Stop.Hit.class, session.resume());
      assertEquals(hit.at().cpu(), session.selected());
      assertEquals(hit.at().cpu(), value("ebx"), "registers are those of the processor that stopped");
      assertEquals(hit.at().cpu(), session.inspect().registers().general().get(3).value());
      assertEquals("work", hit.at().symbol());
      seen.add(hit.at().cpu());
    }
    assertEquals(new TreeSet<>(List.of(0, 1, 2)), seen);
    endsUndisturbed();
  }

  @Test
  void aBreakpointForOneProcessorLetsTheOthersPass() {
    session.breakpoints().add(at("work"), new Options(Kind.EXEC, 0, false, 0, "ebx == 2", null, 2));
    assertEquals(2, assertInstanceOf(Stop.Hit.class, session.resume()).at().cpu());
    assertEquals(1, session.breakpoints().list().getFirst().hits());
    assertEquals(2, session.breakpoints().list().getFirst().cpu());
    assertThrows(BadInput.class, () -> session.breakpoints().add(at("work"), new Options(Kind.EXEC, 0, false, 0, null, null, 3)));
    endsUndisturbed();
  }

  @Test
  void aWatchpointSeesEverybodysStores() {
    session.breakpoints().add(at("counters + 4"), Options.watch(Kind.WRITE, 4));
    Stop.Watched w = assertInstanceOf(Stop.Watched.class, session.resume());
    assertEquals(1, w.at().cpu());
    assertEquals(1, w.after());
    assertEquals(session.symbols().address("again").orElseThrow(), w.ip());
    session.breakpoints().clear();
    session.breakpoints().add(at("done"), Options.watch(Kind.WRITE, 4));
    var seen = new TreeSet<Integer>();
    for (int i = 0; i < 3; i++) {
      Stop.Watched s = assertInstanceOf(Stop.Watched.class, session.resume());
      assertEquals("finished", session.symbols().near(s.ip()).toString());
      seen.add(s.at().cpu());
    }
    assertEquals(3, seen.size());
    endsUndisturbed();
  }

  @Test
  void stepsAreOfTheSelectedOne() {
    session.breakpoints().add(at("work"), new Options(Kind.EXEC, 0, true, 0, null, null, 1));
    session.resume();
    assertEquals(1, session.selected());
    for (int i = 0; i < 2500; i++) {
      long before = session.inspect().place().count();
      Stop.Stepped s = assertInstanceOf(Stop.Stepped.class, session.step(1));
      assertEquals(1, s.at().cpu());
      assertEquals(before + 1, s.at().count());
    }
    session.finish();
    assertEquals("other", session.symbols().near(session.inspect().place().linear() - 1).name());
    endsUndisturbed();
  }

  @Test
  void aStepOfAnyGoesInTheMachinesOrder() {
    session.breakpoints().add(at("work"), new Options(Kind.EXEC, 0, true, 0, null, null, 1));
    session.resume();
    var seen = new TreeSet<Integer>();
    for (int i = 0; i < 2600; i++) {
      long executed = session.executed();
      seen.add(assertInstanceOf(Stop.Stepped.class, session.stepAny(1)).at().cpu());
      assertEquals(executed + 1, session.executed());
    }
    assertEquals(new TreeSet<>(List.of(0, 1, 2)), seen);
    endsUndisturbed();
  }

  @Test
  void eventsSayWhoseTheyAre() {
    var filter = EventFilter.parse(dev.trapline.vm.event.EventKind.MMIO, List.of("0xfee00020", "read"), session.names());
    session.breakpoints().add(filter, new Options(Kind.EVENT, 0, false, 0, null, null, 2));
    Stop.Happened h = assertInstanceOf(Stop.Happened.class, session.resume());
    assertEquals(2, h.event().cpu());
    assertEquals(2, session.selected());
    assertEquals("other", h.event().at().symbol(), "the instruction itself, not the one behind it");
    assertEquals("other+0x6", h.at().symbol());
    endsUndisturbed();
  }

  @Test
  void lookingChangesNothing() {
    session.breakpoints().add(at("finished"), new Options(Kind.EXEC, 0, true, 0, null, null, 2));
    session.resume();
    long hash = session.stateHash();
    for (int i = 0; i < 3; i++) {
      session.select(i);
      session.cpus();
      session.inspect().registers();
      session.inspect().backtrace(9);
      session.inspect().code(session.inspect().here(), 3);
      session.inspect().walk(session.inspect().here());
      session.inspect().device("lapic" + i);
    }
    assertEquals(hash, session.stateHash());
    assertNotEquals(undisturbed(), hash);
    endsUndisturbed();
  }

  @Test
  void limitsAndCountsAreThoseOfTheSelectedOne() {
    assertEquals(2003, assertInstanceOf(Stop.Reached.class, session.untilCount(2003)).at().count());
    session.select(1);
    assertEquals(2777, session.untilCount(2777).at().count());
    session.limit(100);
    assertEquals(2877, assertInstanceOf(Stop.Limit.class, session.step(200)).at().count());
    assertEquals(2977, assertInstanceOf(Stop.Limit.class, session.resume()).at().count());
    session.limit(Long.MAX_VALUE);
    assertEquals(1, session.last().at().cpu());
    endsUndisturbed();
  }
}
