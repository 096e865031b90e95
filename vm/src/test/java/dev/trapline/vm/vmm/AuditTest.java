package dev.trapline.vm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.asm.Assembler;
import dev.trapline.vm.machine.BootImage;
import dev.trapline.vm.machine.Machine;
import dev.trapline.vm.machine.MachineConfig;
import dev.trapline.vm.machine.Outcome;
import dev.trapline.vm.vmm.ShadowPage.Slot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Audits of guests' tables: silent on a sound guest, and each invariant fires when it is broken. */
class AuditTest {
  private static final long MIB = 1L << 20;

  private static MachineConfig mini() {
    Path at = Path.of(System.getProperty("trapline.root", System.getProperty("user.dir"))).toAbsolutePath();
    while (!Files.exists(at.resolve("LICENSE"))) {
      at = at.getParent();
    }
    byte[] program = new Assembler(X86.set()).assemble(at.resolve("scripts/guests/mini.asm")).bytes();
    return MachineConfig.standard().withMemory(32 * MIB).withImage(BootImage.auto("mini", program, ""));
  }

  private static Monitor monitor(long memory) {
    return new Monitor(new Machine(MachineConfig.standard().withMemory(memory).withPlatform(MachineConfig.Platform.PC)));
  }

  private static Guest guest(Monitor monitor, String technique, String paging) {
    return monitor.add(new GuestSpec("a", mini(), technique, paging, GuestSpec.STANDARD_WEIGHT, 0));
  }

  @ParameterizedTest
  @CsvSource({"hvm,shadow,full:25", "hvm,nested,full:25", "trap,shadow,full:25", "hvm,shadow,entries:3", "trap,shadow,entries:3"})
  void aSoundGuestPassesAtEveryExit(String technique, String paging, String audit) {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = guest(monitor, technique, paging);
    guest.audits(AuditPlan.of(audit));
    Outcome o = monitor.run(1_000_000_000);
    assertEquals("", guest.broken().orElse(""));
    assertInstanceOf(Outcome.PowerOff.class, o);
    assertEquals(new Outcome.Exit(16), guest.ended().orElseThrow());
  }

  /** A run with audits is the same run. */
  @Test
  void auditsChangeNothing() {
    Monitor plain = monitor(64 * MIB);
    Guest one = guest(plain, "hvm", "shadow");
    plain.run(6_000_000);
    Monitor audited = monitor(64 * MIB);
    Guest other = guest(audited, "hvm", "shadow");
    other.audits(AuditPlan.of("full:25"));
    audited.run(6_000_000);
    assertEquals(one.machine().stateHash(), other.machine().stateHash());
    assertEquals(one.account().count(), other.account().count());
  }

  /** Runs the small system to where it has a user process mapped, spoils something, and says what a full audit finds. */
  private static Set<Invariant> spoiled(String paging, BiConsumer<Monitor, Guest> spoil) {
    Monitor monitor = monitor(64 * MIB);
    Guest guest = guest(monitor, "hvm", paging);
    monitor.run(3_000_000);
    assertEquals(List.of(), monitor.audit(guest, AuditPlan.Level.FULL));
    spoil.accept(monitor, guest);
    var found = EnumSet.noneOf(Invariant.class);
    monitor.audit(guest, AuditPlan.Level.FULL).forEach(v -> {
      assertTrue(v.toString().startsWith("a: audit " + v.invariant() + ": "), v::toString);
      found.add(v.invariant());
    });
    return found;
  }

  private static ShadowPool pool(Guest g) {
    return ((ShadowMmu) g.mmu()).pool();
  }

  /** The first entry of a level that has some bits and not others. */
  private static Slot entry(Guest g, int level, long with, long without) {
    for (ShadowPage p : pool(g).pages()) {
      for (int i = 0; p.key().level() == level && i < ShadowPage.ENTRIES; i++) {
        if ((p.entry(i) & with) == with && (p.entry(i) & without) == 0) {
          return new Slot(p, i);
        }
      }
    }
    throw new AssertionError("no entry with " + Long.toHexString(with) + " and without " + Long.toHexString(without));
  }

  /** Flips bits of an entry in host memory. */
  private static BiConsumer<Monitor, Guest> flip(int level, long with, long without, long bits) {
    return (m, g) -> {
      Slot s = entry(g, level, with, without);
      m.frames().memory().write(s.page().frame() + 8 * s.index(), 8, s.page().entry(s.index()) ^ bits);
    };
  }

  /** The same of all entries of a level that have some bits: one of them is in use. */
  private static BiConsumer<Monitor, Guest> all(int level, long with, long bits) {
    return (m, g) -> pool(g).forEach(page -> {
      for (int i = 0; page.key().level() == level && i < ShadowPage.ENTRIES; i++) {
        m.frames().memory().write(page.frame() + 8 * i, 8, page.entry(i) ^ ((page.entry(i) & with) == with ? bits : 0));
      }
    });
  }

