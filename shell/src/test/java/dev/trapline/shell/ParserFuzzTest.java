package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.shell.command.Failure;
import dev.trapline.vm.debug.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is typed, the answer is a result or one line, never a Java exception. */
class ParserFuzzTest {
  private static final int LINES = Boolean.getBoolean("trapline.full") ? 100_000 : 4_000;
  private static final List<String> WORDS = List.of("eax", "0x100000", "start", "p:0x1000", "l:", "v:cs:eip", "-1", "--json", "--if",
      "--len", "/4xw",
      "99999999999999999999", "[", "]", "[eax]", "+", "rsp+8", "''", "\"", "'", "ls", "rm", "1", "#10", "#", "walk", "insn", "add",
      "mov eax,1",
      "--bits", "64", "{", "}", "=", "\u00e9", "\t", "dword", "||", "%n", "%s", "@file", "--", "-", "*", ";", "--at", "0",
      "0xffffffffffffffff",
      "07c0:001a", "gdt", "count", "0h", "--once", "--name", "x", "text:", "style", "radix", "16", "10", "!", "~");
  /** Not for guessing: they run for long, leave, or touch files. */
  private static final List<String> LEFT_OUT = List.of("c", "until", "finish", "ni", "quit", "load", "source", "echo", "type", "reset", "snap",
      "journal", "screenshot");

  @TempDir
  Path folder;

  @Test
  void randomLinesNeverEndInAJavaException() {
    ShellFixture f = new ShellFixture(folder, true);
    f.shell.script(null);
    f.session.limit(1000);
    Random random = new Random(20261122);
    List<String> names = Commands.ALL.names().stream().filter(n -> !LEFT_OUT.contains(n)).toList();
    for (int i = 0; i < LINES; i++) {
      String command = names.get(random.nextInt(names.size())) + (random.nextInt(6) == 0 ? "/" + random.nextInt(40) + "xw" : "");
      String line = command + " " + IntStream.range(0, random.nextInt(5)).mapToObj(n -> WORDS.get(random.nextInt(WORDS.size())))
          .collect(Collectors.joining(random.nextInt(8) == 0 ? "" : " "));
      check(f, line);
    }
  }

  @Test
  void randomCharactersNeverEndInAJavaException() {
    ShellFixture f = new ShellFixture(folder, true);
    f.shell.script(null);
    f.session.limit(1000);
    Random random = new Random(7);
    for (int i = 0; i < LINES; i++) {
      var line = new StringBuilder();
      for (int n = random.nextInt(20); n >= 0; n--) {
        line.append((char) (0x20 + random.nextInt(0x5f)));
      }
      check(f, line.toString());
    }
  }

  private static void check(ShellFixture f, String line) {
    try {
      f.run(line);
    } catch (BadInput | Failure answer) {
      assertEquals(1, answer.getMessage().lines().count(), line + " -> " + answer.getMessage());
    } catch (RuntimeException bug) {
      throw new AssertionError("'" + line + "' ended in " + bug, bug);
    }
  }
}
