package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The 16550A against its data sheet (National Semiconductor PC16550D). */
class UartTest {
  private static final int RBR = 0x3f8;
  private static final int IER = 0x3f9;
  private static final int IIR = 0x3fa;
  private static final int LCR = 0x3fb;
  private static final int MCR = 0x3fc;
  private static final int LSR = 0x3fd;
  private static final int MSR = 0x3fe;
  private final Bench b = new Bench();
  private final StringBuilder sent = new StringBuilder();
  private boolean irq;
  private final Uart uart = new Uart("com1", b.scheduler, Bench.PER_SECOND, on -> irq = on, c -> sent.append((char) c));

  UartTest() {
    b.ports.add("com1", 0x3f8, Uart.PORTS, uart);
    b.out(MCR, 8);
  }

  /** One bit at the divisor of power-on, 9600 bits a second, and seven of them (5N1). */
  private static final long CHARACTER = 7L * Bench.PER_SECOND / 9600 + 1;

  /** The host sends, and all of it arrives. */
  private void receive(String s) {
    s.chars().forEach(uart::receive);
    b.pass(s.length() * CHARACTER);
  }

  @Test
  void bytesLeaveAtOnceAndTheTransmitterIsEmpty() {
    b.out(RBR, 'h', 'i');
    assertEquals("hi", sent.toString());
    assertEquals(0x60, b.in(LSR));
  }

  @Test
  void theDivisorHidesBehindDlab() {
    b.out(LCR, 0x83);
    b.out(RBR, 0x0c);
    b.out(IER, 0x01);
    assertEquals(0x0c, b.in(RBR));
    assertEquals(1, b.in(IER));
    b.out(LCR, 3);
    assertEquals(0, b.in(IER));
    assertEquals("", sent.toString());
  }

  @Test
  void withoutFifoOneByteWaitsInsideAndTheRestOutside() {
    b.out(IER, 1);
    "abc".chars().forEach(uart::receive);
    assertFalse(irq);
    b.pass(CHARACTER);
    assertTrue(irq);
    assertEquals(4, b.in(IIR));
    assertEquals(3, uart.unread());
    assertEquals('a', b.in(RBR));
    assertEquals(0x60, b.in(LSR));
    assertFalse(irq);
    b.pass(CHARACTER);
    assertTrue(irq);
    assertEquals('b', b.in(RBR));
    assertFalse(irq);
    b.pass(CHARACTER);
    assertEquals(0x61, b.in(LSR));
    assertEquals('c', b.in(RBR));
    assertEquals(0x60, b.in(LSR));
    assertFalse(irq);
    assertEquals(1, b.in(IIR));
  }

  @Test
  void bytesArriveAtTheSpeedOfTheLine() {
    b.out(LCR, 0x83);
    b.out(RBR, 2);
    b.out(LCR, 3);
    uart.receive('x');
    long tenBits = 10L * Bench.PER_SECOND / 57_600;
    b.pass(tenBits - 1);
    assertEquals(0x60, b.in(LSR));
    b.pass(2);
    assertEquals(0x61, b.in(LSR));
  }

  @Test
  void aGuestThatPollsIsWaitedFor() {
    receive("ab");
    b.pass(100 * CHARACTER);
    assertEquals(0x61, b.in(LSR));
    assertEquals('a', b.in(RBR));
    b.pass(CHARACTER);
    assertEquals('b', b.in(RBR));
  }

  @Test
  void anInterruptDrivenGuestThatIsTooSlowOverruns() {
    b.out(IER, 5);
    receive("ab");
    assertEquals(6, b.in(IIR));
    assertEquals(0x63, b.in(LSR));
    assertEquals('b', b.in(RBR), "the receive buffer is overwritten");
    b.out(IIR, 0x81);
    receive("0123456789abcdefg");
    assertEquals(0x63, b.in(LSR));
    for (char c : "0123456789abcdef".toCharArray()) {
      assertEquals(c, b.in(RBR), "the FIFO is not");
    }
    assertEquals(0x60, b.in(LSR));
  }

  @Test
  void aDriverThatReadsOneByteAnInterruptGetsAll() {
    b.out(IER, 1);
    StringBuilder got = new StringBuilder();
    boolean[] before = {false};
    "edge by edge".chars().forEach(uart::receive);
    for (int i = 0; i < 12 * 100; i++) {
      b.pass(CHARACTER / 50);
      if (irq && !before[0]) {
        got.append((char) b.in(RBR));
      }
      before[0] = irq;
    }
    assertEquals("edge by edge", got.toString());
  }

