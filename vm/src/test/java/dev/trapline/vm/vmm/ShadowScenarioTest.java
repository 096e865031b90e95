package dev.trapline.vm.vmm;

import static dev.trapline.vm.vmm.Scenario.P;
import static dev.trapline.vm.vmm.Scenario.PS;
import static dev.trapline.vm.vmm.Scenario.TOP;
import static dev.trapline.vm.vmm.Scenario.U;
import static dev.trapline.vm.vmm.Scenario.W;
import static dev.trapline.vm.vmm.Scenario.WINDOW;
import static dev.trapline.vm.vmm.Scenario.WINDOW64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.vmm.Scenario.Result;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Nineteen mistakes that shadow paging has been made with in other monitors, as scenarios R1 to R19. Each is run on the bare machine, with
 * nested paging and with shadow paging under an audit after every exit, where results must be the same and the audit silent; and again with
 * the mistake put in on purpose, to prove that the results, the audit or the end of the run show it.
 */
class ShadowScenarioTest {
  private static final boolean FULL = Boolean.getBoolean("trapline.full");
  /** Tables and pages of the scenarios, all in the first 16 MiB, which the kernel sees as they are. */
  private static final long T1 = 0x160000;
  private static final long T2 = 0x161000;
  private static final long T3 = 0x162000;
  private static final long OTHER1 = 0x163000;
  private static final long OTHER2 = 0x164000;
  private static final long PAGE_A = 0x600000;
  private static final long PAGE_B = 0x601000;
  private static final long ALL = P | W | U;

  /** The bare machine, nested and shadow paging give the same; what that is. */
  private static Result same(Scenario s) {
    Result bare = s.bare();
    assertEquals(bare, s.nested());
    assertEquals(bare, s.shadow((g, m) -> { }));
    return bare;
  }

  /** With a mistake the audit says so, naming one of the invariants. */
  private static void audited(Scenario s, ShadowBug bug, String... invariants) {
    String end = s.shadow((g, m) -> m.pool().put(bug)).end();
    assertTrue(List.of(invariants).stream().anyMatch(i -> end.startsWith("scenario: audit " + i + ":")), bug + ": " + end);
  }

  /** With a mistake and no audit the guest's results, or its end, are others. */
  private static void visible(Scenario s, ShadowBug bug) {
    assertNotEquals(s.bare(), s.unaudited((g, m) -> m.pool().put(bug)), bug + " makes no difference");
  }

  /** Window, tables of levels 3 and 2 and a table of pages below it, all allowed. */
  private static Scenario four() {
    return marked(new Scenario(4)).entry(TOP, 1, T3 | ALL).entry(T3, 0, T2 | ALL).entry(T2, 0, T1 | ALL);
  }

  private static Scenario marked(Scenario s) {
    return s.store(PAGE_A, 0xaaaa).store(PAGE_B, 0xbbbb);
  }

  private static Scenario two() {
    return marked(new Scenario(2)).modes(0x11).entry(TOP, 256, T1 | ALL);
  }

  @Test
  void r1ParentRightsArePartOfTheKey() {
    Scenario s = marked(new Scenario(4)).modes(1).entry(TOP, 1, T3 | ALL).entry(T3, 0, T2 | ALL).entry(T3, 1, T2 | P | U)
        .entry(T2, 0, T1 | P | U).entry(T2, 1, T1 | ALL).entry(T1, 0, PAGE_A | ALL);
    long two = 1L << 30;
    s.userLoad(WINDOW64 + two).userLoad(WINDOW64).userStore(WINDOW64 + (1 << 21), 0x1111).userStore(WINDOW64 + two + (1 << 21), 0x2222)
        .userLoad(WINDOW64);
    List<String> r = same(s).results();
    assertTrue(r.get(r.size() - 2).endsWith("#PF 67") && r.getLast().endsWith(" 1111"), r::toString);
    audited(s, ShadowBug.PARENT_RIGHTS, "K1");
    visible(s, ShadowBug.PARENT_RIGHTS);
  }

