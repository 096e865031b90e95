package dev.trapline.vm.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.mem.PhysicalMemory;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every table format, right and access against a model that knows properties of entries, not bits of walks. */
class PageWalkerTest {
  /** A way to map one address: format, entry size, the levels from the top and the shift of the page. */
  private enum Shape {
    TWO_LEVEL_4K(Paging.Format.TWO_LEVEL, 12, 2, 1),
    TWO_LEVEL_4M(Paging.Format.TWO_LEVEL, 22, 2),
    PAE_4K(Paging.Format.PAE, 12, 2, 1),
    PAE_2M(Paging.Format.PAE, 21, 2),
    FOUR_4K(Paging.Format.FOUR_LEVEL, 12, 4, 3, 2, 1),
    FOUR_2M(Paging.Format.FOUR_LEVEL, 21, 4, 3, 2),
    FOUR_1G(Paging.Format.FOUR_LEVEL, 30, 4, 3);

    final Paging.Format format;
    final int pageShift;
    final int[] levels;

    Shape(Paging.Format format, int pageShift, int... levels) {
      this.format = format;
      this.pageShift = pageShift;
      this.levels = levels;
    }

    boolean narrow() {
      return format == Paging.Format.TWO_LEVEL;
    }
  }

  /** Properties of one entry. */
  private record Entry(boolean present, boolean writable, boolean user, boolean noExecute, boolean reservedBit) {
    static Entry of(int bits) {
      return new Entry((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0);
    }
  }

  private static final Entry OPEN = new Entry(true, true, true, false, false);