  @Test
  void theFifoInterruptsAtItsTriggerLevel() {
    b.out(IIR, 0x81);
    b.out(IER, 1);
    receive("1234567");
    assertFalse(irq);
    receive("8");
    assertEquals(0xc4, b.in(IIR));
    b.in(RBR);
    assertEquals(0xc1, b.in(IIR));
    assertFalse(irq);
  }

  @Test
  void fewBytesAreAnnouncedAfterFourCharacterTimes() {
    b.out(LCR, 0x83);
    b.out(RBR, 1);
    b.out(LCR, 3);
    b.out(IIR, 0xc1);
    b.out(IER, 1);
    uart.receive('x');
    long fourCharacters = 40L * Bench.PER_SECOND / 115_200;
    b.pass(fourCharacters / 4 + 1);
    b.pass(fourCharacters - 1);
    assertFalse(irq);
    b.pass(2);
    assertTrue(irq);
    assertEquals(0xcc, b.in(IIR));
    uart.receive('y');
    b.pass(fourCharacters / 4 + 1);
    assertEquals(0xcc, b.in(IIR), "a new byte does not take the timeout back");
    assertEquals('x', b.in(RBR));
    assertEquals(0xc1, b.in(IIR));
    b.pass(fourCharacters + 1);
    assertEquals(0xcc, b.in(IIR));
    assertEquals('y', b.in(RBR));
    assertEquals(0xc1, b.in(IIR));
  }

  @Test
  void theEmptyInterruptComesWhenEnabledAndGoesWhenReported() {
    b.out(IER, 2);
    assertTrue(irq);
    assertEquals(2, b.in(IIR));
    assertFalse(irq);
    assertEquals(1, b.in(IIR));
    b.out(RBR, 'x');
    assertTrue(irq);
  }

  @Test
  void lineErrorsComeFirst() {
    b.out(MCR, 0x18);
    b.out(IER, 5);
    b.out(RBR, 'a', 'b');
    assertEquals(6, b.in(IIR));
    assertEquals(0x63, b.in(LSR), "overrun");
    assertEquals(4, b.in(IIR));
    assertEquals('b', b.in(RBR), "without a FIFO the newer byte replaces the older");
    assertEquals("", sent.toString());
  }

  @Test
  void loopbackFeedsTheModemOutputsBack() {
    b.in(MSR);
    b.out(MCR, 0x1f);
    assertEquals(0xf0, b.in(MSR) & 0xf0);
    b.out(MCR, 0x1a);
    assertEquals(0x90, b.in(MSR) & 0xf0, "RTS is CTS, OUT2 is DCD");
    assertFalse(irq);
  }

  @Test
  void modemChangesInterruptUntilRead() {
    b.in(MSR);
    b.out(MCR, 0x10);
    assertEquals(0x0b, b.in(MSR), "CTS, DSR and DCD fell");
    b.out(IER, 8);
    b.out(MCR, 8);
    assertTrue(irq);
    assertEquals(0, b.in(IIR));
    assertEquals(0xbb, b.in(MSR));
    assertFalse(irq);
  }

  @Test
  void outTwoGatesTheInterrupt() {
    b.out(MCR, 0);
    b.out(IER, 1);
    receive("a");
    assertFalse(irq);
    b.out(MCR, 8);
    assertTrue(irq);
  }

  @Test
  void itIsDetectedAsA16550A() {
    b.out(IIR, 1);
    assertEquals(0xc1, b.in(IIR));
    b.out(IIR, 0);
    assertEquals(1, b.in(IIR));
    b.out(0x3ff, 0x5a);
    assertEquals(0x5a, b.in(0x3ff));
  }

  @Test
  void stateSurvivesARoundTrip() {
    b.out(IIR, 0x41);
    receive("hello, this is longer than the receiver");
    b.in(RBR);
    Uart.State s = uart.state();
    Uart other = new Uart("com1", new Bench().scheduler, Bench.PER_SECOND, on -> {}, c -> {});
    other.state(s);
    assertEquals("ello, this is longer than the receiver".length(), other.unread());
    assertEquals('e', other.in(0, 1));
  }
}
