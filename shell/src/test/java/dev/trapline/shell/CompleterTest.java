package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.repl.ShellCompleter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompleterTest {
  @TempDir
  Path folder;

  private List<Candidate> at(String line) {
    ShellFixture f = new ShellFixture(folder, true);
    DefaultParser parser = new DefaultParser();
    parser.setEscapeChars(null);
    parser.setQuoteChars(new char[0]);
    var out = new ArrayList<Candidate>();
    new ShellCompleter(f.shell).complete(null, parser.parse(line, line.length(), Parser.ParseContext.COMPLETE), out);
    return out;
  }

  private List<String> values(String line) {
    return at(line).stream().map(Candidate::value).toList();
  }

  @Test
  void commandsComeWithTheirDescriptions() {
    Candidate step = at("").stream().filter(c -> c.value().equals("si")).findFirst().orElseThrow();
    assertTrue(step.descr().startsWith("Execute one instruction"), step.descr());
    assertTrue(values("").contains("stepi"));
  }

  @Test
  void argumentsAreWhatTheCommandTakes() {
    assertTrue(values("b ").contains("print"));
    assertTrue(values("x/4xw ").contains("counter"));
    assertTrue(values("x p:").contains("p:counter"));
    assertTrue(values("r ").contains("eax"));
    assertTrue(values("info ").contains("gdt"));
    assertTrue(values("info insn ").contains("add"));
    assertTrue(values("set ").contains("radix"));
    assertTrue(values("bp print --").contains("--if"));
    assertTrue(values("load " + folder + "/").contains(folder + "/guest.asm"));
    assertTrue(values("pt ").containsAll(List.of("walk", "ls", "aliases", "diff")));
  }

  @Test
  void eventsOptionsAndFilesAreCompleted() {
    assertTrue(values("bp ").containsAll(List.of("io", "msr", "print", "add")));
    assertTrue(values("bp add ").containsAll(List.of("exc", "print")));
    assertTrue(values("bp exc ").contains("pf"));
    assertFalse(values("bp exc ").contains("print"));
    assertTrue(values("trace ").containsAll(List.of("irq", "off")));
    assertTrue(values("trace io ").contains("out"));
    assertTrue(values("trace msr ").contains("efer"));
    assertEquals(List.of("0"), values("bp print --cpu "));
    assertTrue(values("expect --on ").contains("uart0"));
    assertTrue(values("load x --initrd " + folder + "/").contains(folder + "/guest.asm"));
    assertTrue(values("load x --module '" + folder + "/").contains("'" + folder + "/guest.asm"));
    assertTrue(values("snap ").contains("save"));
    assertEquals(List.of(), values("info struct task"));
  }

  @Test
  void linesOfGroovyAreCompletedFromItsDocumentation() {
    assertTrue(values("").containsAll(List.of("boot", "on", "await", "machine")));
    assertTrue(values("machine.").containsAll(List.of("machine.run", "machine.lines")));
    assertTrue(values("machine.cpu.").containsAll(List.of("machine.cpu.cpl", "machine.cpu.eax")));
    assertEquals("Where it stands: count nanoseconds mode cpl offset linear symbol",
        at("cpu.").stream().filter(c -> c.value().equals("cpu.place")).findFirst().orElseThrow().descr());
    assertTrue(values("help script ").containsAll(List.of("expect", "machine")));
    assertTrue(values("help event ").contains("exit"));
    assertTrue(values("script ").contains("reload"));
  }

  @Test
  void nothingOfGroovyIsOfferedInsideACommand() {
    for (String line : List.of("b ", "x ", "r ", "info ", "set ", "pt walk ")) {
      for (String groovy : List.of("def", "cmd", "mem", "session", "println")) {
        // Memory is a topic of info and a kind of event too.
        boolean word = groovy.equals("mem") && List.of("info ", "b ").contains(line);
        assertFalse(!word && values(line).contains(groovy), line + groovy);
      }
    }
    assertEquals(List.of(), values("nonsense "));
  }
}
