package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every analysis in {@code scripts}: it has a header, runs, and shows what it is about. */
class ScriptsTest {
  /** How a script is started here, its exit code, and lines its output has: as they are but for blanks, or as expressions. */
  private record Case(String script, String arguments, int code, List<String> lines) {
    Case(String script, String arguments, int code, String... lines) {
      this(script, arguments, code, List.of(lines));
    }
  }

  private static final List<Case> CASES = List.of(
      new Case("boot-timeline", "--until checksum", 0, "0\\.000187 0\\.0000\\d\\d starting processes",
          "0\\.0740\\d\\d 0\\.00000\\d sieve: 3512 primes.*"),
      new Case("boot-timeline", "--until nothing --limit 100000", 1, "FAILED the boot comes to its end: does not hold"),
      new Case("exit-costs", "--count 200 --svg FOLDER/costs.svg", 0, "in hvm/nested 1 1 \\d+ 3460 3460 3460 3460 IOIO",
          "syscall hvm/shadow 0 0 6 0", "cr8wr hvm/nested 0 0 3 0", "ok exits per event are as published"),
      new Case("fault-profile", "", 0, "not present write user 8", "0x507000 1"),
      new Case("heat-map", "--svg FOLDER/heat.svg", 0, "0x00112000 \\|%#\\s+\\| 0 reads 1024 writes"),
      new Case("interrupt-latency", "", 0, "0x20 29 99\\d+ \\d+ \\d+ 20 20"),
      new Case("popek-goldberg", "--mode all --rows popf,sgdt,int,push,hlt,add --verbose", 0, "popf 1 -C-- 32 32 0 POPF 3B",
          "sgdt 1 ---L 32 32 0 GDTR_READ 3B", "int n 1 -CML 0 0 0 SWINT 3C", "push \\(segment\\) 2 of 6 --M- 32 32 0 3C", "hlt 1 P--- 0 0 0 HLT",
          "popf 1 PC-- 0 0 0 POPF", "ok 16-bit: hvm: nothing differs from the bare machine",
          "ok 32-bit: hvm: nothing differs from the bare machine", "ok 64-bit: trap: info holes counts exactly what differs"),
      new Case("scheduler-fairness", "--limit 15000000", 0, "g2 512 \\d+ (49|50)\\.\\d 50\\.0 \\d+", "g3 256 \\d+ 2[45]\\.\\d 25\\.0 \\d+"),
      new Case("scheduler-fairness", "--policy round-robin --weights 1,9 --limit 6000000", 0, "g1 1 \\d+ 50\\.0 50\\.0 \\d+",
          ".*half slices: (1122){15}"),
      new Case("shadow-audit", "--limit 9000000", 0, "\\d\\d invariants held after each of \\d{4} exits", "true faults 8 .*",
          "ok shadow tables are coherent"),
      new Case("syscall-trace", "--show 3", 0, "18940 0x200000 int 80h 2 0x40016c 0x17 0x400182 sieve_line\\+0x5", "int 80h 2 13",
          "int 80h 1 2"),
      new Case("table-watch", "--limit 4000000", 0, "IDT at 0x113000, 256 gates; GDT at 0x100818, 6 descriptors"),
      new Case("table-watch", "--limit 4000000 --plant", 1, "gate 0x2f: 0x10.... <.*> -> 0x10bee0",
          "FAILED the gates are as they were: does not hold"),
      new Case("wx-audit", "", 1, "paging on: prot32, NX off, SMEP off, SMAP off, WP on", "0x0 0x3fffff 0x0 rwxs",
          "FAILED no page can be both written and executed: does not hold"));
  /** Scripts that have a test of their own. */
  private static final List<String> ELSEWHERE = List.of("isolation-audit");

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
    assertEquals(tested().stream().map(ScriptsTest::name).toList(), CASES.stream().map(Case::script).distinct().toList());
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aHeaderSaysWhatItAnswersHowItIsUsedAndWhatItPrints(Path script) throws IOException {
    String header = String.join("\n", Files.readAllLines(script).stream().takeWhile(l -> l.startsWith("//")).toList());
    assertTrue(header.lines().limit(2).anyMatch(l -> l.contains("?")), () -> script + " asks nothing");
    assertTrue(header.contains("// Usage: shell/trapline run "), () -> script + " does not say how to use it");
    assertTrue(header.contains("// Prints"), () -> script + " does not say what it prints");
  }

  static List<Case> cases() {
    return CASES;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itRuns(Case c) {
    Path script = EmbeddedGuest.root().resolve("scripts").resolve(c.script + ".groovy");
    var line = new ArrayList<>(List.of("run", script.toString()));
    Arrays.stream(c.arguments.split(" ")).filter(w -> !w.isEmpty()).map(w -> w.replace("FOLDER", folder.toString())).forEach(line::add);
    var program = new ProgramRun();
    int code = program.run(line.toArray(String[]::new));
    assertEquals(c.code, code, () -> program.out() + program.err());
    List<String> out = program.out().lines().map(l -> l.strip().replaceAll(" +", " ")).toList();
    c.lines.forEach(wanted -> assertTrue(out.stream().anyMatch(l -> l.equals(wanted) || l.matches(wanted)), () -> wanted + " is not in:\n" + program.out()));
  }
}
