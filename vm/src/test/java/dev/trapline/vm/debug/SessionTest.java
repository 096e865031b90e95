package dev.trapline.vm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.debug.Breakpoints.Kind;
import dev.trapline.vm.debug.Breakpoints.Options;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  private static final String GUEST = """
      bits 32
      org 0x100000
      start:
        mov esp, stack_top
        mov ecx, 5
      .loop:
        push ecx
        call outer
        pop ecx
        loop .loop
        mov esi, text
        mov edi, copy
        mov ecx, 4
        rep movsb
      done:
        mov al, 3
        out 0xf4, al
        hlt
      outer:
        call inner
        ret
      inner:
        mov dx, 0x3f8
        mov al, '0'
        add al, cl
        out dx, al
        inc dword [counter]
        ret
      align 4
      counter: dd 0
      text: db 'abcd'
      copy: dd 0
        times 256 db 0
      stack_top:
      """;

  @TempDir
  Path folder;
  private Session session;
  private final StringBuilder console = new StringBuilder();

  @BeforeEach
  void load() throws IOException {
    Path file = Files.writeString(folder.resolve("guest.asm"), GUEST);
    session = Sessions.open(MachineConfig.standard().withMemory(4 << 20), Image.assembled(file, ""));
    session.onConsole(b -> console.append((char) b));
  }

  private Address at(String text) {
    return Address.parse(text, session.names());
  }

  private long value(String expression) {
    return Expr.evaluate(expression, session.names());
  }

  @Test
  void standsAtTheFirstInstructionAfterLoading() {
    assertInstanceOf(Stop.Ready.class, session.last());
    assertEquals("start", session.last().at().symbol());
    assertEquals("prot32", session.last().at().mode());
    assertEquals(0, session.last().at().count());
  }

  @Test
  void stepsOneInstructionAtATime() {
    assertInstanceOf(Stop.Stepped.class, session.step(1));
    assertEquals(value("stack_top"), value("esp"));
    assertEquals(1, value("count"));
    session.step(3);
    assertEquals(value("outer"), value("eip"));
  }

  @Test
  void stepsOverCallsAndRepeatedStrings() {
    session.stepOver(3);
    assertEquals("start.loop+0x1", session.last().at().symbol());
    session.stepOver(1);
    assertEquals("start.loop+0x6", session.last().at().symbol());
    assertEquals(1, value("dword [counter]"));
    session.until(at("done - 2"));
    assertInstanceOf(Stop.Stepped.class, session.stepOver(1));
    assertEquals(value("done"), value("eip"));
    assertEquals(value("dword [text]"), value("dword [copy]"));
  }

  @Test
  void finishesTheCurrentFunctionAndNotAnInnerOne() {
    session.until(at("outer"));
    assertInstanceOf(Stop.Stepped.class, session.finish());
    assertEquals("start.loop+0x6", session.last().at().symbol());
    session.until(at("inner"));
    session.finish();
    assertEquals("outer+0x5", session.last().at().symbol());
  }

  @Test
  void breakpointsCountHitsHoldConditionsAndIgnore() {
    int plain = session.breakpoints().add(at("inner"), Options.EXEC).id();
    Stop.Hit hit = assertInstanceOf(Stop.Hit.class, session.resume());
    assertEquals(plain, hit.breakpoint().id());
    assertEquals(value("inner"), value("eip"));
    session.breakpoints().remove(plain);
    session.breakpoints().add(at("inner"), new Options(Kind.EXEC, 0, false, 1, "ecx <= 3", "third"));
    Stop.Hit third = assertInstanceOf(Stop.Hit.class, session.resume());
    assertEquals(2, value("ecx"));
    assertEquals(3, third.breakpoint().hits());
    assertEquals("third", third.breakpoint().name());
    session.breakpoints().enable(third.breakpoint().id(), false);
    assertEquals(7, assertInstanceOf(Stop.Exit.class, session.resume()).status());
    assertEquals("54321", console.toString());
  }

  @Test
  void physicalAndOneShotBreakpointsSurviveReset() {
    session.breakpoints().add(at("p:0x100000"), Options.EXEC);
    session.breakpoints().add(at("done"), Options.ONCE);
    assertEquals("done", session.resume().at().symbol());
    assertEquals(1, session.breakpoints().list().size());
    session.reset();
    assertEquals(1, session.breakpoints().list().size());
    assertInstanceOf(Stop.Exit.class, session.resume());
  }

  @Test
  void watchpointsTellTheAccessAndItsInstruction() {
    session.breakpoints().add(at("counter"), Options.watch(Kind.WRITE, 4));
    Stop.Watched w = assertInstanceOf(Stop.Watched.class, session.resume());
    assertEquals("write", w.access());
    assertEquals(0, w.before());
    assertEquals(1, w.after());
    String code = session.inspect().code(at("l:" + w.ip()), 1).getFirst().text();
    assertEquals("inc DWORD PTR ds:0x" + Long.toHexString(value("counter")), code);
    session.breakpoints().clear();
    session.breakpoints().add(at("p:" + value("text")), Options.watch(Kind.READ, 1));
    Stop.Watched r = assertInstanceOf(Stop.Watched.class, session.resume());
    assertEquals("read", r.access());
    assertEquals(value("text"), r.linear());
  }

  @Test
  void runsUntilCountsAndConsoleText() {
    assertEquals(20, session.untilCount(20).at().count());
    Stop text = session.untilText("32");
    assertInstanceOf(Stop.Reached.class, text);
    assertEquals("5432", console.toString());
    assertThrows(BadInput.class, () -> session.untilCount(3));
  }

  @Test
  void realModeAddressesAreSegmentsAndOffsets() throws IOException {
    Path file = Files.writeString(folder.resolve("boot.asm"), """
        org 0x7c00
        start: jmp 0x07c0:next-0x7c00
        next:  mov ax, 5
               hlt
        times 510-($-$$) db 0
        dw 0xaa55
        """);
    session.load(Image.assembled(file, ""));
    assertEquals("real16", session.last().at().mode());
    assertEquals(0, session.last().at().selector());
    session.breakpoints().add(at("0000:7c05"), Options.EXEC);
    assertInstanceOf(Stop.Hit.class, session.resume());
    assertEquals(0x7c0, session.last().at().selector());
    assertEquals("next", session.last().at().symbol());
    assertEquals(0xb8, value("byte [pc]"));
    assertEquals(5, session.inspect().here() instanceof Address.Virtual v ? v.offset() : -1);
  }

  @Test
  void steppingAHaltedProcessorWaitsForTheInterruptAndEntersItsHandler() throws IOException {
    Path file = Files.writeString(folder.resolve("halt.asm"), """
        org 0x7c00
        start: xor ax, ax
               mov ds, ax
               mov word [8 * 4], tick
               mov word [8 * 4 + 2], 0
               sti
        sleep: hlt
        after: jmp sleep
        tick:  iret
        times 510-($-$$) db 0
        dw 0xaa55
        """);
    session.load(Image.assembled(file, ""));
    session.until(at("sleep"));
    session.step(1);
    long asleep = session.executed();
    session.step(1);
    assertEquals(asleep + 1, session.executed());
    assertEquals("after", session.last().at().symbol());
  }

  @Test
  void limitsBoundARun() {
    session.limit(10);
    assertInstanceOf(Stop.Limit.class, session.resume());
    assertEquals(10, value("count"));
    session.limit(Long.MAX_VALUE);
    assertInstanceOf(Stop.Exit.class, session.resume());
    assertThrows(BadInput.class, session::resume);
  }

  @Test
  void anInterruptFromAnotherThreadStopsAnEndlessLoop() throws InterruptedException {
    session.write(at("start"), new byte[] {(byte) 0xeb, (byte) 0xfe});
    Thread other = Thread.ofPlatform().start(session::interrupt);
    assertInstanceOf(Stop.Interrupted.class, session.resume());
    other.join();
  }

  @Test
  void lookingAtEverythingLeavesTheStateAlone() {
    session.step(7);
    long hash = session.stateHash();
    Inspector see = session.inspect();
    see.registers();
    see.memory(at("0"), 4096);
    see.memory(at("p:0xfffffff0"), 16);
    see.code(see.here(), 20);
    see.gdt();
    see.idt();
    see.ldt();
    see.tss();
    see.cpuid();
    see.msrs();
    see.walk(at("0x100000"));
    see.devices().forEach(see::device);
    see.regions();
    see.ports();
    see.unknown();
    see.registerNames().forEach(see::register);
    session.assemble(see.here(), "mov eax, [ebx+4]", CodeSize.BITS32, false);
    session.breakpoints().add(at("done"), Options.EXEC);
    session.breakpoints().list();
    assertEquals(hash, session.stateHash());
    session.register("eax", 0x1234);
    assertNotEquals(hash, session.stateHash());
  }

  @Test
  void breakpointsAndWatchpointsDoNotChangeWhatTheGuestComputes() {
    session.resume();
    long undisturbed = session.stateHash();
    session.reset();
    session.breakpoints().add(at("inner"), Options.EXEC);
    session.breakpoints().add(at("counter"), Options.watch(Kind.ACCESS, 4));
    Stop stop;
    int stops = 0;
    do {
      stop = session.resume();
      stops++;
    } while (!stop.finished());
    assertTrue(stops > 10, stops + " stops");
    assertEquals(undisturbed, session.stateHash());
  }

  @Test
  void assemblesWithSymbolsAndWritesOnlyWhenAsked() {
    var shown = session.assemble(at("start"), "call inner\nnop", CodeSize.BITS32, false);
    assertEquals(2, shown.size());
    assertTrue(shown.getFirst().text().endsWith("<inner>"), shown.getFirst().text());
    assertEquals(0xbc, value("byte [start]"));
    session.assemble(at("start"), "nop", CodeSize.BITS32, true);
    assertEquals(0x90, value("byte [start]"));
    assertThrows(BadInput.class, () -> session.assemble(at("start"), "mov eax,", CodeSize.BITS32, false));
  }

  @Test
  void registersHaveAllTheirNames() {
    session.register("rax", 0x1122334455667788L);
    assertEquals(0x55667788L, value("eax"));
    assertEquals(0x7788, value("ax"));
    assertEquals(0x88, value("al"));
    assertEquals(0x77, value("ah"));
    session.register("ah", 0);
    assertEquals(0x1122334455660088L, value("rax"));
    session.register("eax", 1);
    assertEquals(1, value("rax"));
    session.register("eflags", 0x46);
    assertTrue(session.inspect().registers().flags().fields().contains("ZF"));
  }

  private String refusal(String register, long value) {
    return assertThrows(BadInput.class, () -> session.register(register, value)).getMessage();
  }

  @Test
  void controlRegistersAreSetAsTheProcessorWould() {
    assertTrue(refusal("cr0", 0x80000010L).contains("PG needs PE"));
    assertTrue(refusal("cr0", 0x20000011L).contains("NW needs CD"));
    assertTrue(refusal("cr4", 1L << 31).contains("not defined"));
    assertTrue(refusal("cr8", 16).contains("0 to 15"));
    assertTrue(refusal("efer", 0x400).contains("LMA"));
    assertTrue(refusal("efer", 2).contains("not defined"));
    assertTrue(refusal("dr7", 1L << 32).contains("32 bits"));
    long before = session.stateHash();
    assertTrue(refusal("cr0", 1L << 40).contains("not defined"));
    assertEquals(before, session.stateHash(), "a refusal changes nothing");
    session.register("cr4", 0x20);
    session.register("efer", 0x100);
    session.register("cr3", 0x5000);
    assertEquals(0x20, value("cr4"));
    assertEquals(0x5000, value("cr3"));
    session.register("dr0", 0x1234);
    session.register("dr7", 1);
    assertEquals(0x401, value("dr7"));
    session.register("cr0", 0x80000011L);
    assertEquals("compat32", session.inspect().place().mode());
    assertEquals(0x500, value("efer"));
    assertTrue(refusal("cr4", 0).contains("PAE"));
    assertTrue(refusal("efer", 0x400).contains("paging is on"));
  }

  @Test
  void segmentsLoadTheirDescriptors() {
    int cs = (int) value("cs");
    int ds = (int) value("ds");
    assertTrue(refusal("ss", cs).contains("#GP"), "code is no stack");
    assertTrue(refusal("ds", 0xfff8).contains("#GP"));
    assertTrue(refusal("cs", ds).contains("#GP"));
    session.register("ds", 0);
    session.register("ds", ds);
    assertEquals(0xffffffffL, value("ds.limit"));
    session.register("fs.base", 0x1000);
    assertEquals(0x1000, value("fs_base"));
    assertTrue(refusal("gs.limit", 1L << 32).contains("32 bits"));
    session.register("gdtr.base", 0x2000);
    session.register("gdtr.limit", 0xff);
    assertEquals(0xff, value("gdtr.limit"));
    assertTrue(refusal("idtr.limit", 0x10000).contains("16 bits"));
  }

  @Test
  void vectorsAndTheFloatingPointStackAreSetInHalves() {
    session.register("xmm3.hi", -1);
    session.register("xmm3.lo", 5);
    assertEquals(-1, value("xmm3.hi"));
    session.register("st1.exp", 0x3fff);
    session.register("st1.sig", 1L << 63);
    assertEquals(0x3fff, value("st1.exp"));
    assertTrue(session.inspect().fpu().fields().stream().anyMatch(f -> f.name().equals("st1") && f.note().equals("1.0")));
  }
}