  @Test
  void r2ATableChangedWhileUnlinkedIsLookedAtAgain() {
    Scenario s = four().entry(T1, 0, PAGE_A | ALL).entry(T1, 1, PAGE_A | ALL).load(WINDOW64).load(WINDOW64 + 0x1000)
        .entry(T1, 2, PAGE_A | ALL)
        .entry(T2, 0, 0).drop(WINDOW64).drop(WINDOW64 + 0x1000)
        .entry(T1, 1, PAGE_B | ALL)
        .entry(T2, 0, T1 | ALL).load(WINDOW64).load(WINDOW64 + 0x1000);
    assertTrue(same(s).results().getLast().endsWith(" bbbb"));
    visible(s, ShadowBug.LINK_UNSYNCED);
  }

  @Test
  void r3TablesThatMapEachOtherAreBothTracedAfterAFlush() {
    Scenario s = four().entry(T2, 1, OTHER1 | ALL).entry(T1, 0, OTHER1 | ALL).entry(OTHER1, 0, T1 | ALL).entry(OTHER1, 1, PAGE_A | ALL);
    long second = WINDOW64 + (1 << 21);
    s.load(second + 0x1000).entry(WINDOW64, 7, PAGE_A | ALL).entry(second, 7, PAGE_A | ALL).tables(TOP)
        .load(second + 0x1000).entry(WINDOW64, 1, PAGE_B | ALL).tables(TOP).load(second + 0x1000);
    assertTrue(same(s).results().getLast().endsWith(" bbbb"));
    audited(s, ShadowBug.SYNC_UNPROTECTED, "A3");
    visible(s, ShadowBug.SYNC_UNPROTECTED);
  }

  private static Scenario largePages(long first, long second) {
    return marked(new Scenario(4)).modes(1).entry(TOP, 1, T3 | ALL).entry(T3, 0, T2 | ALL).entry(T2, 0, PAGE_A | PS | first)
        .entry(T2, 1, PAGE_A | PS | second);
  }

  @Test
  void r4LargePagesOfOneFrameWithDifferentRightsDoNotShare() {
    long second = WINDOW64 + (1 << 21);
    Scenario s = largePages(P | U, ALL).userLoad(WINDOW64).userStore(second, 0x1234).userLoad(WINDOW64)
        .userStore(WINDOW64, 1).userLoad(second);
    assertTrue(same(s).results().getLast().endsWith(" 1234"));
    long[] faults = new long[1];
    s.shadow((g, m) -> m.walked = linear -> faults[0] += linear == WINDOW64 || linear == second ? 1 : 0);
    assertTrue(faults[0] <= 3, faults[0] + " faults of four accesses, one of them the guest's own");
    // Elsewhere an endless loop; here a fault that changes no table is the last of its kind, and the instruction is emulated.
    audited(s, ShadowBug.LARGE_RIGHTS, "K1");
  }

  @Test
  void r5ALargePageHasItsOwnRights() {
    long second = WINDOW64 + (1 << 21);
    Scenario s = largePages(ALL | 0x40, P | U | 0x40).userLoad(second).userStore(WINDOW64, 0x4321)
        .userStore(second, 0x9999).userLoad(second);
    List<String> r = same(s).results();
    assertTrue(r.get(r.size() - 2).endsWith("#PF 67") && r.getLast().endsWith(" 4321"), r::toString);
    audited(s, ShadowBug.LARGE_RIGHTS_OF_PARENT, "K1");
    visible(s, ShadowBug.LARGE_RIGHTS_OF_PARENT);
  }

