package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.bus.Rate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The 8254 against the timing diagrams of its data sheet (Intel 231164-005, figures 15 to 20). */
class PitTest {
  private static final Rate RATE = Rate.of(Pit.HZ_NUM, Pit.HZ_DEN, Bench.PER_SECOND);
  private final Bench b = new Bench();
  private final List<String> edges = new ArrayList<>();
  private final Pit pit = new Pit(b.scheduler, Bench.PER_SECOND, high -> edges.add((high ? "+" : "-") + RATE.ticks(b.now())));

  PitTest() {
    pit.connect(b.ports);
  }

  private void tick(long t) {
    b.to(RATE.count(t));
  }

  private int count(int channel) {
    b.out(0x43, channel << 6);
    return b.in(0x40 + channel) | b.in(0x40 + channel) << 8;
  }

  private int out2() {
    return b.in(0x61) >> 5 & 1;
  }

  /** Counts of channel 2 at successive ticks, with OUT. */
  private String trace(int from, int to) {
    StringBuilder s = new StringBuilder();
    for (int t = from; t <= to; t++) {
      tick(t);
      b.out(0x43, 0x80);
      s.append(b.in(0x42)).append(out2() == 1 ? "h " : "l ");
    }
    return s.toString().trim();
  }

  private void gate2(boolean on) {
    b.out(0x61, on ? 1 : 0);
  }

  @Test
  void mode0GoesHighNPlusOneTicksAfterTheWrite() {
    gate2(true);
    b.out(0x43, 0x90);
    b.out(0x42, 4);
    assertEquals("4l 3l 2l 1l 0h 255h 254h", trace(1, 7));
  }

  /** How Linux measures the time-stamp counter: the high byte must be there at once. */
  @Test
  void aCountJustWrittenIsReadBeforeTheClockPulseThatLoadsIt() {
    gate2(true);
    b.out(0x43, 0xb0);
    b.out(0x42, 0xff);
    b.out(0x42, 0xff);
    assertEquals(0xff, b.in(0x42));
    assertEquals(0xff, b.in(0x42));
    b.out(0x43, 0xe8);
    assertEquals(0x70, b.in(0x42), "and the status says that it is not yet loaded");
  }

  @Test
  void mode0StopsWhileTheGateIsLow() {
    gate2(true);
    b.out(0x43, 0x90);
    b.out(0x42, 3);
    assertEquals("3l 2l", trace(1, 2));
    gate2(false);
    assertEquals("2l 2l", trace(3, 4));
    gate2(true);
    assertEquals("1l 0h", trace(5, 6));
  }

  @Test
  void mode1IsAOneShotThatTheGateStartsAndRestarts() {
    b.out(0x43, 0x92);
    b.out(0x42, 3);
    tick(2);
    assertEquals(1, out2());
    gate2(true);
    assertEquals("3l 2l 1l 0h 255h", trace(3, 7));
    gate2(false);
    gate2(true);
    assertEquals("3l 2l", trace(8, 9));
    gate2(false);
    gate2(true);
    assertEquals("3l 2l 1l 0h", trace(10, 13));
  }

  @Test
  void mode2IsLowForOneTickOfN() {
    gate2(true);
    b.out(0x43, 0x94);
    b.out(0x42, 3);
    assertEquals("3h 2h 1l 3h 2h 1l 3h", trace(1, 7));
    gate2(false);
    assertEquals(1, out2());
    tick(12);
    gate2(true);
    assertEquals("3h 2h 1l", trace(13, 15));
  }

  @Test
  void mode2TakesANewCountAtTheEndOfThePeriod() {
    gate2(true);
    b.out(0x43, 0x94);
    b.out(0x42, 4);
    tick(2);
    b.out(0x42, 5);
    assertEquals("2h 1l 5h 4h 3h 2h 1l 5h", trace(3, 10));
  }

  @Test
  void mode3IsSquareForEvenCounts() {
    gate2(true);
    b.out(0x43, 0x96);
    b.out(0x42, 4);
    assertEquals("4h 2h 4l 2l 4h 2h 4l 2l", trace(1, 8));
  }

