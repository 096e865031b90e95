package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code boot} of several guests: the descriptions in scripts/machines, what is wrong with others, and how each guest's end is told. */
class GroupBootTest {
  /** Prints a letter and a line end, then does something. */
  private static final String GUEST = """
      bits 32
      org 0x100000
      start: mov dx, 0x3f8
        mov al, '%s'
        out dx, al
        mov al, 10
        out dx, al
        %s
      """;
  @TempDir
  private Path folder;

  private ProgramRun boot(String description, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("m.groovy"), description);
    var line = new java.util.ArrayList<>(List.of("boot", "--machine", file.toString()));
    line.addAll(List.of(options));
    return ProgramRun.of(line.toArray(String[]::new));
  }

  private String guest(String name, String letter, String end) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".asm"), GUEST.formatted(letter, end));
    return "guest('" + name + "') { kernel '" + file + "'; memory '4M' }\n";
  }

  private void refused(String why, String description, String... options) throws IOException {
    ProgramRun run = boot(description, options);
    assertEquals(2, run.status());
    assertTrue(run.err().contains(why) && run.err().lines().count() == 1, run.err());
  }

  @Test
  void twoGuestsEndAsOnTheBareMachineEachUnderItsName() {
    Path file = EmbeddedGuest.root().resolve("scripts/machines/two-guests.groovy");
    ProgramRun run = ProgramRun.of("boot", "--machine", file.toString(), "--stats");
    assertEquals(0, run.status(), run.err());
    for (String name : new String[] {"shadow", "nested"}) {
      assertEquals(4, run.out().lines().filter(l -> l.equals(name + " | sieve: 3512 primes below 32768, checksum 3990164474")).count());
      assertTrue(run.out().contains(name + " | ALL DONE\n"), run.out());
      assertTrue(run.out().contains(name + " : exit 33\n"), run.out());
      assertTrue(run.err().matches("(?s).*\n" + name + ": \\d+ instructions, \\d+\\.\\d+ seconds.*"), run.err());
    }
    assertEquals(2, run.err().lines().filter(l -> l.startsWith("IOIO ")).count(), run.err());
    assertEquals(2, run.err().lines().filter(l -> l.startsWith("overheads of ")).count(), run.err());
  }

  /** Audits do not show while all is well; a level that is none is refused in one line. */
  @Test
  void tablesAreAuditedOnDemandAndAfterExits() {
    ProgramRun run = ProgramRun.of("--audit", "entries:5", "-e", "si 20000", "info audit", "info audit --json");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("A3         none        nothing that is traced can be stored to"), run.out());
    assertTrue(run.out().contains("\"invariant\":\"T1\"") && !run.out().contains("N1"), run.out());
    ProgramRun wrong = ProgramRun.of("--audit", "much", "-e", "info audit");
    assertEquals(2, wrong.status());
    assertTrue(wrong.err().contains("--audit 'much': off, entries or full expected") && wrong.err().lines().count() == 1, wrong.err());
  }

  @Test
  void withoutAnythingTheSmallSystemRunsOnceByEachTechnique() {
    ProgramRun run = ProgramRun.of("boot", "--until", "Mini: two processes");
    assertEquals(0, run.status(), run.err());
    for (String name : new String[] {"hvm ", "trap"}) {
      assertTrue(run.out().contains(name + " | Mini: two processes"), run.out());
      assertTrue(run.out().contains(name + " : still running\n"), run.out());
    }
  }

  @Test
  void aTextIsAwaitedOfEveryGuest() throws IOException {
    String done = "mov al, 3\n out 0xf4, al";
    String both = "machine { " + guest("one", "X", done) + guest("two", "X", "jmp $") + "}";
    ProgramRun run = boot(both, "--until", "X");
    assertEquals(0, run.status(), run.err());
    String oneOnly = "machine { " + guest("one", "X", done) + guest("two", "Y", done) + "}";
    ProgramRun late = boot(oneOnly, "--until", "X");
    assertEquals(4, late.status());
    assertEquals("trapline: not all guests have printed 'X'\n", late.err());
    assertEquals(4, boot(oneOnly.replace("two.asm", "none.asm").replace("none.asm", "two.asm"), "--until", "X", "--limit", "5000").status());
  }

  @Test
  void aGuestIsSwitchedOffWhenItHasPrintedItsText() throws IOException {
    String endless = guest("endless", "E", "jmp $").replace("}", "; until 'E' }");
    ProgramRun run = boot("machine { " + guest("one", "X", "mov ecx, 1000000\n loop $\n mov al, 3\n out 0xf4, al") + endless + "}");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("endless : powered off") && run.out().contains("one     : exit 7"), run.out());
    String late = guest("late", "L", "mov ecx, 2000000\n loop $\n mov dx, 0x3f8\n mov al, 'M'\n out dx, al\n jmp $").replace("}", "; until 'M' }");
    ProgramRun last = boot("machine { " + guest("one", "X", "mov al, 3\n out 0xf4, al") + late + "}");
    assertEquals(0, last.status(), last.err());
    ProgramRun other = boot("machine { " + guest("one", "X", "mov al, 3\n out 0xf4, al") + endless.replace("'E'", "'F'") + "}", "--limit", "50000");
    assertEquals(4, other.status());
  }

  @Test
  void eachEndIsToldAndABadOneIsTheStatus() throws IOException {
    String dies = "lidt [none]\n int3\n none: dw 0\n dd 0";
    ProgramRun run = boot("machine { " + guest("good", "g", "mov al, 3\n out 0xf4, al") + guest("bad", "b", dies)
        + guest("deaf", "d", "cli\n hlt\n jmp $ - 2") + "}");
    assertEquals(3, run.status());
    assertEquals("trapline: bad, deaf did not end by itself\n", run.err());
    assertTrue(run.out().endsWith("good : exit 7\nbad  : triple fault\ndeaf : halted for ever\n"), run.out());
    assertTrue(run.out().contains("good | g\n") && run.out().contains("-- guest bad has ended: triple fault --"), run.out());
  }

  @Test
  void aGuestThatResetsItsMachineIsStartedAgain() throws IOException {
    String again = "inc dword [0x8000]\n cmp dword [0x8000], 3\n mov al, 3\n je done\n mov al, 0xfe\n out 0x64, al\n jmp $\n done: out 0xf4, al";
    String machine = "machine { " + guest("again", "a", again) + guest("other", "o", "mov al, 3\n out 0xf4, al") + "}";
    ProgramRun run = boot(machine);
    assertEquals(0, run.status(), run.err());
    assertEquals(3, run.out().lines().filter("again | a"::equals).count(), run.out());
    assertTrue(boot(machine, "--no-reboot").out().contains("again : reset\n"));
  }

  /** The small system by either technique, each on a processor of its own, and once more in what they leave. */
  @Test
  void guestsShareTwoProcessors() throws IOException {
    ProgramRun run = boot("machine { processors 2; scheduler 'bvt'; guest('a') { memory '32M' }\n"
        + "guest('b') { memory '32M'; technique 'trap' }; guest('c') { memory '32M'; paging 'nested' } }");
    assertEquals(0, run.status(), run.err());
    for (String name : new String[] {"a", "b", "c"}) {
      assertEquals(4, run.out().lines().filter(l -> l.equals(name + " | sieve: 3512 primes below 32768, checksum 3990164474")).count(), run.out());
      assertTrue(run.out().contains(name + " : exit 33"), run.out());
    }
  }

  @Test
  void aLimitEndsIt() throws IOException {
    ProgramRun run = boot("machine { guest('a') { memory '32M' }; guest('b') { memory '32M' } }", "--limit", "1000000");
    assertEquals(4, run.status());
    assertEquals("trapline: the limit of 1000000 instructions came first\n", run.err());
    assertTrue(run.out().contains("a : still running"), run.out());
  }

  @Test
  void whatIsWrongIsSaidInOneLine() throws IOException {
    refused("machine { ... guest('name') { ... } } expected", "");
    refused("machine { ... guest('name') { ... } } expected", "machine { memory '1G' }");
    refused("no Groovy", "machine { guest( }");
    refused("guest a: Unknown option", "machine { guest('a') { flavour 'sweet' } }");
    refused("guest a: --technique magic: one of", "machine { guest('a') { technique 'magic' } }");
    refused("guest a: a guest is neither bare nor", "machine { guest('a') { bare() } }");
    refused("KiB wanted", "machine { memory '16M'; guest('a') { memory '32M' } }");
    refused("there is a guest a already", "machine { guest('a') { memory '32M' }; guest('a') { memory '32M' } }");
    refused("lottery is no scheduling policy: round-robin, credit or bvt expected", "machine { scheduler 'lottery'; guest('a') {} }");
    refused("processors", "machine { processors 9; guest('a') {} }");
    refused("weight -1", "machine { guest('a') { weight(-1) } }");
    refused("--machine says what its guests are", "machine { guest('a') { memory '32M' } }", "--kernel", "x");
    refused("--debugcon is for one guest", "machine { guest('a') { memory '32M' }; guest('b') { memory '32M' } }", "--debugcon", "-");
    refused("--journal is for the bare machine so far: add --bare", "machine { guest('a') { memory '32M' } }", "--journal", "x");
  }
}