  /**
   * One exit is handled to its end before any other processor of the guest runs, so nobody can change an entry between walk and use. A hook
   * does it at the one point where it would matter, as a second processor or a device could if that were ever otherwise.
   */
  @Test
  void r6WhatWasWalkedIsLookedAtAgainBeforeItIsUsed() {
    Scenario s = four().entry(T1, 0, PAGE_A | ALL).load(WINDOW64).load(WINDOW64);
    var changed = new boolean[1];
    BiConsumer<Guest, ShadowMmu> racing = (g, m) -> m.walked = linear -> {
      if (linear == WINDOW64 && !changed[0]) {
        changed[0] = true;
        g.machine().memory().write(T1, 8, PAGE_B | ALL);
      }
    };
    assertTrue(s.shadow(racing).results().getLast().endsWith(" bbbb"));
    changed[0] = false;
    Result wrong = s.shadow((g, m) -> {
      m.pool().put(ShadowBug.NO_REVALIDATION);
      racing.accept(g, m);
    });
    assertTrue(wrong.end().contains("audit X"), wrong.end());
  }

  @Test
  void r7StoresThroughATableThatMapsItselfAreTraced() {
    long self = WINDOW64 + (511L << 12);
    Scenario s = four().entry(T1, 511, T1 | ALL).entry(T1, 0, PAGE_A | ALL).load(WINDOW64).entry(self, 0, PAGE_B | ALL).tables(TOP)
        .load(WINDOW64).entry(self, 0, PAGE_A | ALL).tables(TOP).load(WINDOW64);
    assertTrue(same(s).results().getLast().endsWith(" aaaa"));
    Scenario top = marked(new Scenario(4)).entry(TOP, 300, TOP | ALL).load(-1L << 48 | 300L << 39 | 300L << 30 | 300L << 21 | 300L << 12)
        .entry(-1L << 48 | 300L << 39 | 300L << 30 | 300L << 21 | 300L << 12, 1, T3 | ALL).entry(T3, 0, T2 | ALL).entry(T2, 0, T1 | ALL)
        .entry(T1, 0, PAGE_A | ALL).load(WINDOW64);
    assertTrue(same(top).results().getLast().endsWith(" aaaa"));
    audited(top, ShadowBug.OWN_TABLES_WRITABLE, "A3");
    audited(s, ShadowBug.OWN_TABLES_WRITABLE, "A3");
  }

  /**
   * The emulator translates and stores in one step on the guest's own memory, whose frames stay while the guest lives: a page cannot
   * go away under a store. What can is the memory map under a fault that is being handled; a hook moves it there.
   */
  @Test
  void r8AMapThatChangesWhileAFaultIsHandledIsNoticed() {
    Scenario s = shadowRam(four());
    var moved = new boolean[1];
    BiConsumer<Guest, ShadowMmu> moving = (g, m) -> m.walked = linear -> {
      if (linear == WINDOW64 + 0x1000 && !moved[0]) {
        moved[0] = true;
        g.machine().memory().shadow(0xc0000, 0x4000, false, false);
      }
    };
    s.load(WINDOW64 + 0x1000).load(WINDOW64 + 0x1000);
    Result right = s.shadow(broughtForward(moving));
    assertEquals("done", right.end());
    assertTrue(right.results().getLast().endsWith(" ffffffff"), right.results()::toString);
    moved[0] = false;
    Result wrong = s.shadow((g, m) -> {
      broughtForward(moving).accept(g, m);
      m.pool().put(ShadowBug.MAP_KEPT);
    });
    assertTrue(wrong.end().contains("audit A1"), wrong.end());
  }

  /** The RAM behind c0000 is to be seen when the guest begins, with something in it. */
  private static BiConsumer<Guest, ShadowMmu> broughtForward(BiConsumer<Guest, ShadowMmu> more) {
    return (g, m) -> {
      g.machine().memory().shadow(0xc0000, 0x4000, true, true);
      g.machine().memory().write(0xc0000, 4, 0x5ad0);
      more.accept(g, m);
    };
  }

  /**
   * A descriptor is read with the supervisor's rights whatever EFLAGS.AC says, so SMAP forbids it in a user page (SDM 3A 4.6.1); no shadow
   * entry can tell such a read from one the guest's code does. Not of the list; without a look at what a fault changed it never ends.
   */
  @Test
  void smapAtAnImplicitAccessEndsAsOnTheBareMachine() {
    for (int mode : new int[] {0, 4}) {
      Scenario s = four().fill(T1, 16, 0x100000 | ALL, 0x1000).modes(mode).implicit(WINDOW64).load(PAGE_A);
      String end = s.bare().end();
      assertTrue(end.startsWith(mode == 0 ? "done" : "TripleFault"), end);
      for (Result r : List.of(s.nested(), s.shadow((g, m) -> { }))) {
        assertTrue(r.end().startsWith(mode == 0 ? "done" : "TripleFault"), r.end());
      }
    }
  }