  private record Switches(boolean wp, boolean nxe, boolean smep, boolean smap) {
    static Switches of(int bits) {
      return new Switches((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
    }
  }

  private static final long LINEAR = 0x4567_8abcL;
  private static final long TABLES = 0x1000;
  private final PhysicalMemory memory = new PhysicalMemory(1 << 20);
  private final PageWalker walker = new PageWalker(memory);
  private final Walk walk = new Walk();

  PageWalkerTest() {
    memory.addRam("ram", 0, 1 << 20);
  }

  private static int index(Shape s, int level) {
    int per = s.narrow() ? 10 : 9;
    return (int) (LINEAR >> 12 + per * (level - 1)) & (1 << per) - 1;
  }

  private static long table(int position) {
    return TABLES + 0x1000L * position;
  }

  private static long entryAddress(Shape s, int position) {
    return table(position) + (long) index(s, s.levels[position]) * (s.narrow() ? 4 : 8);
  }

  /** Page frame: bits above 32 only where the format can address them. */
  private static long frame(Shape s) {
    long low = (0x12_b456_7000L >> s.pageShift) << s.pageShift;
    return s == Shape.TWO_LEVEL_4K ? low & 0xffffffffL : low;
  }

  private long build(Shape s, Entry[] entries) {
    for (int i = 0; i < entries.length; i++) {
      boolean leaf = i == entries.length - 1;
      Entry e = entries[i];
      long value = (e.present ? 1 : 0) | (e.writable ? 2 : 0) | (e.user ? 4 : 0) | (e.noExecute && !s.narrow() ? 1L << 63 : 0);
      long target = leaf ? frame(s) : table(i + 1);
      if (leaf && s == Shape.TWO_LEVEL_4M) {
        target = target & 0xffffffffL | (target >> 32) << 13;
      }
      value |= target | (leaf && s.pageShift > 12 ? 0x80 : 0);
      if (e.reservedBit) {
        value |= reservedBit(s, leaf);
      }
      memory.write(entryAddress(s, i), s.narrow() ? 4 : 8, value);
    }
    return TABLES;
  }

  /** Some reserved bit of an entry; 0 if the entry has none. */
  private static long reservedBit(Shape s, boolean leaf) {
    if (s.narrow()) {
      return leaf && s.pageShift == 22 ? 1 << 21 : 0;
    }
    return leaf && s.pageShift > 12 ? 1 << 14 : 1L << 45;
  }

  private Paging paging(Shape s, Switches w, long root) {
    return new Paging(s.format, root, w.wp, true, w.nxe, w.smep, w.smap, 40,
        new Paging.Pdptes(0, root | 1, 0, 0));
  }

  /** SDM 3A 4.6 and 4.7 in words: the error code, or -1. */
  private static int expected(Shape s, Entry[] entries, Switches w, Access access, boolean user, boolean ac) {
    boolean canForbidFetch = w.smep || w.nxe && !s.narrow();
    int code = (access == Access.WRITE ? 2 : 0) + (user ? 4 : 0) + (access == Access.FETCH && canForbidFetch ? 16 : 0);
    boolean allWritable = true;
    boolean allUser = true;
    boolean someNx = false;
    for (int i = 0; i < entries.length; i++) {
      Entry e = entries[i];
      if (!e.present) {
        return code;
      }
      boolean reserved = e.reservedBit && reservedBit(s, i == entries.length - 1) != 0;
      boolean nxReserved = e.noExecute && !w.nxe && !s.narrow();
      if (reserved || nxReserved) {
        return code + 1 + 8;
      }
      allWritable &= e.writable;
      allUser &= e.user;
      someNx |= e.noExecute && !s.narrow();
    }
    boolean userAddress = allUser;
    boolean ok;
    if (user) {
      ok = userAddress && (access != Access.WRITE || allWritable) && (access != Access.FETCH || !someNx);
    } else if (access == Access.FETCH) {
      ok = !someNx && !(userAddress && w.smep);
    } else {
      boolean smapForbids = userAddress && w.smap && !ac;
      ok = !smapForbids && (access == Access.READ || allWritable || !w.wp);
    }
    return ok ? -1 : code + 1;
  }

  private void check(Shape s, Entry[] entries, Switches w, Access access, boolean user, boolean ac) {
    Supplier<String> what = () -> s + " " + java.util.Arrays.toString(entries) + " " + w + " " + access + " user=" + user + " ac=" + ac;
    Paging p = paging(s, w, build(s, entries));
    int bytes = s.narrow() ? 4 : 8;
    long[] before = entriesOf(s);
    Walk quiet = Walk.recording();
    walker.walk(p, LINEAR, access, user, ac, false, quiet);
    org.junit.jupiter.api.Assertions.assertArrayEquals(before, entriesOf(s), what);
    walker.walk(p, LINEAR, access, user, ac, true, walk);
    int want = expected(s, entries, w, access, user, ac);
    assertEquals(want, quiet.fault, what);
    assertEquals(want, walk.fault, what);
    long[] after = entriesOf(s);
    for (int i = 0; i < after.length; i++) {
      boolean leaf = i == after.length - 1;
      long marks = want >= 0 ? 0 : 0x20 | (leaf && access == Access.WRITE ? 0x40 : 0);
      assertEquals(before[i] | marks, after[i], what);
    }
    if (want < 0) {
      assertEquals(frame(s) + (LINEAR & (1L << s.pageShift) - 1), walk.pa, what);
      assertEquals(s.pageShift, walk.pageShift, what);
      assertEquals(access == Access.WRITE, walk.dirty, what);
      assertEquals(entries.length + (s.format == Paging.Format.PAE ? 1 : 0), quiet.steps().size(), what);
      assertEquals(before[entries.length - 1], quiet.steps().getLast().entry(), what);
      assertEquals(entryAddress(s, entries.length - 1), quiet.steps().getLast().entryAddress(), what);
    }
  }

  private long[] entriesOf(Shape s) {
    long[] values = new long[s.levels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = memory.read(entryAddress(s, i), s.narrow() ? 4 : 8);
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void everyPropertyAtEveryLevelForEveryAccess(Shape s) {
    for (int odd = 0; odd < s.levels.length; odd++) {
      for (int bits = 0; bits < 32; bits++) {
        Entry[] entries = new Entry[s.levels.length];
        java.util.Arrays.fill(entries, OPEN);
        entries[odd] = Entry.of(bits);
        everyAccess(s, entries);
      }
    }
  }

  private void everyAccess(Shape s, Entry[] entries) {
    for (int w = 0; w < 16; w++) {
      for (Access access : Access.values()) {
        for (int who = 0; who < 4; who++) {
          check(s, entries, Switches.of(w), access, (who & 1) != 0, (who & 2) != 0);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void propertiesOfSeveralLevelsCombine(Shape s) {
    Random random = new Random(42 + s.ordinal());
    int cases = Boolean.getBoolean("trapline.full") ? 300_000 : 20_000;
    for (int n = 0; n < cases; n++) {
      Entry[] entries = new Entry[s.levels.length];
      for (int i = 0; i < entries.length; i++) {
        entries[i] = random.nextInt(3) == 0 ? Entry.of(random.nextInt(32)) : OPEN;
      }
      check(s, entries, Switches.of(random.nextInt(16)), Access.values()[random.nextInt(3)], random.nextBoolean(), random.nextBoolean());
    }
  }

  @Test
  void everyReservedBitOfEveryEntryFaults() {
    for (Shape s : Shape.values()) {
      for (int position = 0; position < s.levels.length; position++) {
        long reserved = reservedBits(s, position);
        for (int bit = 12; bit < (s.narrow() ? 32 : 63); bit++) {
          if (position < s.levels.length - 1 && bit < 40) {
            continue;
          }
          Entry[] entries = new Entry[s.levels.length];
          java.util.Arrays.fill(entries, OPEN);
          build(s, entries);
          long at = entryAddress(s, position);
          int bytes = s.narrow() ? 4 : 8;
          memory.write(at, bytes, memory.read(at, bytes) | 1L << bit);
          walker.walk(paging(s, Switches.of(15), TABLES), LINEAR, Access.READ, true, false, false, walk);
          boolean isReserved = (reserved >> bit & 1) != 0;
          assertEquals(isReserved ? 13 : -1, walk.fault, s + " position " + position + " bit " + bit);
        }
      }
    }
  }

  /** SDM 3A tables 4-4 to 4-20 with MAXPHYADDR 40, bits from 12 up. */
  private static long reservedBits(Shape s, int position) {
    boolean leaf = position == s.levels.length - 1;
    long high = switch (s.format) {
      case PAE -> 0x7fff_ff00_0000_0000L;
      case FOUR_LEVEL -> 0x000f_ff00_0000_0000L;
      default -> 0;
    };
    long low = !leaf ? 0 : switch (s) {
      case TWO_LEVEL_4M -> 1 << 21;
      case PAE_2M, FOUR_2M -> 0x1fe000;
      case FOUR_1G -> 0x3fffe000;
      default -> 0;
    };
    return high | low;
  }

  @Test
  void pageSizeBitWithoutPseIsIgnored() {
    build(Shape.TWO_LEVEL_4K, new Entry[] {OPEN, OPEN});
    long at = entryAddress(Shape.TWO_LEVEL_4K, 0);
    memory.write(at, 4, memory.read(at, 4) | 0x80);
    Paging p = new Paging(Paging.Format.TWO_LEVEL, TABLES, true, false, false, false, false, 40);
    walker.walk(p, LINEAR, Access.READ, false, false, false, walk);
    assertEquals(12, walk.pageShift);
    assertEquals(-1, walk.fault);
  }

  @Test
  void fourMegabytePagesReserveAddressBitsTheProcessorDoesNotHave() {
    Shape s = Shape.TWO_LEVEL_4M;
    for (int max : new int[] {32, 36, 40}) {
      for (int bit = 13; bit <= 20; bit++) {
        memory.write(entryAddress(s, 0), 4, 0x87 | 1L << bit);
        walker.walk(new Paging(s.format, TABLES, true, true, false, false, false, max), LINEAR, Access.READ, false, false, false, walk);
        assertEquals(bit + 19 >= max ? 9 : -1, walk.fault, max + " " + bit);
      }
    }
  }

  @Test
  void absentPdpteFaultsWithoutReadingMemory() {
    Paging p = new Paging(Paging.Format.PAE, TABLES, true, true, true, false, false, 40, new Paging.Pdptes(1, 0, 1, 1));
    walker.walk(p, LINEAR, Access.FETCH, true, false, true, walk);
    assertEquals(0x14, walk.fault);
  }

  @Test
  void upperEntriesOfFourLevelTablesReserveBitEight() {
    for (int position = 0; position < 3; position++) {
      build(Shape.FOUR_4K, new Entry[] {OPEN, OPEN, OPEN, OPEN});
      long at = entryAddress(Shape.FOUR_4K, position);
      memory.write(at, 8, memory.read(at, 8) | 0x100);
      walker.walk(paging(Shape.FOUR_4K, Switches.of(0), TABLES), LINEAR, Access.READ, false, false, false, walk);
      assertEquals(position < 2 ? 9 : -1, walk.fault);
    }
  }

  @Test
  void offMeansIdentity() {
    walker.walk(Paging.OFF, 0xfeed_f00dL, Access.WRITE, true, false, true, walk);
    assertEquals(0xfeed_f00dL, walk.pa);
    assertEquals(-1, walk.fault);
    assertTrue(walk.dirty && walk.writable && walk.user && walk.executable);
  }
}
