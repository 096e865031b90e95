package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.shell.command.GuestLines;
import dev.trapline.shell.command.Shell;
import dev.trapline.shell.command.look.InfoCommand;
import dev.trapline.shell.render.Style;
import dev.trapline.vm.debug.BadInput;
import dev.trapline.vm.debug.GuestPlan;
import dev.trapline.vm.debug.HostPlan;
import dev.trapline.vm.debug.Image;
import dev.trapline.vm.debug.Session;
import dev.trapline.vm.debug.Sessions;
import dev.trapline.vm.debug.Virtual;
import dev.trapline.vm.machine.MachineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A shell on two guests of one monitor, {@code one} by hvm and {@code two} by trap: which of them a line is about, and who stops. */
class GuestsTest {
  private static final String LOOPS = """
      bits 32
      org 0x100000
      start:
        mov esp, stack_top
      again:
        call work
        jmp again
      work:
        inc dword [counter]
        mov dx, 0x3f8
        mov al, '%s'
        out dx, al
        mov al, 10
        out dx, al
        ret
      align 4
      counter: dd 0
        times 256 db 0
      stack_top:
      """;
  @TempDir
  private Path folder;
  private StringWriter written;
  private Session first;
  private Shell shell;

  private GuestPlan plan(String name, String technique, String source) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".asm"), source);
    return new GuestPlan(name, MachineConfig.standard().withMemory(4 << 20), Image.assembled(file, ""), new Virtual(technique, "shadow"), 0, 0);
  }

  private void open(String one, String two) throws IOException {
    written = new StringWriter();
    first = Sessions.open(HostPlan.STANDARD, List.of(plan("one", "hvm", one), plan("two", "trap", two)));
    shell = new Shell(Commands.ALL, first, new PrintWriter(written), Style.PLAIN, true);
    shell.showConsoles();
  }

  @BeforeEach
  void open() throws IOException {
    open(LOOPS.formatted("1"), LOOPS.formatted("2"));
  }

  private String run(String line) {
    written.getBuffer().setLength(0);
    shell.execute(line);
    return written.toString().stripTrailing();
  }

  @Test
  void aLineIsAboutTheCurrentGuestOrTheOneItNames() {
    assertEquals("one> ", shell.prompt("trapline> "));
    run("r ecx=5");
    assertTrue(run("guest two").contains("*2     two   trap"));
    assertEquals("two> ", shell.prompt("trapline> "));
    run("r ecx=6");
    assertEquals("ecx=0x00000005", run("r ecx -g one"));
    assertEquals("ecx=0x00000005", run("r ecx --guest 1"));
    assertEquals("ecx=0x00000006", run("r ecx"));
    run("poke one:counter 7");
    assertTrue(run("x/1xw one:counter").endsWith("0x00000007"));
    assertTrue(run("x/1xw g2.cpu0:counter").endsWith("0x00000000"));
    assertTrue(run("x/1xw counter").endsWith("0x00000000"));
    assertTrue(run("info shadow -g one").startsWith("shadow paging of one"));
    assertEquals("two", shell.session().guest());
  }

  @Test
  void whoStopsIsTheCurrentOne() {
    run("bp work -g two");
    run("bp work --hits ==3");
    assertTrue(run("c").contains(" one.cpu0 prot32 cpl0 breakpoint "));
    assertTrue(run("c").contains(" two.cpu0 prot32 cpl0 breakpoint "));
    assertEquals("two", shell.session().guest());
    assertTrue(run("bl").contains("guest=one") && run("bl").contains("guest=two"));
    run("bp rm 1");
    assertEquals(1, run("bl").lines().skip(1).count());
    assertTrue(run("si -g one").contains(" one.cpu0 "));
    assertEquals("one", shell.session().guest());
    assertTrue(run("reset").contains("#0 "));
    assertTrue(run("x/1xw counter -g two").endsWith("0x00000000"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"guest three|no guest three: there is one, two", "guest 3|no guest 3", "r -g|-g needs a guest: one, two",
      "r -g nobody|no guest nobody", "cmp one:0 two:0 4|a line is about one guest", "snap save x.snap|guests of the monitor cannot be saved yet",
      "snap load x.snap|guests of the monitor cannot be saved yet", "journal x.journal|guests of the monitor cannot be saved yet",
      "x g9:0|no guest 9", "attach one|nobody is here to attach"})
  void mistakesAreOneClearLine(String line, String message) {
    BadInput wrong = assertThrows(BadInput.class, () -> run(line));
    assertTrue(wrong.getMessage().contains(message) && wrong.getMessage().lines().count() == 1, wrong.getMessage());
  }

  @Test
  void theEndOfAGuestIsAStopAndTheOthersGoOn() throws IOException {
    String dies = "bits 32\norg 0x100000\nstart: lidt [none]\n int3\nnone: dw 0\n dd 0\n";
    String ends = "bits 32\norg 0x100000\nstart: mov ecx, 300000\n loop $\n mov al, 3\n out 0xf4, al\n";
    open(dies, ends);
    String end = run("c");
    assertTrue(end.contains(" one.cpu0 ") && end.contains("triple-fault") && end.endsWith("two lives: c goes on"), end);
    assertTrue(assertThrows(BadInput.class, () -> run("si")).getMessage().startsWith("guest one has ended: 'c' goes on with the others"));
    assertTrue(run("c").contains(" two.cpu0 prot32 cpl0 exit:0x3 status=7"));
    assertTrue(assertThrows(BadInput.class, () -> run("c")).getMessage().contains("'reset' starts all guests again"));
    assertTrue(run("guest").contains("triple fault") && run("guest").contains("exit 7"));
  }

  /** Looking at all there is, in the middle of both guests, changes neither the state nor the course. */
  @Test
  void lookingChangesNothing() throws IOException {
    run("until #150000");
    run("until #260000");
    long undisturbed = first.stateHash();
    open();
    assertNotEquals(undisturbed, first.stateHash());
    run("until #150000");
    for (String guest : List.of("one", "two")) {
      run("guest " + guest);
      long before = first.stateHash();
      for (String line : everyLook()) {
        try {
          shell.execute(line);
        } catch (BadInput notHere) {
          assertTrue(notHere.getMessage().lines().count() == 1, line + ": " + notHere.getMessage());
        }
        assertEquals(before, first.stateHash(), line + " changed something of " + guest);
      }
    }
    run("guest one");
    run("until #260000");
    assertEquals(undisturbed, first.stateHash());
  }

  private List<String> everyLook() {
    var all = new ArrayList<>(List.of("ctx", "cpu", "guest", "r", "r all", "x/8xw eip", "xp/8xb 0", "u/5", "probe 0xfee00030", "bt", "pt walk eip",
        "pt both eip", "pt ls", "pt aliases p:0x100000", "find start 4096 0x90", "sym work", "? counter", "screen", "hash", "bl", "r -g one",
        "x/4xw two:esp", "help guest"));
    InfoCommand.topics(shell).keySet().forEach(t -> all.add("info " + t));
    return all;
  }

  @Test
  void linesOfGuestsStayWholeAndColoursEndWithThem() {
    var lines = new GuestLines(List.of("a", "long"));
    var out = new ArrayList<String>();
    byte[] a = "he\033[31mllo\033[2Jx\rnew line\r\n".getBytes(StandardCharsets.UTF_8);
    byte[] b = "grüße\n\033[1;1Htop\033[5;1Hmid\n\n".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < Math.max(a.length, b.length); i++) {
      if (i < a.length) {
        out.addAll(lines.accept(0, a[i], Style.PLAIN));
      }
      if (i < b.length) {
        out.addAll(lines.accept(1, b[i], Style.PLAIN));
      }
    }
    assertEquals(List.of("long | grüße", "a    | new line", "long | top", "long | mid", "long |"), out);
    "\033[32mred".chars().forEach(c -> lines.accept(0, c, Style.COLOUR));
    assertEquals("\033[36ma   \033[0m | \033[32mred\033[0m", lines.begun(0, Style.COLOUR, 80));
    "x".repeat(100).chars().forEach(c -> lines.accept(1, c, Style.PLAIN));
    assertEquals(20, lines.begun(1, Style.PLAIN, 20).length());
  }
}
