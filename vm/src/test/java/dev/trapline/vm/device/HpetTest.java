package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.bus.IrqLine;
import org.junit.jupiter.api.Test;

/** The HPET against the IA-PC HPET specification 1.0a. */
class HpetTest {
  private static final int ENABLED = 4;
  private static final int PERIODIC = 8;
  private static final int SET = 0x40;
  private static final int NARROW = 0x100;
  private static final int LEVEL = 2;

  private final Bench b = new Bench();
  /** Rising edges and levels of I/O APIC pins 0 to 23, then ISA interrupts 0 and 8. */
  private final int[] edges = new int[26];
  private final boolean[] levels = new boolean[26];
  private final Hpet hpet = new Hpet(b.scheduler, Bench.PER_SECOND, this::line, line(24), line(25));

  private IrqLine line(int n) {
    return high -> {
      edges[n] += high && !levels[n] ? 1 : 0;
      levels[n] = high;
    };
  }

  private void write(int register, long value) {
    hpet.store(register, 8, value);
  }

  /** Instruction counts after which at least {@code ticks} ticks have passed: a tick is 6.98 counts. */
  private void ticks(long ticks) {
    b.pass(ticks * Hpet.PERIOD / 10_000_000 + 1);
  }

  @Test
  void capabilities() {
    long caps = hpet.load(0, 8);
    assertEquals(0x8086, caps >>> 16 & 0xffff);
    assertEquals(Hpet.PERIOD, caps >>> 32);
    assertEquals(2, caps >>> 8 & 0x1f);
    assertEquals(0xa000, caps & 0xa000);
    assertEquals(caps >>> 32, hpet.load(4, 4));
    assertEquals(0x30, hpet.load(0x100, 4));
    assertEquals(0xf00000, hpet.load(0x104, 4));
  }

  @Test
  void theCounterRunsWhileEnabledAndIsWritableWhileNot() {
    b.pass(1_000_000);
    assertEquals(0, hpet.load(0xf0, 8));
    write(0xf0, 1000);
    write(0x10, 1);
    ticks(1_000_000);
    assertEquals(1_001_000, hpet.load(0xf0, 8), 1);
    write(0xf0, 5);
    assertEquals(1_001_000, hpet.load(0xf0, 8), 1);
    write(0x10, 0);
    long stood = hpet.load(0xf0, 8);
    b.pass(1000);
    assertEquals(stood, hpet.load(0xf0, 8));
    hpet.store(0xf4, 4, 1);
    assertEquals(1L << 32 | stood, hpet.load(0xf0, 8));
  }

  @Test
  void aOneShotComparatorFiresWhenTheCounterReachesIt() {
    write(0x120, ENABLED | 21 << 9);
    write(0x128, 1000);
    write(0x10, 1);
    ticks(990);
    assertEquals(0, edges[21]);
    ticks(15);
    assertEquals(1, edges[21]);
    ticks(100_000);
    assertEquals(1, edges[21]);
    assertEquals(0, hpet.load(0x20, 8), "edges leave no status");
  }

  @Test
  void aPeriodicComparatorGoesOn() {
    write(0x100, ENABLED | PERIODIC | SET | NARROW | 20 << 9);
    hpet.store(0x108, 4, 500);
    hpet.store(0x108, 4, 200);
    write(0x10, 1);
    ticks(450);
    assertEquals(0, edges[20]);
    ticks(100);
    assertEquals(1, edges[20]);
    ticks(1000);
    assertEquals(6, edges[20]);
    assertEquals(1700, hpet.load(0x108, 8));
    write(0x100, PERIODIC | NARROW | 20 << 9);
    ticks(1000);
    assertEquals(6, edges[20], "disabled");
  }

  @Test
  void levelsStayUntilTheStatusIsCleared() {
    write(0x140, ENABLED | LEVEL | 23 << 9);
    write(0x148, 100);
    write(0x10, 1);
    ticks(110);
    assertEquals(true, levels[23]);
    assertEquals(4, hpet.load(0x20, 8));
    write(0x20, 3);
    assertEquals(true, levels[23]);
    write(0x20, 4);
    assertEquals(false, levels[23]);
    assertEquals(0, hpet.load(0x20, 8));
  }

  @Test
  void legacyReplacementTakesTheWiresOfPitAndRtc() {
    hpet.irq0().set(true);
    assertEquals(1, edges[24]);
    hpet.irq0().set(false);
    write(0x100, ENABLED);
    write(0x108, 100);
    write(0x120, ENABLED);
    write(0x128, 200);
    write(0x10, 3);
    hpet.irq0().set(true);
    hpet.irq8().set(true);
    assertEquals(1, edges[24], "the 8254 is cut off");
    ticks(110);
    assertEquals(2, edges[24]);
    assertEquals(0, edges[25]);
    ticks(100);
    assertEquals(1, edges[25]);
    write(0x10, 1);
    assertEquals(3, edges[24], "the 8254's level comes through again");
  }

  @Test
  void theStateGoesOnWhereItWas() {
    write(0x100, ENABLED | PERIODIC | SET | 20 << 9);
    write(0x108, 300);
    write(0x10, 1);
    ticks(1000);
    Hpet.State state = hpet.state();
    hpet.reset();
    hpet.state(state);
    assertEquals(state, hpet.state());
    assertEquals(1000, hpet.load(0xf0, 8), 2);
  }
}