  /** The page at c0000 at the second page of the window. */
  private static Scenario shadowRam(Scenario s) {
    return s.entry(T1, 0, PAGE_A | ALL).entry(T1, 1, 0xc0000 | ALL).entry(T1, 2, PAGE_B | ALL).load(WINDOW64);
  }

  /** Physical addresses have 40 bits here, so 2^44 is a reserved bit; a large page as high as there can be one stands for it. */
  @Test
  void r9TheFrameOfALargePageIsNotCut() {
    Scenario s = marked(new Scenario(4)).entry(TOP, 1, T3 | ALL).entry(T3, 0, T2 | ALL).entry(T2, 0, 1L << 38 | PAGE_A | PS | ALL)
        .load(WINDOW64).store(WINDOW64, 0x7777).load(PAGE_A).entry(T2, 1, 1L << 44 | PAGE_A | PS | ALL).load(WINDOW64 + (1 << 21));
    List<String> r = same(s).results();
    assertTrue(r.get(r.size() - 3).endsWith(" aaaa") && r.getLast().endsWith("#PF 69"), r::toString);
    audited(s, ShadowBug.FRAME_TRUNCATED, "K1");
    visible(s, ShadowBug.FRAME_TRUNCATED);
  }

  @Test
  void r10AStoreWiderThanAnEntryChangesAllItCovers() {
    for (int how = 0; how < 3; how++) {
      Scenario s = two().entry(TOP, 257, T1 | ALL).entry(TOP, 258, T1 | ALL).entry(T1, 0, PAGE_A | ALL).entry(OTHER1, 0, PAGE_B | ALL)
          .entry(OTHER2, 0, PAGE_B | ALL).load(WINDOW + (1 << 22)).load(WINDOW);
      long both = (OTHER1 | ALL) << 32 | OTHER1 | ALL;
      s = how == 0 ? s.wide8(TOP + 1024, both) : how == 1 ? s.wide16(TOP + 1024, both) : s.exchange(TOP + 1024, both);
      s.tables(TOP).load(WINDOW + (1 << 22)).load(WINDOW);
      assertTrue(same(s).results().getLast().endsWith(" bbbb"));
      audited(s, ShadowBug.ONE_ENTRY_STORED, "K1", "X3");
      visible(s, ShadowBug.ONE_ENTRY_STORED);
    }
    Scenario s = four().entry(T2, 1, T1 | ALL).entry(T1, 0, PAGE_A | ALL).entry(OTHER1, 0, PAGE_B | ALL)
        .entry(OTHER1 + 0x1000, 0, PAGE_B | ALL)
        .load(WINDOW64 + (1 << 21)).load(WINDOW64).exchange(T2, OTHER1 | ALL).drop(WINDOW64).drop(WINDOW64 + (1 << 21))
        .load(WINDOW64 + (1 << 21)).load(WINDOW64);
    // Here the processor stores twice, an entry each time: there is nothing for the mistake to spoil.
    assertTrue(same(s).results().getLast().endsWith(" bbbb"));
  }

  @Test
  void r11PdptesThatAreNotPresentLeadNowhere() {
    Scenario s = marked(new Scenario(3)).entry(TOP, 1, 0).entry(TOP, 2, T2 & ~P).tables(TOP).load(WINDOW).load(2 * WINDOW).load(PAGE_A);
    assertTrue(same(s).results().getLast().endsWith(" aaaa"));
    audited(s, ShadowBug.ABSENT_DIRECTORY, "X1");
  }

