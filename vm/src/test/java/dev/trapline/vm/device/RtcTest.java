package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;

/** The MC146818A against its data sheet. */
class RtcTest {
  private static final long SECOND = Bench.PER_SECOND;
  private final Bench b = new Bench();
  private boolean irq;
  private int interrupts;
  private final Rtc rtc = new Rtc(b.scheduler, Bench.PER_SECOND, on -> {
    interrupts += on && !irq ? 1 : 0;
    irq = on;
  }, LocalDateTime.of(2024, 2, 28, 23, 59, 58));

  RtcTest() {
    b.ports.add("rtc", 0x70, 2, rtc);
    rtc.cmos(Rtc.CENTURY, 0x20);
  }

  private int read(int address) {
    b.out(0x70, address);
    return b.in(0x71);
  }

  private void write(int address, int value) {
    b.out(0x70, address);
    b.out(0x71, value);
  }

  private String time() {
    return String.format("%02x%02x-%02x-%02x %02x:%02x:%02x day %x",
        read(0x32), read(9), read(8), read(7), read(4), read(2), read(0), read(6));
  }

  @Test
  void itShowsTheStartDateAndCountsOverALeapDay() {
    assertEquals("2024-02-28 23:59:58 day 4", time());
    b.to(2 * SECOND - 1);
    assertEquals("2024-02-28 23:59:59 day 4", time());
    b.to(2 * SECOND);
    assertEquals("2024-02-29 00:00:00 day 5", time());
  }

  @Test
  void binaryAndTwelveHourFormats() {
    write(11, 0x04);
    assertEquals(0x80 | 11, read(4));
    assertEquals(59, read(2));
    write(11, 0x06);
    assertEquals(23, read(4));
    write(11, 0x00);
    b.to(2 * SECOND);
    assertEquals(0x12, read(4), "midnight is 12 AM");
  }

  @Test
  void setHoldsTheClockAndLetsSoftwareWriteIt() {
    write(11, 0x82);
    write(9, 0x31);
    write(8, 0x12);
    write(7, 0x31);
    write(4, 0x23);
    write(2, 0x59);
    write(0, 0x50);
    write(6, 4);
    b.pass(5 * SECOND);
    assertEquals("2031-12-31 23:59:50 day 4", time());
    write(11, 0x02);
    b.pass(10 * SECOND);
    assertEquals("2032-01-01 00:00:00 day 5", time());
  }

  @Test
  void updateInProgressWarnsBeforeTheSecond() {
    assertEquals(0x26, read(10));
    b.to(SECOND - SECOND / 1000);
    assertEquals(0xa6, read(10));
    b.to(SECOND);
    assertEquals(0x26, read(10));
  }

  @Test
  void thePeriodicInterruptComesAtItsRateAndOnlyOnceUntilRead() {
    write(11, 0x42);
    b.pass(SECOND / 1024 + 1);
    assertTrue(irq);
    b.pass(SECOND / 100);
    assertEquals(1, interrupts);
    assertEquals(0xc0, read(12));
    assertFalse(irq);
    for (int i = 0; i < 512; i++) {
      b.pass(SECOND / 1024 + 1);
      read(12);
    }
    assertEquals(513, interrupts);
  }

  @Test
  void theUpdateInterruptComesEverySecond() {
    write(11, 0x12);
    b.to(SECOND - 1);
    assertFalse(irq);
    b.to(SECOND);
    assertTrue(irq);
    assertEquals(0x90, read(12) & 0xb0);
    b.to(2 * SECOND);
    assertTrue(irq);
  }

  @Test
  void theAlarmComesAtItsTime() {
    write(1, 0x05);
    write(3, 0x00);
    write(5, 0xff);
    write(11, 0x22);
    b.to(7 * SECOND - 1);
    assertFalse(irq);
    b.to(7 * SECOND);
    assertTrue(irq);
    assertEquals(0xa0, read(12) & 0xa0);
  }

  @Test
  void flagsRiseWithoutInterruptsToo() {
    read(12);
    b.pass(SECOND);
    assertEquals(0x50, read(12));
    assertEquals(0, read(12));
    assertFalse(irq);
  }

  @Test
  void memoryKeepsWhatIsWritten() {
    write(0x40, 0x5a);
    assertEquals(0x5a, read(0x40));
    assertEquals(0x80, read(13), "VRT: the battery is good");
    b.out(0x70, 0x80);
    assertTrue(rtc.nmiMasked());
  }

  @Test
  void stateSurvivesARoundTrip() {
    write(11, 0x42);
    b.pass(3 * SECOND + 12345);
    Bench other = new Bench();
    Rtc copy = new Rtc(other.scheduler, Bench.PER_SECOND, on -> {}, LocalDateTime.of(1999, 1, 1, 0, 0));
    other.to(b.now());
    copy.state(rtc.state());
    other.ports.add("rtc", 0x70, 2, copy);
    other.out(0x70, 0);
    assertEquals(read(0), other.in(0x71));
  }
}
