package dev.trapline.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code scripts/isolation-audit.groovy}: what it prints, and that it can fail. */
class IsolationAuditTest {
  private final ProgramRun program = new ProgramRun();

  private int audit(String... args) {
    var line = new ArrayList<>(List.of("run", EmbeddedGuest.root().resolve("scripts/isolation-audit.groovy").toString()));
    line.addAll(List.of(args));
    return program.run(line.toArray(String[]::new));
  }

  private List<String> rows() {
    return program.out().lines().filter(l -> l.matches("[a-z ]+ (hvm|trap)/[a-z]+ +[0-9].*")).toList();
  }

  @Test
  void itPrintsARowForEachKindAndTechnique() {
    assertEquals(0, audit("--exits", "5"), program::err);
    assertEquals(26, rows().size(), program::out);
    assertTrue(rows().stream().allMatch(r -> r.trim().endsWith(" 0")), program::out);
    assertTrue(program.out().lines().anyMatch(l -> l.startsWith("ok      no frame of another guest")), program::out);
  }

  @Test
  void aLeakEndsItWithOne() {
    assertEquals(1, audit("--exits", "100", "--kind", "system", "--technique", "hvm/nested", "--leak", "monitor"));
    assertEquals(1, rows().size(), program::out);
    assertTrue(program.out().contains("FAILED  no frame"), program::out);
    assertTrue(program.out().contains("audit O1") && program.out().contains("VMCB of witness/0"), program::out);
  }

  @Test
  void whatItDoesNotKnowIsOneLine() {
    assertEquals(1, audit("--kind", "kind"));
    assertTrue(program.err().stripTrailing().endsWith(
        "--kind kind: one of code, user code, system, ports, mmio, tables, dma, hypercalls, vmcb expected"), program::err);
  }
}