  @Test
  void r12NoSlotOfTheMonitorsIsInAGuestsTopTable() {
    long slot = -1L << 48 | (long) MonitorArea.SLOT << 39;
    Scenario s = marked(new Scenario(4)).load(slot).load(slot + 0x5000).tables(TOP).load(slot).load(PAGE_A);
    assertTrue(same(s).results().getLast().endsWith(" aaaa"));
    audited(s, ShadowBug.HOST_SLOT, "S2", "O2");
  }

  /** A table's parents are a list, not a field of some bits that could overflow into another: as many as there can be are known. */
  @Test
  void r13ATableMayHaveAnyNumberOfParents() {
    int parents = FULL ? 511 : 200;
    Scenario s = four().entry(T1, 0, PAGE_A | ALL).fill(T2, parents, T1 | ALL, 0);
    for (int i = 0; i < parents; i++) {
      s.load(WINDOW64 + ((long) i << 21));
    }
    s.fill(T2, parents, 0, 0).tables(TOP).load(WINDOW64 + (3 << 21)).load(PAGE_A);
    assertTrue(same(s).results().getLast().endsWith(" aaaa"));
    audited(s, ShadowBug.FEW_PARENTS, "S1");
  }

  /** Two address spaces in turn, each with more tables than the pool holds. */
  private static Scenario pressed() {
    Scenario s = marked(new Scenario(4)).entry(T1, 0, PAGE_A | ALL).entry(T1, 1, PAGE_B | ALL).entry(TOP, 1, T3 | ALL)
        .entry(T3, 0, T2 | ALL);
    for (int i = 0; i < 24; i++) {
      s.entry(T2, i, 0x700000 + 0x1000 * i | ALL).entry(0x700000 + 0x1000 * i, 0, (i % 2 == 0 ? PAGE_A : PAGE_B) | ALL);
    }
    long other = 0x720000;
    s.fill(other, 2, 0x131007, 0).entry(other, 1, T3 | ALL);
    for (int turn = 0; turn < 4; turn++) {
      s.tables(turn % 2 == 0 ? other : TOP);
      for (int i = 0; i < 24; i++) {
        s.load(WINDOW64 + ((long) i << 21));
      }
    }
    return s;
  }

  @Test
  void r14TheTopTableInUseStaysUnderPressure() {
    Scenario s = pressed();
    Result bare = s.bare();
    var mmu = new ShadowMmu[1];
    assertEquals(bare, s.shadow((g, m) -> {
      m.pool().bound(14);
      mmu[0] = m;
    }));
    assertTrue(mmu[0].counters().evictions() > 50, mmu[0].counters().evictions() + " evictions");
    String end = s.shadow((g, m) -> {
      m.pool().bound(14);
      m.pool().put(ShadowBug.ROOT_UNPINNED);
    }).end();
    assertTrue(end.contains("audit S2"), end);
  }

  /** There is no pre-allocation to be too small and no dirty logging: the pool is at what one walk needs, and that must do. */
  @Test
  void r15TheSmallestPoolWillDo() {
    Scenario s = pressed();
    int least = 11;
    assertEquals(s.bare(), s.shadow((g, m) -> m.pool().bound(least)));
    String end = s.shadow((g, m) -> {
      m.pool().bound(least);
      m.pool().put(ShadowBug.PATH_UNPINNED);
      m.pool().put(ShadowBug.ROOT_UNPINNED);
    }).end();
    assertTrue(end.contains("audit S"), end);
  }

  /**
   * A handler that cannot be reached faults while its own fault is delivered: a double fault, then a shutdown, as on the bare machine. The
   * loops of CVE-2015-5307 and CVE-2015-8104 were the processor's own: ours counts each delivery as an instruction, and so may be stopped.
   */
  @Test
  void r16AFaultInItsOwnDeliveryEnds() {
    Scenario s = four().gates(WINDOW64).load(WINDOW64 + 0x1000);
    Result bare = s.bare();
    assertTrue(bare.end().startsWith("TripleFault"), bare.end());
    assertTrue(s.shadow((g, m) -> { }).end().startsWith("TripleFault"));
    assertTrue(s.nested().end().startsWith("TripleFault"));
    assertEquals("runs on", s.endless((g, m) -> m.pool().put(ShadowBug.FAULT_RETRIED)).end(), "and it can be stopped");
  }

