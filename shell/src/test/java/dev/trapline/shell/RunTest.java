package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.Failure;
import dev.trapline.shell.script.GroovyScript;
import dev.trapline.shell.script.Scripting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code trapline run}: what scripts can say, and how they end. */
class RunTest {
  @TempDir
  private Path folder;
  private final ProgramRun program = new ProgramRun();

  private int run(String... args) {
    return program.run(args);
  }

  /** Runs a text as a script on the small guest of {@link ShellFixture}. */
  private int script(String text, String... args) throws IOException {
    Path file = Files.writeString(folder.resolve("script.groovy"), text);
    var line = new ArrayList<>(List.of("run", "--kernel", ShellFixture.guest(folder).toString()));
    line.add(file.toString());
    line.addAll(List.of(args));
    return run(line.toArray(String[]::new));
  }

  private void prints(String expected, String text, String... args) throws IOException {
    assertEquals(0, script(text, args), program.err());
    assertEquals(expected, program.out().stripTrailing());
  }

  private void fails(int code, String message, String text) throws IOException {
    assertEquals(code, script(text), program.out());
    assertEquals("trapline: " + message, program.err().stripTrailing());
  }

  @Test
  void expressionsShareTheirVariables() {
    assertEquals(0, run("run", "-e", "x = 20", "-e", "x + 22"));
    assertEquals("20\n42\n", program.out());
  }

  @Test
  void aMachineIsAnObject() throws IOException {
    prints("3 3 exit 7", "go()\nprintln \"${mem.u32('counter')} ${machine.symbol('counter') == counter ? 3 : 0} exit ${machine.stop.status}\"");
    prints("[321] true 28", "go()\nprintln \"${machine.lines} ${machine.ended} ${machine.count}\"");
    prints("prot32 0 3 5", "step(2)\nint before = cpu.ecx\ncpu.ecx = 5\nprintln \"$cpu.mode $cpu.cpl $before $cpus.ecx\".replaceAll('[\\\\[\\\\]]', '')");
    prints("hello 104 [104, 101]", "def t = machine.symbol('text')\nprintln \"${mem.text(t)} ${mem[t]} ${mem.bytes(t, 2)}\"");
    prints("true", "until 'print'\nprintln machine.stop.at.symbol == 'print'");
    prints("2", "until { cpu.ecx == 2 }\nprintln cpu.ecx");
  }

  @Test
  void commandsAreFunctionsWithObjectsForResults() throws IOException {
    prints("exec 1 true", "def p = bp 'print'\nprintln \"$p.kind ${cmd('bp ls').size()} ${go().breakpoint.id == p.id}\"");
    prints("0x8", "println info('gdt').find { it.kind.startsWith('code') }.with { '0x' + Long.toHexString(it.selector) }");
    prints("print", "def m = machine\nm.bp('print')\nm.c()\nprintln m.stop.at.symbol");
  }

  @Test
  void severalMachinesAndAGroupOfGuests() throws IOException {
    prints("3 0 true", """
        def a = machine
        def b = boot kernel: '%1$s', mem: '4M'
        a.go()
        println "${a.mem.u32('counter')} ${b.mem.u32('counter')} ${machine == b}"
        """.formatted(ShellFixture.guest(folder)));
    prints("exit 7 exit 7 [[321], [321]] true true", """
        def both = group {
          guest('x') { kernel '%1$s'; memory '4M' }
          guest('y') { kernel '%1$s'; memory '4M'; paging 'nested' }
        }
        both.go()
        println "$both.x.end ${both['y'].end} ${both.guests*.lines} ${both.x.exits.any { it.reason == 'IOIO' && it.count == 3 }} ${both.y.overheads.emulation > 0}"
        """.formatted(ShellFixture.guest(folder)));
  }

