package dev.trapline.vm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The 8259A pair against its data sheet (Intel 231468-003). */
class PicTest {
  private static final int EOI = 0x20;
  private final Bench b = new Bench();
  private int changes;
  private boolean intr;
  private final PicPair pic = new PicPair(on -> {
    intr = on;
    changes++;
  });

  /** Vectors 20h and 28h, as protected-mode systems set them; ICW4 with 8086 mode. */
  @BeforeEach
  void initialise() {
    pic.connect(b.ports);
    initialise(1, 1);
  }

  private void initialise(int master4, int slave4) {
    b.out(0x20, 0x11);
    b.out(0x21, 0x20, 0x04, master4);
    b.out(0xa0, 0x11);
    b.out(0xa1, 0x28, 0x02, slave4);
  }

  private void raise(int... inputs) {
    for (int i : inputs) {
      pic.irq(i).set(true);
    }
  }

  private void pulse(int... inputs) {
    for (int i : inputs) {
      pic.irq(i).set(false);
      pic.irq(i).set(true);
    }
  }

  @Test
  void aRisingEdgeAssertsIntrUntilItIsAcknowledged() {
    assertFalse(pic.pending());
    raise(3);
    assertTrue(pic.pending() && intr);
    assertEquals(8, b.in(0x20));
    assertEquals(0x23, pic.acknowledge());
    assertFalse(pic.pending() || intr);
    assertEquals(0, b.in(0x20));
    b.out(0x20, 0x0b);
    assertEquals(8, b.in(0x20), "in service");
    b.out(0x20, EOI);
    assertEquals(0, b.in(0x20));
    raise(3);
    assertFalse(pic.pending(), "the level alone asks for nothing");
    pulse(3);
    assertTrue(pic.pending());
    assertEquals(3, changes);
  }

  @Test
  void fullyNestedModeLetsOnlyHigherPrioritiesThrough() {
    raise(4);
    assertEquals(0x24, pic.acknowledge());
    raise(5);
    assertFalse(pic.pending());
    raise(1);
    assertEquals(0x21, pic.acknowledge());
    b.out(0x20, EOI);
    assertFalse(pic.pending(), "IR4 is still in service");
    b.out(0x20, EOI);
    assertEquals(0x25, pic.acknowledge());
  }

  @Test
  void theMaskHoldsARequestBackWithoutLosingIt() {
    b.out(0x21, 0x08);
    raise(3);
    assertFalse(pic.pending());
    assertEquals(8, b.in(0x21));
    b.out(0x21, 0);
    assertEquals(0x23, pic.acknowledge());
  }

  @Test
  void aRequestThatGoesAwayIsSpuriousLevelSeven() {
    raise(3);
    pic.irq(3).set(false);
    assertFalse(pic.pending());
    assertEquals(0x27, pic.acknowledge());
    b.out(0x20, 0x0b);
    assertEquals(0, b.in(0x20), "a spurious interrupt is not in service");
  }

  @Test
  void theSlaveAnswersThroughTheMastersInputTwo() {
    raise(12);
    assertEquals(4, b.in(0x20));
    assertEquals(0x2c, pic.acknowledge());
    b.out(0x20, 0x0b);
    b.out(0xa0, 0x0b);
    assertEquals(4, b.in(0x20));
    assertEquals(0x10, b.in(0xa0));
    raise(8);
    assertFalse(pic.pending(), "input 2 is in service at the master");
    b.out(0xa0, EOI);
    b.out(0x20, EOI);
    assertEquals(0x28, pic.acknowledge());
  }

  @Test
  void aSlaveRequestThatGoesAwayIsSpuriousAtTheMaster() {
    raise(9);
    b.out(0xa1, 0x02);
    assertFalse(pic.pending(), "the master's request fell with the slave's INT");
    b.out(0xa1, 0);
    pic.irq(9).set(false);
    assertEquals(0x27, pic.acknowledge());
  }

  @Test
  void specialFullyNestedModeLetsTheSlaveInterruptItself() {
    initialise(0x11, 1);
    raise(12);
    assertEquals(0x2c, pic.acknowledge());
    raise(8);
    assertEquals(0x28, pic.acknowledge());
  }

  @Test
  void automaticEndOfInterruptLeavesNothingInService() {
    initialise(3, 1);
    raise(5);
    assertEquals(0x25, pic.acknowledge());
    raise(6);
    assertEquals(0x26, pic.acknowledge());
    b.out(0x20, 0x0b);
    assertEquals(0, b.in(0x20));
  }

  @Test
  void rotationGivesTheServedInputTheLowestPriority() {
    raise(3, 5);
    assertEquals(0x23, pic.acknowledge());
    b.out(0x20, 0xa0);
    pulse(3);
    assertEquals(0x25, pic.acknowledge(), "IR3 is last now");
    b.out(0x20, EOI, 0xc4);
    pulse(5, 0);
    assertEquals(0x25, pic.acknowledge(), "after set priority with 4 lowest, 5 is highest");
  }

  @Test
  void rotationInAutomaticModeTakesTurns() {
    initialise(3, 1);
    b.out(0x20, 0x80);
    raise(0, 1);
    assertEquals(0x20, pic.acknowledge());
    pulse(0);
    assertEquals(0x21, pic.acknowledge());
    assertEquals(0x20, pic.acknowledge());
  }

  @Test
  void specialMaskModeLetsLowerPrioritiesPast() {
    raise(1);
    pic.acknowledge();
    b.out(0x21, 0x02);
    raise(6);
    assertFalse(pic.pending());
    b.out(0x20, 0x68);
    assertEquals(0x26, pic.acknowledge());
  }

  @Test
  void specificEndOfInterruptEndsThatInput() {
    raise(4);
    pic.acknowledge();
    raise(2 + 1);
    pic.acknowledge();
    b.out(0x20, 0x64);
    b.out(0x20, 0x0b);
    assertEquals(8, b.in(0x20));
  }

  @Test
  void pollAcknowledgesThroughARead() {
    raise(6);
    b.out(0x20, 0x0c);
    assertEquals(0x86, b.in(0x20));
    assertFalse(pic.pending());
    b.out(0x20, 0x0c);
    assertEquals(7, b.in(0x20) , "nothing to serve");
    assertEquals(0, b.in(0x20), "one read only");
  }

  @Test
  void levelTriggeredInputsAskAgainWhileHigh() {
    b.ports.out(0x4d0, 2, 0xffff);
    assertEquals(0xdef8, b.ports.in(0x4d0, 2), "IRQ 0, 1, 2, 8 and 13 stay edge-triggered");
    raise(5);
    assertEquals(0x25, pic.acknowledge());
    b.out(0x20, EOI);
    assertTrue(pic.pending());
    pic.irq(5).set(false);
    assertFalse(pic.pending());
  }

  @Test
  void initialisationClearsMasksAndForgetsEdges() {
    b.out(0x21, 0xff);
    raise(3);
    initialise(1, 1);
    assertEquals(0, b.in(0x21));
    assertEquals(0, b.in(0x20), "an input must rise again after ICW1");
  }

  @Test
  void stateSurvivesARoundTrip() {
    raise(3, 12);
    pic.acknowledge();
    PicPair.State saved = pic.state();
    PicPair other = new PicPair(on -> {});
    other.state(saved);
    assertEquals(saved, other.state());
    assertEquals(pic.pending(), other.pending());
  }
}
