package dev.trapline.vm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.theory.Finding.Kind;
import dev.trapline.vm.theory.Start.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Popek and Goldberg's sets by experiment, and that the experiment notices what is wrong. */
class TheoryTest {
  /** Some of each set; without the forms with many selectors. */
  private static final Set<String> SOME = Set.of("sgdt", "sidt", "sldt", "str", "smsw", "pushf", "popf", "push", "int", "cpuid", "fnstenv",
      "fld1", "cli", "hlt", "in", "lgdt", "lmsw", "rdtsc", "cmc", "movs", "syscall", "xgetbv", "verw", "lfs",
      "vmrun");
  /** Privileged, though neither CPL nor IOPL is in the row: which says why. */
  private static final Map<String, String> PRIVILEGED = Map.of("rdtsc", "CR4.TSD", "rdtscp", "CR4.TSD", "xsetbv", "its operands come first",
      "clac", "#UD", "stac", "#UD", "sysexit", "SYSENTER_CS comes first");

  private static List<String> wrong(Theory theory) {
    return theory.claims().stream().filter(c -> !c.holds()).map(Theory.Claim::toString).toList();
  }

  private static Theory run(int bits, Sweep.Hook hook, Set<String> mnemonics) {
    var theory = new Theory(bits, new Sweep(bits, List.of(Theory.TRAP, Theory.HVM), hook));
    assertTrue(theory.run(mnemonics) > 0);
    return theory;
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64})
  void aSampleIsWhatTheTheorySays(int bits) {
    Theory theory = run(bits, Sweep.Hook.NONE, SOME);
    assertEquals(List.of(), wrong(theory));
    Map<String, String> kinds = theory.holes().stream().collect(Collectors.toMap(Theory.Line::name, Theory.Line::kinds));
    assertEquals("---L", kinds.get("sgdt"));
    assertEquals("---L", kinds.get("pushf"));
    assertEquals("-C--", kinds.get("popf"));
    assertEquals("-CML", kinds.get("int n"));
    assertEquals(bits == 32 ? "--M-" : null, kinds.get("push (segment)"));
    Set<String> privileged = theory.privileged().stream().map(Theory.Line::name).collect(Collectors.toSet());
    assertEquals(Set.of("cli", "hlt", "in", "lgdt", "lmsw", "rdtsc"), privileged);
  }

  /** Virtual-8086 mode was made for this: with IOPL 0 all of the 8086 that is sensitive traps, and three names that came later do not. */
  @Test
  void theProgramsOfThe8086AreVirtualizable() {
    Theory theory = run(16, Sweep.Hook.NONE, Set.of("pushf", "popf", "int", "iret", "cli", "in", "cmc", "sgdt", "sidt", "smsw", "syscall"));
    assertEquals(List.of(), wrong(theory));
    assertEquals(List.of("syscall", "sgdt", "sidt", "smsw"), theory.holes().stream().map(Theory.Line::name).toList());
    Set<String> privileged = theory.privileged().stream().map(Theory.Line::name).collect(Collectors.toSet());
    assertEquals(Set.of("pushf", "popf", "int n", "iret", "cli", "in"), privileged);
  }

  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  @Test
  void everyRowIn8086ModesIsWhatTheTheorySays() {
    var theory = new Theory(16);
    theory.run();
    assertEquals(List.of(), wrong(theory));
  }

  @EnabledIfSystemProperty(named = "trapline.full", matches = "true")
  @ParameterizedTest
  @ValueSource(ints = {32, 64})
  void everyRowIsWhatTheTheorySays(int bits) {
    var theory = new Theory(bits);
    theory.run();
    assertEquals(List.of(), wrong(theory));
    Set<String> privileged = new TreeSet<>();
    theory.findings().stream().filter(Finding::privileged).filter(f -> !f.row().is(Attr.CPL0) && !f.row().is(Attr.IOPL))
        .forEach(f -> privileged.add(f.row().mnemonic()));
    assertEquals(new TreeSet<>(PRIVILEGED.keySet()), privileged);
    assertEquals(Set.of("rdtsc", "rdtscp"), theory.findings().stream().filter(f -> f.is(Kind.CLOCK)).map(f -> f.row().mnemonic())
        .collect(Collectors.toSet()));
  }

  @Test
  void everyRowIsTriedInOneOfTheModes() {
    Set<String> untried = new TreeSet<>();
    X86.set().rows().stream().filter(r -> Samples.of(r, new Layout(32)).isEmpty() && Samples.of(r, new Layout(64)).isEmpty())
        .forEach(r -> untried.add(r.toString()));
    assertEquals(Set.of(), untried);
  }

  // ---- it can fail

  private static Outcome stored(Outcome o) {
    var changes = new ArrayList<>(o.changes());
    changes.add(new Outcome.Change(Layout.DATA, (byte) 0x5a));
    return new Outcome(o.before(), o.after(), changes, o.port(), o.ended(), o.holes());
  }

  private static List<String> failing(Theory theory) {
    return theory.claims().stream().filter(c -> !c.holds()).map(c -> c.text().substring(0, c.text().indexOf(' '))).toList();
  }

  @Test
  void aDifferenceUnderHardwareAssistIsNoticed() {
    Theory theory = run(32, (rig, sample, start, o) -> rig.equals("hvm") ? stored(o) : o, Set.of("cmc"));
    assertEquals(List.of("hvm:"), failing(theory));
    assertEquals("cmc: SUPERVISOR, nothing displaced: memory as before/a000:5a",
        Theory.text(theory.findings().getFirst().comparison("hvm").first()));
  }

  @Test
  void anInnocuousInstructionThatEscapesAndAWatchThatMissesItAreNoticed() {
    Theory theory = run(32, (rig, sample, start, o) -> rig.equals("trap") ? stored(o) : o, Set.of("cmc"));
    assertEquals(List.of("trap:", "trap:"), failing(theory));
  }

  @Test
  void aWatchThatCountsWithoutADifferenceIsNoticed() {
    Theory theory = run(32, (rig, sample, start, o) -> rig.equals("trap")
        ? new Outcome(o.before(), o.after(), o.changes(), o.port(), o.ended(), 1) : o, Set.of("cmc"));
    assertEquals(List.of("trap:"), failing(theory));
  }

  /** CMC made to depend on the mode, on all machines alike: the list does not know it, and its row does not say it. */
  @Test
  void anUnknownSensitiveInstructionIsNoticed() {
    Theory theory = run(32, (rig, sample, start, o) -> start.level() == Level.USER ? stored(o) : o, Set.of("cmc"));
    assertEquals(List.of("what", "the"), failing(theory));
    assertEquals("--M-", theory.holes().getFirst().kinds());
  }

  /** HLT that completes in user mode is not privileged, whatever its row says. */
  @Test
  void aPrivilegedInstructionThatDoesNotTrapIsNoticed() {
    Map<String, Outcome> supervisor = new HashMap<>();
    Theory theory = run(32, (rig, sample, start, o) -> {
      if (start.level() == Level.SUPERVISOR) {
        supervisor.put(rig + start.displacement(), o);
      }
      return supervisor.get(rig + start.displacement());
    }, Set.of("hlt"));
    assertEquals(List.of("the"), failing(theory));
    assertEquals(List.of(), theory.privileged());
  }

  /** Eighteen names, not seventeen; PUSH of CS and SS does not exist in 64-bit mode. */
  @Test
  void theListHasEighteenNames() {
    assertEquals(18, RobinIrvine.in(32).size());
    assertEquals(17, RobinIrvine.in(64).size());
  }
}
