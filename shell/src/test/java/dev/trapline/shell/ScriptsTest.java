package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every analysis in {@code scripts}: it has a header, runs, and shows what it is about. */
class ScriptsTest {
  /** What a script of {@code scripts} is started with here, and lines its output has (blanks as they come). */
  private record Case(String arguments, List<String> lines) {}

  private static final Map<String, Case> CASES = new TreeMap<>(Map.of(
      "popek-goldberg", new Case("--mode both --rows popf,sgdt,int,push,hlt,add --verbose", List.of("popf 1 -C-- 32 32 0 POPF 3B",
          "sgdt 1 ---L 32 32 0 GDTR_READ 3B", "int n 1 -CML 0 0 0 SWINT 3C", "push \\(segment\\) 2 of 6 --M- 32 32 0 3C", "hlt 1 P--- 0 0 0 HLT",
          "ok 32-bit: hvm: nothing differs from the bare machine", "ok 64-bit: trap: info holes counts exactly what differs")),
      "exit-costs", new Case("--count 200 --svg FOLDER/costs.svg", List.of("in hvm/nested 1 1 5 3460 3460 3460 3460 IOIO",
          "syscall hvm/shadow 0 0 6 0", "ok exits per event are as published"))));
  /** Scripts that have a test of their own. */
  private static final List<String> ELSEWHERE = List.of();

  @TempDir
  private Path folder;

  private static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.list(EmbeddedGuest.root().resolve("scripts"))) {
      return files.filter(f -> f.toString().endsWith(".groovy")).sorted().toList();
    }
  }

  private static String name(Path script) {
    return script.getFileName().toString().replace(".groovy", "");
  }

  static List<Path> tested() throws IOException {
    return scripts().stream().filter(s -> !ELSEWHERE.contains(name(s))).toList();
  }

  @Test
  void everyCaseHasItsScript() throws IOException {
    assertEquals(tested().stream().map(ScriptsTest::name).toList(), List.copyOf(CASES.keySet()));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aHeaderSaysWhatItAnswersHowItIsUsedAndWhatItPrints(Path script) throws IOException {
    String header = String.join("\n", Files.readAllLines(script).stream().takeWhile(l -> l.startsWith("//")).toList());
    assertTrue(header.lines().limit(2).anyMatch(l -> l.contains("?")), () -> script + " asks nothing");
    assertTrue(header.contains("// Usage: shell/trapline run "), () -> script + " does not say how to use it");
    assertTrue(header.contains("// Prints"), () -> script + " does not say what it prints");
  }

  @ParameterizedTest
  @MethodSource("tested")
  void itRuns(Path script) {
    Case c = CASES.get(name(script));
    var line = new ArrayList<>(List.of("run", script.toString()));
    Arrays.stream(c.arguments.split(" ")).filter(w -> !w.isEmpty()).map(w -> w.replace("FOLDER", folder.toString())).forEach(line::add);
    var program = new ProgramRun();
    int code = program.run(line.toArray(String[]::new));
    assertEquals(0, code, () -> program.out() + program.err());
    List<String> out = program.out().lines().map(l -> l.strip().replaceAll(" +", " ")).toList();
    c.lines.forEach(wanted -> assertTrue(out.stream().anyMatch(l -> l.matches(wanted) || l.equals(wanted)), () -> wanted + " is not in:\n" + program.out()));
  }
}
