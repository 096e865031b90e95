package dev.trapline.vm.isa.asm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.CodeSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged source: it assembles, or each error is one clear line with its place; nothing else ever comes out. */
class AssemblerFuzzTest {
  private static final int CASES = Boolean.getBoolean("trapline.full") ? 200_000 : 6_000;
  private static final String NOISE = "%$[]()+-*/,:;'\"`~!<>=&|^.\\{}#?@0x19afhbq_ \t";
  private final Assembler assembler = new Assembler(X86.set());
  private final Random random = new Random(20260203);

  private static List<String> corpus() throws IOException {
    try (var in = AssemblerFuzzTest.class.getResourceAsStream("features.asm")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private String damage(String line) {
    var s = new StringBuilder(line);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(s.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> s.insert(at, NOISE.charAt(random.nextInt(NOISE.length())));
        case 1 -> s.delete(at, Math.min(s.length(), at + 1 + random.nextInt(3)));
        default -> s.insert(at, line, 0, Math.min(line.length(), 4));
      }
    }
    return s.toString();
  }

  @Test
  void damagedLines() throws IOException {
    List<String> lines = corpus();
    int wrong = 0;
    for (int i = 0; i < CASES; i++) {
      String text = damage(lines.get(random.nextInt(lines.size())));
      try {
        assembler.line(text, 0x1000, CodeSize.values()[random.nextInt(3)]);
      } catch (AsmException e) {
        wrong++;
        check(text, e);
      }
    }
    assertTrue(wrong > CASES / 2, "errors: " + wrong);
  }

  @Test
  void damagedPrograms() throws IOException {
    List<String> lines = corpus();
    for (int i = 0; i < CASES / 60; i++) {
      var text = new ArrayList<String>();
      int from = random.nextInt(lines.size());
      for (String line : lines.subList(from, Math.min(lines.size(), from + 30))) {
        text.add(random.nextInt(5) == 0 ? damage(line) : line);
      }
      String program = String.join("\n", text);
      try {
        assembler.assemble(program);
      } catch (AsmException e) {
        check(program, e);
        e.errors().forEach(m -> assertTrue(m.startsWith("text:") || m.startsWith("section "), m));
      }
    }
  }

  private static void check(String text, AsmException e) {
    for (String m : e.errors()) {
      assertFalse(m.isBlank() || m.contains("\n") || m.contains("null"), () -> text + " -> " + m);
    }
  }
}