  @Test
  void closuresAreAskedAboutEvents() throws IOException {
    prints("[51, 50, 49] 3", """
        def seen = []
        on('io 0x3f8 out') { e -> seen << e.value }
        go()
        println "$seen ${mem.u32('counter')}"
        """);
    prints("[2] #11", """
        on('exec print', if: 'ecx == 2') { e -> if (e.ecx == 2) { stop() }; 'whatever comes last' }
        def s = go()
        println "[$cpu.ecx] #$s.at.count"
        """);
    prints("[]", "on('io 0x3f8 out', pre: true) { skip() }\ngo()\nprintln machine.lines");
    prints("[***]", "on('io 0x3f8 out', pre: true) { e -> seen = e.value; cont() }\non('exec print') { e -> n = e.hits }\ngo()\nprintln machine.lines*.replaceAll('.', '*')");
    prints("3 49", "println \"${await('io 0x3f8') { it.value == 0x31 }.breakpoint.hits} ${cpu.al}\"");
    prints("print 2", "await 'exec print'\nawait 'exec print', within: 100\nprintln \"$machine.stop.at.symbol $cpu.ecx\"");
    fails(4, "script.groovy:1: await: 'exec print' has not come: #2 0.000000s cpu0 prot32 cpl0 limit:2 instructions eip=0x10000a <start.loop>",
        "await 'exec print', within: 2");
    fails(2, "script.groovy:1: no register or symbol 'zzz'", "on('io zzz') { }");
    fails(2, "script.groovy:1: a handler cannot run the machine: it answers stop(), and the script goes on from there",
        "on('exec print') { step() }; go()");
    fails(2, "script.groovy:1: stop(), skip(), emulate(), inject() and cont() are answers of a handler: on('exit npf') { e -> stop() }", "stop()");
    fails(2, "script.groovy:1: Groovy: ArithmeticException: Division by zero", "on('exec print') { 1 / 0 }; go()");
  }

  @Test
  void eachGuestHasItsOwnEvents() throws IOException {
    prints("[y, y, y] [x, y]", """
        def both = group {
          guest('x') { kernel '%1$s'; memory '4M' }
          guest('y') { kernel '%1$s'; memory '4M'; paging 'nested' }
        }
        def who = []
        both.y.on('io 0x3f8') { e -> who << e.guest }
        both.go()
        println "$who $both.guests.name"
        """.formatted(ShellFixture.guest(folder)));
  }

  @Test
  void argumentsBecomeOptions() throws IOException {
    prints("7 x.svg true [a, b] [a, --count, 7, --svg=x.svg, --fast, b]",
        "def o = options(count: 1, svg: '', fast: false)\nprintln \"$o.count $o.svg $o.fast $o.rest $args\"", "a", "--count", "7", "--svg=x.svg",
        "--fast", "b");
    assertEquals(2, script("options(count: 1)", "--cuont", "2"));
    assertEquals("trapline: script.groovy:1: no option --cuont: there is --count\n", program.err());
    assertEquals(2, script("options(count: 1)", "--count", "two"));
    assertEquals(0, script("// What is it?\n// Options: none\nprintln 1", "--help"));
    assertEquals("What is it?\nOptions: none\n", program.out());
  }

  @Test
  void mistakesAreOneLineWithScriptAndLine() throws IOException {
    fails(2, "script.groovy:2: Groovy: ArithmeticException: Division by zero", "def f(x) {\n  1 / x\n}\nf(0)");
    fails(2, "script.groovy:3: Groovy: Unexpected input: '<EOF>'", "int x = 1\n\nif (");
    fails(2, "script.groovy:2: neither a command nor a Groovy name: 'nonsense'", "\nprintln nonsense");
    fails(2, "script.groovy:1: neither a command nor a Groovy method: 'frobnicate' with Integer", "frobnicate 3");
    fails(2, "script.groovy:2: no register 'xyz'", "\n[1].each { cpu.xyz }");
    fails(2, "script.groovy:1: no register or symbol 'nosuch'", "u 'nosuch'");
  }

  @Test
  void theEndOfAScriptIsItsExitCode() throws IOException {
    assertEquals(1, script("\nassert machine.count + 1 == 3"));
    assertTrue(program.err().startsWith("trapline: script.groovy:2: assertion failed: machine.count + 1 == 3\n"), program.err());
    assertTrue(program.err().contains("false"), program.err());
    fails(1, "script.groovy:1: no", "fail 'no'");
    fails(1, "script.groovy:1: expect: 'never' has not appeared: #28 0.000000s cpu0 prot32 cpl0 exit:0x3 status=7 eip=0x100015 <start.loop+0xb>; last: 321",
        "expect 'never'");
    String dies = Files.writeString(folder.resolve("dies.asm"), "bits 32\norg 0x100000\nstart: lidt [none]\n int3\nnone: dw 0\n dd 0\n").toString();
    String loops = Files.writeString(folder.resolve("loops.asm"), "bits 32\norg 0x100000\nstart: jmp start\n").toString();
    assertEquals(3, run("run", "--kernel", dies, "-e", "go()"));
    assertEquals(4, run("run", "--kernel", loops, "--limit", "100000", "-e", "while (true) { machine.run(1000) }"));
    assertEquals("trapline: the limit of 100000 instructions came first\n", program.err());
    assertEquals(4, run("run", "--timeout", "0.3", "-e", "while (true) { }"));
    assertEquals(4, run("run", "--kernel", loops, "--timeout", "0.3", "-e", "go()"));
  }

