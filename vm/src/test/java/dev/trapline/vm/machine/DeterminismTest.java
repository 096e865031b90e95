package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.state.StateBinary;
import dev.trapline.vm.state.StateDiff;
import dev.trapline.vm.state.StateForm;
import dev.trapline.vm.state.StateJson;
import dev.trapline.vm.state.Stateful;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same machine does the same, whatever is beside it, however it is cut into runs, and whoever looks. */
class DeterminismTest {
  private static final long SLICE = 1_000_000;
  private static final int SLICES = Boolean.getBoolean("trapline.full") ? 400 : 25;
  private static final String TESTS = "tests=selfmod,syscall,cr3,pgfault,divzero,ptemod,popf,timer,ctxsw div=500";

  private static Machine machine() {
    return new Machine(MachineConfig.standard().withMemory(32L << 20)
        .withImage(BootImage.auto("guestbench.elf", Guests.resource("guestbench.elf"), TESTS)));
  }

  private static List<Long> hashes(Machine m) {
    List<Long> out = new ArrayList<>();
    out.add(m.stateHash());
    for (int i = 0; i < SLICES; i++) {
      m.run(SLICE);
      out.add(m.stateHash());
    }
    return out;
  }

  @Test
  void theSameRunTwiceHasTheSameHashEveryMillionInstructions() {
    List<Long> first = hashes(machine());
    assertEquals(first, hashes(machine()));
    assertNotEquals(first.get(1), first.get(2));
  }

  @Test
  void twoMachinesDoNotTouchEachOther() {
    Machine alone = machine();
    Machine a = machine();
    Machine b = new Machine(MachineConfig.standard().withMemory(32L << 20)
        .withImage(BootImage.auto("guestbench.elf", Guests.resource("guestbench.elf"), "tests=crc32,popf")));
    for (int i = 0; i < 8; i++) {
      alone.run(SLICE);
      b.run(SLICE / 3);
      a.run(SLICE);
      b.type('x');
      assertEquals(alone.stateHash(), a.stateHash(), "after " + (i + 1) + " slices");
    }
    assertNotEquals(a.stateHash(), b.stateHash());
  }

  @Test
  void theLengthOfTheRunsDoesNotMatter() {
    Machine whole = machine();
    Machine pieces = machine();
    long to = 3 * SLICE;
    whole.run(to);
    long piece = 1;
    while (pieces.cpu().count < to) {
      pieces.run(Math.min(piece, to - pieces.cpu().count));
      piece = piece * 7 % 9973 + 1;
    }
    assertEquals(whole.stateHash(), pieces.stateHash());
  }

  @Test
  void lookingChangesNothing() {
    Machine m = machine();
    m.run(SLICE);
    long before = m.stateHash();
    byte[] page = new byte[4096];
    for (long pa = 0; pa < m.memory().limit(); pa += 1 << 16) {
      m.memory().peek(pa, page, 0, page.length);
      m.memory().readableFrame(pa);
    }
    m.components().forEach(s -> StateJson.write(StateForm.apart(s.state())));
    m.ports().unknown();
    m.memory().regions();
    assertEquals(before, m.stateHash());
  }

  @Test
  void everyComponentsStateSurvivesItsSavedForms() {
    Machine m = machine();
    m.run(SLICE);
    Machine other = machine();
    for (int i = 0; i < m.components().size(); i++) {
      roundTrip(m.components().get(i), other.components().get(i));
    }
  }

  /** Nothing is forgotten: a machine that starts in the middle goes on as the one that was there. */
  @Test
  void aSnapshotContinuesAsTheOriginalDoes() {
    Machine original = machine();
    for (int i = 0; i < 6; i++) {
      original.run(SLICE + 12_345);
      Snapshot snapshot = original.snapshot();
      Machine copy = i == 0 ? machine() : new Machine(MachineConfig.standard().withMemory(32L << 20));
      copy.restore(snapshot);
      assertEquals(original.stateHash(), copy.stateHash());
      assertEquals(List.of(), snapshot.diff(copy.snapshot()));
      original.run(SLICE);
      copy.run(SLICE);
      assertEquals(List.of(), original.snapshot().diff(copy.snapshot()), "after " + original.cpu().count);
    }
  }

  @Test
  void aDifferenceHasAName() {
    Machine m = machine();
    Snapshot before = m.snapshot();
    m.cpu().r[3] ^= 1;
    m.ports().out(0x21, 1, 0x5a);
    m.memory().write(0x200000, 1, 7);
    List<String> paths = before.diff(m.snapshot()).stream().map(StateDiff.Difference::path).toList();
    assertEquals(List.of("cpu.general[3]", "pic.master.imr", "memory[0x200000]"), paths);
  }

  @Test
  void resetStartsOverWithTimeGoingOn() {
    Machine m = machine();
    Machine fresh = machine();
    m.run(SLICE);
    m.reset();
    List<String> paths = fresh.snapshot().diff(m.snapshot()).stream().map(StateDiff.Difference::path).toList();
    assertTrue(paths.stream().allMatch(p -> p.matches("cpu\\.(count|msrs\\[0\\])|pit\\..*tick|rtc\\..*|scheduler\\..*")), paths.toString());
    assertEquals(SLICE, m.cpu().count);
  }

  private static <S extends dev.trapline.vm.state.StateRecord> void roundTrip(Stateful<S> from, Stateful<?> to) {
    @SuppressWarnings("unchecked")
    Stateful<S> same = (Stateful<S>) to;
    S state = from.state();
    @SuppressWarnings("unchecked")
    Class<S> type = (Class<S>) state.getClass();
    S read = StateForm.together(type, StateJson.read(StateJson.write(StateForm.apart(state))), from.stateName());
    same.state(read);
    assertEquals(StateForm.apart(state), StateForm.apart(same.state()), from.stateName());
    assertEquals(StateForm.apart(state), StateBinary.read(StateBinary.write(StateForm.apart(state))));
  }
}
