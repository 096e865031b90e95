package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Registry;
import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
  @TempDir
  Path folder;
  private ShellFixture f;

  @BeforeEach
  void load() {
    f = new ShellFixture(folder, true);
  }

  private void contains(String line, String part) {
    String out = f.run(line);
    assertTrue(out.contains(part), "'" + line + "' printed: " + out);
  }

  @Test
  void stopLinesHaveAlwaysTheSameOrder() {
    assertEquals("#1 0.000000s cpu0 prot32 cpl0 step eip=0x100005 <start+0x5>", f.run("si").lines().findFirst().orElse(""));
    f.run("bp print");
    assertEquals("#3 0.000000s cpu0 prot32 cpl0 breakpoint eip=0x100016 <print> (bp 1 hit 1)", f.run("c").lines().findFirst().orElse(""));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"si;si", "stepi;si", "s;si", "t;si", "n;ni", "p 1+1;0x2 2", "g;exit", "continue;exit", "run;exit",
      "b print;bp 1", "tb print;bp 1", "hbreak print;bp 1", "vb print;bp 1", "lb 0x100000;l:0x100000", "pb 0x100000;p:0x100000",
      "bu print;bp 1", "ba w4 counter;write", "db start;0x00100000", "dd start;0x00100000", "page 0x100000;paging off",
      "!vtop 0x100000;paging off", "disas;mov esp", "regs;mode prot32", "creg;cr0=", "calc 2*3;0x6", "monitor r eax;eax=", "dg;code32",
      "x/2i start;mov esp", "info reg;mode", "inf gdt;code32", "cont;exit", "apro page;pt", "help b;bp", "? ;Running"})
  void otherToolsNamesAndPrefixesWork(String line, String part) {
    if (line.startsWith("ba")) {
      f.run("set style windbg");
    }
    contains(line, part.equals("si") || part.equals("ni") ? "step" : part);
  }

  @Test
  void breakpointsAreListedSwitchedAndDeleted() {
    f.run("bp print --if 'ecx == 2' --name second");
    contains("bl", "second");
    contains("c", "(bp 1 second hit 2)");
    f.run("bd second");
    contains("bl", "off");
    f.run("be 1");
    contains("bl --json", "\"enabled\":true");
    f.run("bc");
    assertEquals("none", f.run("bl"));
    assertThrows(BadInput.class, () -> f.run("bc 7"));
  }

  @Test
  void eventsAreBreakpointsAndTraces() {
    assertEquals("bp 1: io 0x3f8 out", f.run("bp io 0x3f8 out --once"));
    assertEquals("bp 2: exc #PF", f.run("bp exc pf"));
    contains("bl", "exc");
    assertTrue(f.run("c").lines().toList().get(1).matches(
        "#\\d+ \\d\\.\\d{6}s cpu0 prot32 cpl0 io:out 0x3f8 byte 0x33 by 0x[0-9a-f]+ eip=0x[0-9a-f]+ <.*> \\(bp 1 hit 1\\)"));
    assertEquals("trace 3: io all out", f.run("trace io out"));
    contains("trace", "all out");
    contains("c", "io:out 0x3f8 byte 0x32 eip=");
    f.run("trace off");
    assertEquals("none", f.run("trace"));
    assertThrows(BadInput.class, () -> f.run("trace nonsense"));
    contains("probe 0x3f8", "com1+0x0");
    contains("info mtree", "com1");
    contains("info irq", "8259");
  }

  @Test
  void memoryIsExaminedInAllFormatsAndGoesOn() {
    contains("x/5xb text", "0x68  0x65  0x6c  0x6c  0x6f");
    contains("x/5xb text", "hello");
    contains("x/s text", "\"hello\"");
    contains("x/2c text", "'h'  'e'");
    contains("x/dw counter", ":  0");
    contains("x/tb text", "01101000");
    contains("x/ob text", "0150");
    contains("x/aw esp", "0x");
    contains("xp/xw 0x100000", "0x");
    String first = f.run("x/4xw start");
    String next = f.run(f.shell.repeatable());
    assertTrue(first.startsWith("0x00100000"), first);
    assertTrue(next.startsWith("0x00100010"), next);
  }

  @Test
  void disassemblyGoesOnAndStartsAnewAfterAStop() {
    contains("u/2", "mov esp");
    String next = f.run(f.shell.repeatable());
    assertTrue(next.contains("call"), next);
    f.run("si");
    assertTrue(f.run("u").startsWith(" > 0x00100005"), "starts at the next instruction again");
    contains("u/1 print --bits 16", "edx,0x");
  }

  @Test
  void registersAreShownInPartsAndSet() {
    assertEquals("eax=0x00000010", f.run("r eax=0x10"));
    assertEquals("eax=0x00000010\nah =0x00", f.run("r eax ah"));
    contains("r flags", "eflags=0x00000002");
    contains("r segments", "code32 exec/read");
    contains("r eax = ecx + 2", "eax=0x00000002");
    f.run("set $ebx = 7");
    contains("r ebx", "0x00000007");
    contains("r --json", "\"mode\":\"prot32\"");
    assertThrows(BadInput.class, () -> f.run("r foo"));
  }

  @Test
  void settingsChangeHowNumbersAreRead() {
    f.run("set radix 16");
    contains("? 10", "0x10 16");
    assertEquals("[hex] > ", f.shell.prompt("> "));
    f.run("set radix 10");
    contains("? 10", "0xa 10");
    f.run("set syntax att");
    contains("u/1 start", "%esp");
  }

  @Test
  void memoryIsWrittenFilledFoundAndAssembled() {
    f.run("poke counter 0x11223344");
    contains("? dword [counter]", "0x11223344");
    f.run("eb counter 1 2");
    contains("? word [counter]", "0x201");
    f.run("fill counter 4");
    contains("? dword [counter]", "0x0");
    contains("find start 0x100 'text:hello'", "0x");
    contains("asm inc eax", "inc eax");
    contains("asm mov al, 'A'", "mov al,0x41");
    contains("asm --bits 16 'inc ax; dec cx'", "dec cx");
    f.run("asm --at start 'nop; nop'");
    contains("x/2xb start", "0x90  0x90");
  }

  @Test
  void groovySeesRegistersMemorySymbolsAndCommands() {
    contains("= 6 * 7", "42");
    contains("cpu.eax = 3; eax + 1", "0x4");
    contains("mem.text('text')", "hello");
    contains("mem[start]", "0xbc");
    contains("cmd('si 2').at.count", "0x2");
    f.run("? 5");
    contains("=_ + 1", "6");
    contains("{ it -> 'closure' }", "closure");
    assertTrue(assertThrows(BadInput.class, () -> f.run("= 1 +")).getMessage().startsWith("Groovy: "));
    assertThrows(BadInput.class, () -> f.run("=nothing.here"));
    assertThrows(Failure.class, () -> f.run("=assert eax == 99"));
  }

  @Test
  void onlySteppingAndListingRepeatOnAnEmptyLine() {
    f.run("si");
    assertEquals("si", f.shell.repeatable());
    f.run("poke counter 1");
    assertNull(f.shell.repeatable());
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo", "bp nowhere", "x/zz 1", "x/99999999xb 0", "si 0", "si -1", "si foo", "load", "load /nowhere/file",
      "info nope",
      "info insn nope", "until #abc", "set", "set radix 7", "set nothing 1", "r eax=", "pt", "pt walk p:0x1000", "u/0", "u --bits 8 start",
      "poke", "poke start", "poke 0xfffffffff000 1", "find start 4 xyz", "asm mov eax", "watch", "watch -x -w start", "source /nowhere",
      "help nope", "x g1:p:0", "x 'unbalanced", "bp start --if 'foo'", "bp start --nope", "type", "co", "= ]"})
  void mistakesAreOneClearLine(String line) {
    BadInput wrong = assertThrows(BadInput.class, () -> f.run(line), line);
    assertEquals(1, wrong.getMessage().lines().count(), wrong.getMessage());
    assertFalse(wrong.getMessage().contains("Exception"), wrong.getMessage());
    assertTrue(wrong.getMessage().length() > 8, wrong.getMessage());
  }

  @Test
  void unknownCommandsSuggestTheNearest() {
    assertEquals("unknown command 'untl'; did you mean 'until'?",
        assertThrows(BadInput.class, () -> f.run("untl 5")).getMessage());
    assertTrue(assertThrows(BadInput.class, () -> f.run("r eaxx")).getMessage().contains("did you mean 'eax'"));
  }

  @Test
  void everyCommandHasHelpWithExamplesAndAUniqueName() {
    var names = new HashSet<String>();
    for (Registry.Entry e : Commands.ALL.all()) {
      assertTrue(names.add(e.name()), e.name());
      List<String> examples = e.examples();
      assertFalse(examples.isEmpty(), e.name());
      assertTrue(examples.stream().anyMatch(x -> x.startsWith(e.name())), e.name() + ": " + examples);
      contains("help " + e.name(), "Examples:");
      assertFalse(e.summary().endsWith(".") && !e.summary().endsWith("..."), e.summary());
    }
  }

  @Test
  void scriptsStopAtTheFirstErrorAndNameFileAndLine() throws java.io.IOException {
    Path script = java.nio.file.Files.writeString(folder.resolve("a.trap"), "# comment\nsi # another\n\necho one\nnonsense\necho two\n");
    BadInput wrong = assertThrows(BadInput.class, () -> f.run("source " + script));
    assertTrue(wrong.getMessage().startsWith(script + ":5: unknown command 'nonsense'"), wrong.getMessage());
    assertTrue(f.written.toString().contains("one"));
    assertFalse(f.written.toString().contains("two"));
  }

  @Test
  void consoleOutputNeverSharesALineWithAStop() {
    String out = f.run("c");
    assertTrue(out.startsWith("321\n#"), out);
  }

  @Test
  void aGuestsQuestionsToTheTerminalAreNotAsked() {
    f.written.getBuffer().setLength(0);
    "a\033[6nb\033[1;31mc\033[cd\033Me\u00c3\u00a9".chars().forEach(f.shell::console);
    f.shell.openLine();
    assertEquals("ab\033[1;31mcd\033Me\u00e9", f.written.toString().strip());
  }

  @Test
  void wideRegistersAreSetWhole() {
    assertEquals("xmm2.hi=0x1122334455667788\nxmm2.lo=0x99aabbccddeeff00", f.run("r xmm2=0x112233445566778899aabbccddeeff00"));
    assertEquals("xmm2.hi=0x0000000000000000\nxmm2.lo=0x0000000000000003", f.run("r xmm2=ecx*0+3"));
    f.run("set st0 = -1.5");
    assertEquals("st0.exp=0xbfff\nst0.sig=0xc000000000000000", f.run("r st0"));
    assertTrue(f.run("info fpu").contains("-1.5"));
    f.run("r st1=0");
    assertEquals("st1.exp=0x0000\nst1.sig=0x0000000000000000", f.run("r st1"));
  }

  @Test
  void outputIsFilteredCutAndWritten(@TempDir Path other) throws IOException {
    assertEquals("1", f.run("r control | grep cr3 | count"));
    assertEquals(2, f.run("info mem | head 2").lines().count());
    Path file = other.resolve("out.txt");
    assertEquals("", f.run("r ecx > " + file));
    f.run("r edx >> " + file);
    assertEquals(2, Files.readAllLines(file).size());
    assertEquals("0x3 3", f.run("? 1 | 2"));
    assertEquals("0x1 1", f.run("? 3 > 2"));
  }

  @Test
  void aPagerShowsWhatAPersonTypedOrPipedToIt() {
    var paged = new ArrayList<String>();
    f.shell.pager(text -> text.lines().count() > 3 && paged.add(text));
    assertEquals("", f.run("r"));
    assertEquals("0x1 1", f.run("? 1"));
    f.run("set paging off");
    contains("r", "cr0=");
    assertEquals(1, paged.size());
    assertEquals("", f.run("r | less"));
    assertEquals("", f.run("r | grep =0x | less"));
    assertEquals(3, paged.size());
    f.shell.pager(null);
    contains("r | less", "cr0=");
  }

  @Test
  void listsAreChosenFrom() {
    assertEquals("1", f.run("info insn add --top 1 --json | count"));
    assertTrue(f.run("info insn add --where {it.operands().contains('Ib')}").lines().count() < f.run("info insn add").lines().count());
    assertThrows(BadInput.class, () -> f.run("info pit --top 1"));
  }

  @Test
  void processorsAreListedAndChosen() {
    assertTrue(f.run("cpu").contains(">  0    running"), f.run("cpu"));
    assertTrue(f.run("cpu 0 --json").startsWith("[{\"type\":\"CpuView\",\"number\":0,\"selected\":true"), f.run("cpu 0 --json"));
    assertEquals("no processor 1: there is only 0", assertThrows(BadInput.class, () -> f.run("cpu 1")).getMessage());
    assertThrows(BadInput.class, () -> f.run("si --cpu 1"));
    assertThrows(BadInput.class, () -> f.run("bp print --cpu 1"));
    f.run("bp print --cpu 0");
    assertTrue(f.run("bl").lines().findFirst().orElseThrow().endsWith("cpu"), f.run("bl"));
    assertTrue(f.run("si --all").contains("cpu0 prot32 cpl0 step"));
  }

  @Test
  void namesAreExplained() {
    assertTrue(f.run("info symbols").contains("the image"), f.run("info symbols"));
    assertTrue(f.run("info symbol print+1").contains("print+0x1"), f.run("info symbol print+1"));
    assertTrue(f.run("info symbol print+1").contains("counter"), "what comes next");
    assertTrue(assertThrows(BadInput.class, () -> f.run("ps")).getMessage().contains("'symbols'"));
    assertThrows(BadInput.class, () -> f.run("symbols"));
    assertThrows(BadInput.class, () -> f.run("info struct"));
  }

  @Test
  void memoryIsCopiedAndCompared() {
    f.run("copy text 5 0x2000");
    assertEquals("equal", f.run("cmp text 5 0x2000"));
    f.run("copy 0x2000 5 0x2001");
    assertTrue(f.run("x/6xb 0x2000").contains("0x68  0x68  0x65"), f.run("x/6xb 0x2000"));
    assertEquals("+0x1: 65 68", f.run("cmp text 5 0x2000 --top 1"));
    assertThrows(BadInput.class, () -> f.run("cmp text 0 0x2000"));
  }

  @Test
  void everyComponentHasItsView() {
    for (String device : f.session.inspect().devices()) {
      assertTrue(f.run("info state " + device).startsWith(device) , device);
      assertTrue(f.run("info state " + device + " --json").startsWith("{"), device);
    }
  }
}