  @Test
  void r17NothingIsLeftOfAMapThatWas() {
    Scenario s = shadowRam(four()).load(WINDOW64 + 0x1000).load(WINDOW64 + 0x2000).load(WINDOW64 + 0x1000);
    BiConsumer<Guest, ShadowMmu> moving = (g, m) -> m.walked = linear -> {
      if (linear == WINDOW64 + 0x2000 && m.pool().reverse().of(0xc0).size() == 1) {
        g.machine().memory().shadow(0xc0000, 0x4000, false, false);
      }
    };
    Result right = s.shadow(broughtForward(moving));
    assertEquals("done", right.end());
    assertTrue(right.results().getLast().endsWith(" ffffffff"), right.results()::toString);
    assertTrue(right.results().get(right.results().size() - 3).endsWith(" 5ad0"), right.results()::toString);
    Result wrong = s.shadow((g, m) -> {
      broughtForward(moving).accept(g, m);
      m.pool().put(ShadowBug.MAP_KEPT);
    });
    assertTrue(wrong.end().contains("audit A1"), wrong.end());
  }

  /**
   * A walk and its marks are one step of the handler, and go to guest-physical addresses: there is no host mapping that could move. What is
   * left to be seen is that the marks go to the tables CR3 names now and not to those it named.
   */
  @Test
  void r18AccessedBitsGoToTheTablesInUse() {
    long other = 0x720000;
    Scenario s = four().entry(T1, 0, PAGE_A | ALL).entry(T1, 1, PAGE_A | ALL).load(WINDOW64).fill(other, 1, 0x131007, 0)
        .entry(other, 1, 0x721000 | ALL).entry(0x721000, 0, 0x722000 | ALL).entry(0x722000, 0, 0x723000 | ALL)
        .entry(0x723000, 1, PAGE_B | ALL).tables(other).load(WINDOW64 + 0x1000).store(WINDOW64 + 0x1000, 0xcccc)
        .load(T1 + 8).load(0x723008).load(PAGE_B);
    List<String> r = same(s).results();
    boolean right = r.getLast().endsWith(" cccc") && r.get(r.size() - 2).endsWith("601067") && r.get(r.size() - 3).endsWith("600007");
    assertTrue(right, r::toString);
    audited(s, ShadowBug.OLD_TABLES, "S2");
    visible(s, ShadowBug.OLD_TABLES);
  }

  @Test
  void r19OnePageMayBeMappedAnyNumberOfTimes() {
    int tables = FULL ? 21 : 2;
    Scenario s = four();
    for (int i = 0; i < tables; i++) {
      s.entry(T2, i, 0x700000 + 0x1000 * i | ALL).fill(0x700000 + 0x1000 * i, 512, PAGE_A | ALL, 0);
    }
    s.touch(WINDOW64, 512 * tables).entry(T2, tables, T1 | ALL).entry(T1, 0, PAGE_A | ALL).load(WINDOW64 + ((long) tables << 21))
        .entry(PAGE_A, 1, PAGE_B | ALL).entry(T2, 100, PAGE_A | ALL).load(WINDOW64 + (100L << 21) + 0x1000)
        .store(WINDOW64 + (300L << 12) + 8, (int) (T1 | ALL)).tables(TOP).load(WINDOW64 + (100L << 21) + 0x1000);
    var sizes = new int[1];
    Result bare = s.bare();
    BiConsumer<Guest, ShadowMmu> counting = (g, m) -> m.walked = linear -> {
      sizes[0] = Math.max(sizes[0], m.pool().reverse().of(PAGE_A >>> 12).size());
    };
    assertEquals(bare, s.guestAuditedAt(64, counting));
    assertTrue(sizes[0] > 512 * tables, sizes[0] + " mappings");
    String end = s.guestAuditedAt(64, (g, m) -> m.pool().put(ShadowBug.REVERSE_FORGETS)).end();
    assertTrue(end.contains("audit A2"), end);
  }
}
