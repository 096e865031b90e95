package dev.trapline.vm.machine.save;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.machine.Input;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.machine.ReplayException;
import dev.trapline.vm.state.StateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with typed input is repeated to the bit, and what is no such run says so. */
class JournalTest {
  private static final long SLICE = 100_000;
  private static final int FUZZ = Boolean.getBoolean("trapline.full") ? 1000 : 100;

  @TempDir
  private Path folder;

  /** Types at odd places: after limits, at breakpoints in the middle of interrupts, by a stop from another thread's view. */
  private static void session(Machine m, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      if (i % 4 == 1) {
        m.requestStop();
      }
      m.interpreter().breakpoints().set(i % 3 == 0 ? java.util.Set.of(0x7c00L + 31) : java.util.Set.of(), java.util.Set.of());
      m.interpreter().passBreakpoint();
      m.run(random.nextInt(20_000) + 1);
      m.type('a' + random.nextInt(16));
      if (i == 20) {
        m.inputs().poke(0x9100, new byte[] {1, 2, 3});
        m.inputs().change(m.cpu(), () -> m.cpu().r[6] = 0x55);
      }
    }
    m.interpreter().breakpoints().set(java.util.Set.of(), java.util.Set.of());
  }

  private Path recorded(long seed) {
    Path file = folder.resolve("run" + seed + ".journal");
    Machine m = Echo.machine();
    try (JournalWriter _ = new JournalWriter(file, m)) {
      session(m, seed);
      m.run(SLICE);
    }
    return file;
  }

  @Test
  void aRunWithInputIsRepeatedToTheSameHashes() {
    Path file = recorded(1);
    JournalFile journal = JournalFile.read(file);
    assertTrue(journal.complete());
    assertEquals(43, journal.entries().size());
    journal.require(Echo.config());
    List<Long> first = repeated(journal, SLICE);
    assertEquals(first.getLast(), repeated(journal, 777).getLast());
    assertEquals(first, repeated(journal, SLICE));
    assertNotEquals(first, repeated(JournalFile.read(recorded(2)), SLICE));
  }

  /** Hashes of the repeated run, the last at its end, which the journal's own hash has confirmed. */
  private static List<Long> repeated(JournalFile journal, long slice) {
    Machine m = Echo.machine();
    m.inputs().journal(journal.journal());
    List<Long> out = new ArrayList<>();
    Outcome o;
    do {
      o = m.run(slice);
      out.add(m.stateHash());
    } while (o instanceof Outcome.Limit);
    assertInstanceOf(Outcome.Replayed.class, o, o.toString());
    return out;
  }

  @Test
  void anotherRunThanTheJournalsIsNoticed() {
    JournalFile journal = JournalFile.read(recorded(1));
    Machine m = Echo.machine();
    m.inputs().journal(journal.journal());
    m.memory().write(0x7dfd, 1, 1);
    m.cpu().r[7]++;
    Outcome o = m.run(10 * SLICE);
    String how = assertInstanceOf(Outcome.Diverged.class, o).how();
    assertTrue(how.matches("the run does not follow its journal: at input 1 of 43, due at #\\d+, the processors are in another state .*"), how);
    m.type('x');
    assertInstanceOf(Outcome.Limit.class, m.run(SLICE));
  }

  @Test
  void whatOnlyMemoryShowsIsNoticedAtTheEnd() {
    Machine m = Echo.machine();
    m.inputs().journal(JournalFile.read(recorded(1)).journal());
    m.memory().write(0x300000, 1, 1);
    Outcome o = m.run(100 * SLICE);
    assertTrue(assertInstanceOf(Outcome.Diverged.class, o).how().contains("at its end memory or devices are in another state"), o.toString());
  }

  @Test
  void otherInputMustWaitForTheEndOfTheJournal() {
    Machine m = Echo.machine();
    m.inputs().journal(JournalFile.read(recorded(1)).journal());
    assertThrows(ReplayException.class, () -> m.type('x'));
    m.run(100 * SLICE);
    m.type('x');
  }

  @Test
  void anotherMachineIsRefused() {
    JournalFile journal = JournalFile.read(recorded(1));
    ReplayException e = assertThrows(ReplayException.class, () -> journal.require(Echo.config().withMemory(5L << 20)));
    assertEquals("the journal is of another machine: memory was 4194304, is 5242880", e.getMessage());
  }

  @Test
  void aJournalWithoutItsEndIsRepeatedAsFarAsItGoes() throws IOException {
    Path file = recorded(1);
    List<String> lines = Files.readAllLines(file);
    Files.write(file, lines.subList(0, lines.size() - 1));
    JournalFile journal = JournalFile.read(file);
    assertEquals(false, journal.complete());
    Machine m = Echo.machine();
    m.inputs().journal(journal.journal());
    assertInstanceOf(Outcome.Limit.class, m.run(20 * SLICE));
    assertEquals(42, m.inputs().journal().done());
  }

  @Test
  void everyKindOfInputSurvivesItsLine() {
    byte[] bytes = {0, -1, '"', '\\', '\n', 'x', 0x7f};
    check(new Input(Input.Kind.TYPE, "virtio-console0", 0, bytes));
    check(new Input(Input.Kind.KEY, "screen", 0x11c, new byte[0]));
    check(new Input(Input.Kind.FRAME, "virtio-net0", 0, bytes));
    check(new Input(Input.Kind.POWER, "", 0, new byte[0]));
    check(new Input(Input.Kind.MEMORY, "", -1, bytes));
    check(new Input(Input.Kind.STATE, "cpu", 0, bytes));
  }

  private void check(Input in) {
    var entry = new dev.trapline.vm.machine.Journal.Entry(5, 2, -7, in);
    Path file = folder.resolve("one.journal");
    Check check = new Check();
    try {
      Files.writeString(file, JournalFile.FIRST + "  " + check.of(JournalFile.FIRST) + "\n" + JournalFile.line(entry) + "  "
          + check.of(JournalFile.line(entry)) + "\n", StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertEquals(List.of(entry), JournalFile.read(file).entries());
  }

  @Test
  void aDamagedJournalIsRefusedInOneLine() throws IOException {
    byte[] good = Files.readAllBytes(recorded(1));
    Random random = new Random(7);
    Path file = folder.resolve("bad.journal");
    for (int i = 0; i < FUZZ; i++) {
      byte[] bad = damaged(good, random);
      Files.write(file, bad);
      StateException e = assertThrows(StateException.class, () -> JournalFile.read(file), "case " + i);
      assertTrue(e.getMessage().matches("journal .*bad.journal, line \\d+: .+") && e.getMessage().lines().count() == 1, e.getMessage());
    }
  }

  private static byte[] damaged(byte[] good, Random random) {
    byte[] bad = good.clone();
    if (random.nextInt(3) == 0) {
      // Not at the end of a line: there a journal may have been broken off.
      int n = random.nextInt(good.length);
      return java.util.Arrays.copyOf(bad, n > 0 && good[n - 1] == '\n' ? n - 1 : n);
    }
    bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
    return bad;
  }

  @Test
  void aLineWithAGoodChecksumAndNonsenseIsRefused() throws IOException {
    for (String line : List.of("", "#1", "#1 fly \"\" 0x0000000000000000", "#1 frame n \"xyz\" 0x0000000000000000", "machine x",
        "#1 type uart0 \"\\u12\" 0x0000000000000000", "trapline journal 2", "#99999999999999999999 power \"\" 0x0000000000000000")) {
      Path file = folder.resolve("nonsense.journal");
      CRC32C sum = new CRC32C();
      StringBuilder text = new StringBuilder();
      for (String l : List.of(JournalFile.FIRST, line)) {
        sum.update((l + "\n").getBytes(StandardCharsets.ISO_8859_1));
        text.append(l).append("  ").append(String.format("%08x", (int) sum.getValue())).append('\n');
      }
      Files.writeString(file, text);
      StateException e = assertThrows(StateException.class, () -> JournalFile.read(file), line);
      assertTrue(e.getMessage().contains("line 2: "), e.getMessage());
    }
  }
}