  @Test
  void aPanicOfLinuxIsAGuestFault() throws IOException {
    String panics = Files.writeString(folder.resolve("panics.asm"), """
        bits 32
        org 0x100000
        start:
          mov esi, text
          mov ecx, end - text
          mov dx, 0x3f8
          rep outsb
          jmp $
        text: db '[    0.1] Kernel panic - not syncing: no init', 13, 10
        end:
        """).toString();
    assertEquals(3, run("run", "--kernel", panics, "-e", "go()"));
    assertEquals("trapline: the guest died: [    0.1] Kernel panic - not syncing: no init\n", program.err());
  }

  @Test
  void checksGoOnAndAreReported() throws IOException, ReflectiveOperationException {
    Path json = folder.resolve("r.json");
    Path xml = folder.resolve("r.xml");
    Path file = Files.writeString(folder.resolve("s.groovy"), """
        check('adds <up>') { assert 1 + 1 == 2 }
        check('fails') { assert 1 + 1 == 3 }
        check('says no') { false }
        check('wrong') { cmd 'u nosuch' }
        println 'goes on'
        """);
    assertEquals(1, run("run", "--report", json.toString(), "--junit", xml.toString(), file.toString(), "arg"));
    assertEquals("trapline: 3 of 4 checks failed: fails, says no, wrong\n", program.err());
    assertTrue(program.out().contains("ok      adds <up>\nFAILED  fails: 1 + 1 == 3\n"), program.out());
    assertTrue(program.out().endsWith("goes on\n"), program.out());
    String report = Files.readString(json);
    assertTrue(report.startsWith("{\"type\":\"ScriptReport\",\"status\":1,\"message\":\"3 of 4 checks failed: fails, says no, wrong\""), report);
    assertTrue(report.contains("\"arguments\":[\"arg\"]") && report.contains("\"name\":\"says no\",\"error\":\"does not hold\""), report);
    var suite = parsed(xml);
    assertEquals("5", suite.getAttribute("tests"));
    assertEquals("3", suite.getAttribute("failures"));
    assertEquals("adds <up>", ((org.w3c.dom.Element) suite.getElementsByTagName("testcase").item(0)).getAttribute("name"));
  }

  private static org.w3c.dom.Element parsed(Path xml) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml.toFile()).getDocumentElement();
    } catch (javax.xml.parsers.ParserConfigurationException | org.xml.sax.SAXException broken) {
      throw new IOException(broken);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"run", "run /nowhere.groovy", "run --nope x", "run --timeout -1 -e 1", "run --limit x -e 1",
      "run --kernel /nowhere -e machine", "run -e boot(flavour:'sweet')", "run -e boot(mem:'12Q')"})
  void wrongUsageEndsWithTwoAndOneLine(String line) {
    assertEquals(2, run(line.split(" ")));
    assertEquals(1, program.err().lines().count(), program.err());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"while (true) { }", "for (;;) { }", "do { } while (true)", "(1..Long.MAX_VALUE).each { }",
      "def f(n) { n == 0 ? 0 : f(n - 1) }; while (true) { f(50) }", "machine.go()", "while (true) { try { machine.go() } catch (Error e) { } }"})
  void anEndlessLoopIsInterruptible(String text) throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String loops = Files.writeString(folder.resolve("loops.asm"), "bits 32\norg 0x100000\nstart: jmp start\n").toString();
    var out = new PrintWriter(new StringWriter());
    var workshop = new ScriptWorkshop(() -> new ScriptWorkshop(null, out).open(List.of("--kernel", loops, "--mem", "4M")), out);
    var groovy = new GroovyScript(new Scripting(workshop, out, List.of()));
    assertFalse(groovy.stop());
    var ended = CompletableFuture.supplyAsync(() -> assertThrows(Failure.class, () -> groovy.evaluate(text, "loop.groovy")));
    while (!groovy.stop()) {
      Thread.onSpinWait();
    }
    // A machine that was just about to run did not hear the first.
    Failure f = null;
    for (int i = 0; f == null && i < 100; i++) {
      groovy.stop();
      f = ended.completeOnTimeout(null, 1, TimeUnit.SECONDS).get();
    }
    assertNotNull(f);
    assertEquals(130, f.code());
    assertEquals(4, groovy.evaluate("2 + 2"));
  }
}