  @Test
  void mode3IsOneTickLongerHighForOddCounts() {
    gate2(true);
    b.out(0x43, 0x96);
    b.out(0x42, 5);
    assertEquals("4h 2h 0h 4l 2l 4h 2h 0h 4l 2l", trace(1, 10));
  }

  @Test
  void mode4StrobesForOneTick() {
    gate2(true);
    b.out(0x43, 0x98);
    b.out(0x42, 3);
    assertEquals("3h 2h 1h 0l 255h 254h", trace(1, 6));
  }

  @Test
  void mode5StrobesAfterATrigger() {
    b.out(0x43, 0x9a);
    b.out(0x42, 3);
    tick(5);
    gate2(true);
    assertEquals("3h 2h 1h 0l 255h", trace(6, 10));
  }

  @Test
  void bcdCountsInDecimal() {
    gate2(true);
    b.out(0x43, 0xb1);
    b.out(0x42, 0x00, 0x10);
    tick(1);
    assertEquals(0x1000, count(2));
    tick(2);
    assertEquals(0x0999, count(2));
    b.out(0x43, 0xb1);
    b.out(0x42, 0, 0);
    tick(4);
    assertEquals(0x9999, count(2), "a written 0 is 10,000");
  }

  @Test
  void latchesHoldUntilTheyAreRead() {
    b.out(0x43, 0x34);
    b.out(0x40, 0x34, 0x12);
    tick(1);
    b.out(0x43, 0);
    tick(100);
    b.out(0x43, 0);
    assertEquals(0x34, b.in(0x40));
    assertEquals(0x12, b.in(0x40));
    assertEquals(0x1234 - 99, b.in(0x40) | b.in(0x40) << 8, "then the live count");
  }

  @Test
  void readBackGivesStatusThenCount() {
    b.out(0x43, 0x36);
    b.out(0x43, 0xe2);
    assertEquals(0xf6, b.in(0x40), "OUT high, no count yet, low then high byte, mode 3, binary");
    b.out(0x40, 0x00, 0x10);
    tick(1);
    b.out(0x43, 0xc2);
    assertEquals(0xb6, b.in(0x40), "the count was taken");
    assertEquals(0x1000, b.in(0x40) | b.in(0x40) << 8);
  }

  @Test
  void channel0InterruptsOnceAPeriod() {
    b.out(0x43, 0x34);
    b.out(0x40, 100, 0);
    edges.clear();
    tick(310);
    assertEquals(List.of("-100", "+101", "-200", "+201", "-300", "+301"), edges);
  }

  /** A day of 18.2 Hz ticks: 65,536 / (105/88 MHz) seconds apart, without drift. */
  @Test
  void aDayHasTheBiosNumberOfTicks() {
    b.out(0x43, 0x36);
    b.out(0x40, 0, 0);
    edges.clear();
    b.to(86_400L * Bench.PER_SECOND);
    long rising = edges.stream().filter(e -> e.startsWith("+")).count();
    assertEquals(86_400L * Pit.HZ_NUM / Pit.HZ_DEN / 65_536, rising);
  }

  @Test
  void longSleepsOfChannel2AreCheapAndExact() {
    gate2(true);
    b.out(0x43, 0xb6);
    b.out(0x42, 7, 0);
    long far = 1L + 7 * 100_000_000_000L;
    tick(far);
    assertEquals(6, count(2));
    assertEquals(1, out2());
    tick(far + 4);
    assertEquals(0, out2());
  }

  @Test
  void aStateTakenOnTheWayContinuesTheSame() {
    b.out(0x43, 0x34);
    b.out(0x40, 0xe8, 0x03);
    tick(700);
    Pit.State saved = pit.state();
    var timers = b.scheduler.state();
    tick(5000);
    var expected = pit.state();
    List<String> seen = List.copyOf(edges);
    Bench other = new Bench();
    Pit copy = new Pit(other.scheduler, Bench.PER_SECOND, high -> {});
    copy.state(saved);
    other.scheduler.state(timers);
    other.to(RATE.count(5000));
    assertEquals(expected, copy.state());
    assertEquals(seen, edges);
  }
}
