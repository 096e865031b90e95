package dev.trapline.vm.debug.paging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.mem.PhysicalMemory;
import dev.trapline.vm.mmu.PageWalker;
import dev.trapline.vm.mmu.Paging;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listings of tables written by hand after SDM 3A figures 4-4, 4-7 and 4-11. */
class AddressSpaceTest {
  private static final long NX = 1L << 63;
  private final PhysicalMemory memory = new PhysicalMemory(8 << 20);

  @BeforeEach
  void ram() {
    memory.addRam("ram", 0, 8 << 20);
  }

  private AddressSpace space(Paging.Format format, long root, Paging.Pdptes pdptes) {
    return new AddressSpace(new PageWalker(memory), new Paging(format, root, true, true, true, false, false, 40, pdptes));
  }

  private void entries(long at, int bytes, long... values) {
    for (int i = 0; i < values.length; i++) {
      memory.write(at + (long) i * bytes, bytes, values[i]);
    }
  }

  @Test
  void neighboursOfOneKindAreOneRange() {
    entries(0x1000, 4, 0x2007, 0, 0x400083);
    entries(0x2000, 4, 0x5007, 0x6007, 0x9005, 0, 0x7007);
    AddressSpace s = space(Paging.Format.TWO_LEVEL, 0x1000, Paging.Pdptes.NONE);
    List<Mapping> pages = s.pages();
    assertEquals(5, pages.size());
    List<Mapping> folded = AddressSpace.folded(pages, false);
    assertEquals(List.of(0L, 0x2000L, 0x4000L, 0x800000L), folded.stream().map(Mapping::linear).toList());
    assertEquals(0x2000, folded.getFirst().bytes());
    assertEquals(0x5000, folded.getFirst().physical());
    assertEquals("rwxu", folded.getFirst().rights().toString());
    assertEquals("r-xu", folded.get(1).rights().toString());
    assertEquals(4 << 20, folded.get(3).pageBytes());
    assertEquals("rwxs", folded.get(3).rights().toString());
  }

  @Test
  void scatteredPagesHaveNoPhysicalStart() {
    entries(0x1000, 4, 0x2007);
    entries(0x2000, 4, 0x5007, 0x7007);
    Mapping one = AddressSpace.folded(space(Paging.Format.TWO_LEVEL, 0x1000, Paging.Pdptes.NONE).pages(), false).getFirst();
    assertEquals(0x2000, one.bytes());
    assertEquals(-1, one.physical());
  }

  @Test
  void paeWithBothEnds() {
    entries(0x2000 + 511 * 8, 8, 0x3003);
    entries(0x3000 + 511 * 8, 8, 0x4003 | NX);
    AddressSpace s = space(Paging.Format.PAE, 0x1000, new Paging.Pdptes(0, 0, 0, 0x2001));
    List<Mapping> pages = s.pages();
    assertEquals(1, pages.size());
    assertEquals(0xfffff000L, pages.getFirst().linear());
    assertEquals("rw-s", pages.getFirst().rights().toString());
  }

  @Test
  void fourLevelBothHalves() {
    entries(0x1000, 8, 0x2007);
    entries(0x1000 + 511 * 8, 8, 0x2007);
    entries(0x2000, 8, 0x3007);
    entries(0x2000 + 511 * 8, 8, 0x3007);
    entries(0x3000, 8, 0x4007, 0x200087 | NX);
    entries(0x3000 + 511 * 8, 8, 0x4007);
    entries(0x4000, 8, 0, 0x5063);
    entries(0x4000 + 511 * 8, 8, 0x6105);
    AddressSpace s = space(Paging.Format.FOUR_LEVEL, 0x1000, Paging.Pdptes.NONE);
    List<Mapping> pages = s.pages();
    assertEquals(20, pages.size(), "four times two small pages and a large one, and those in the upper half again");
    assertEquals(0x1000, pages.getFirst().linear());
    assertTrue(pages.getFirst().accessed() && pages.getFirst().dirty());
    assertEquals(-0x1000, pages.getLast().linear());
    assertEquals("r-xu g", pages.getLast().rights().toString());
    assertEquals(4, s.pages(0, -1, m -> m.pageBytes() == 2 << 20).size());
    assertEquals(8, s.pages(0, -1, m -> m.holds(0x5123)).size());
    List<Long> upper = s.pages(-1L << 47, -1).stream().map(Mapping::linear).toList();
    assertEquals(10, upper.size());
  }

  @Test
  void differencesAreNamed() {
    entries(0x1000, 4, 0x2007);
    entries(0x2000, 4, 0x5007, 0x6007, 0x7007, 0x8007, 0x9007);
    AddressSpace s = space(Paging.Format.TWO_LEVEL, 0x1000, Paging.Pdptes.NONE);
    List<Mapping> before = s.pages();
    entries(0x2000, 4, 0, 0xa007, 0x7005, 0x8067, 0x9007, 0xb007, 0xc007);
    List<Difference> all = Difference.between(before, s.pages());
    assertEquals(List.of("removed", "moved", "rights", "used", "added"), all.stream().map(Difference::what).toList());
    assertEquals(0x2000, all.getLast().bytes());
  }
}