  /** Flips bits of the guest's entries behind those that allow to store, in host memory, so that the monitor does not hear of it. */
  private static BiConsumer<Monitor, Guest> behind(long bits) {
    return (m, g) -> pool(g).forEach(page -> {
      boolean synced = page.key().level() == 1 && !page.key().direct() && !page.unsync;
      for (int i = 0; synced && i < ShadowPage.ENTRIES; i++) {
        if (page.present(i) && page.writable(i)) {
          long at = g.memory().host(page.guestEntry(i));
          m.frames().memory().write(at, 4, m.frames().memory().read(at, 4) ^ bits);
        }
      }
    });
  }

  @Test
  void eachInvariantFiresWhenItIsBroken() {
    long p = ShadowPage.P;
    fires(Invariant.A1, flip(1, p, 0, 0x3000));
    fires(Invariant.O1, flip(1, p, 0, 1L << 30));
    fires(Invariant.X2, flip(2, p, 0, 0x80));
    fires(Invariant.X5, flip(1, p | ShadowPage.US, 0, ShadowPage.US));
    fires(Invariant.X6, flip(1, p, 0, ShadowPage.NX));
    fires(Invariant.A3, flip(1, p, ShadowPage.RW, ShadowPage.RW));
    fires(Invariant.X10, flip(1, 0, p, 0x200));
    fires(Invariant.X11, flip(1, p, 0, 0x200));
    fires(Invariant.S1, flip(2, p, 0, 0x1000));
    fires(Invariant.X1, behind(ShadowPage.P));
    fires(Invariant.X3, behind(ShadowPage.A));
    fires(Invariant.X4, behind(ShadowPage.D));
    fires(Invariant.X7, behind(ShadowPage.RW));
    fires(Invariant.X8, behind(0x1000));
    fires(Invariant.T1, all(1, ShadowPage.RW, ShadowPage.RW));
    fires(Invariant.O2, all(2, p, 1L << 30));
  }

  private static void fires(Invariant i, BiConsumer<Monitor, Guest> spoil) {
    Set<Invariant> found = spoiled("shadow", spoil);
    assertTrue(found.contains(i), i + " is silent, but " + found);
  }

  @Test
  void whatTheMonitorRemembersIsAuditedToo() {
    fires(Invariant.A2, (m, g) -> {
      Slot s = entry(g, 1, ShadowPage.P, 0);
      pool(g).reverse().remove(s.page().target(s.index()), s.page(), s.index());
    });
    fires(Invariant.A4, (m, g) -> {
      ShadowPage directory = entry(g, 2, ShadowPage.P, 0).page();
      directory.unsync = true;
      pool(g).unsynchronised().add(directory);
    });
    fires(Invariant.A5, (m, g) -> {
      pool(g).syncAll();
      ShadowPage table = entry(g, 1, ShadowPage.P, 0).page();
      table.unsync = true;
      pool(g).unsynchronised().add(table);
    });
    fires(Invariant.X9, (m, g) -> {
      ShadowPage table = entry(g, 1, ShadowPage.P, 0).page();
      ShadowKey k = table.key();
      pool(g).get(new ShadowKey(k.gfn(), 2, false, 0, k.rights(), k.mode()));
      table.unsync = true;
      pool(g).unsynchronised().add(table);
    });
    fires(Invariant.K1, (m, g) -> {
      Slot s = entry(g, 2, ShadowPage.P, 0);
      ShadowKey k = s.page().child(s.index()).key();
      ShadowPage other = pool(g).get(new ShadowKey(k.gfn(), 1, k.direct(), k.quadrant(), 0, k.mode()));
      s.page().clear(s.index());
      s.page().link(s.index(), other, 0);
    });
    fires(Invariant.S2, (m, g) -> ((ShadowMmu) g.mmu()).root(g.vcpus().getFirst()).cr3 ^= 0x1000);
    fires(Invariant.S3, (m, g) -> pool(g).bound(1));
  }

  @Test
  void nestedTablesAreAuditedByTheirBytes() {
    Set<Invariant> found = spoiled("nested", (m, g) -> {
      var last = new long[1];
      g.mmu().tops(g.vcpus().getFirst(), (table, level) -> new Reach(m.frames().memory()).walk(table, level, (at, step, address, value) -> {
        last[0] = step == 1 ? at : last[0];
        return true;
      }));
      m.frames().memory().write(last[0], 8, m.frames().memory().read(last[0], 8) ^ 1L << 30);
    });
    assertTrue(found.containsAll(Set.of(Invariant.N1, Invariant.O1)), found::toString);
  }

  @Test
  void whatIsNoLevelIsRefused() {
    for (String wrong : List.of("", "some", "full:", "full:0", "full:x")) {
      String why = assertThrows(MonitorException.class, () -> AuditPlan.of(wrong)).getMessage();
      assertTrue(why.startsWith("audit"), why);
    }
  }
}
