package dev.trapline.vm.device.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.Scheduler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two local APICs and an I/O APIC against SDM 3A chapter 11 and the 82093AA data sheet. */
class ApicTest {
  private static final int MASKED = 0x10000;
  private static final int LEVEL = 0x8000;
  private static final int PIC_VECTOR = 0x77;

  private long now;
  private final Scheduler scheduler = new Scheduler(() -> now, () -> {});
  private final ApicBus bus = new ApicBus();
  private boolean picAsks;
  private final Side[] sides = {new Side(), new Side()};
  private final LocalApic a = new LocalApic(0, bus, scheduler, new Pic(), sides[0]);
  private final LocalApic b = new LocalApic(1, bus, scheduler, new Pic(), sides[1]);
  private final IoApic io = new IoApic(bus);

  private static final class Side implements LocalApic.Processor {
    private int attention;
    private int cr8;

    @Override
    public void attention() {
      attention++;
    }

    @Override
    public void taskPriority(int priorityClass) {
      cr8 = priorityClass;
    }

    @Override
    public void moved() {
      // The machine moves its window; here nothing is mapped.
    }
  }

  private final class Pic implements InterruptSource {
    @Override
    public boolean pending() {
      return picAsks;
    }

    @Override
    public int acknowledge() {
      picAsks = false;
      return PIC_VECTOR;
    }
  }

  /** Both APICs software-enabled, the second processor started. */
  @BeforeEach
  void enable() {
    command(a, 0xc4500);
    b.take(InterruptSource.Event.INIT);
    command(a, 0xc4608);
    assertEquals(8, b.take(InterruptSource.Event.STARTUP));
    write(a, LocalApic.SVR, 0x1ff);
    write(b, LocalApic.SVR, 0x1ff);
  }

  private static void write(LocalApic apic, int register, int value) {
    apic.store(register, 4, value & 0xffffffffL);
  }

  private static int read(LocalApic apic, int register) {
    return (int) apic.load(register, 4);
  }

  private static void command(LocalApic from, int low) {
    write(from, LocalApic.ICR_LOW, low);
  }

  private void send(int destination, int low) {
    write(a, LocalApic.ICR_HIGH, destination << 24);
    command(a, low);
  }

  private void redirect(int pin, int high, int low) {
    io.store(0, 4, 0x10 + 2 * pin);
    io.store(0x10, 4, low & 0xffffffffL);
    io.store(0, 4, 0x11 + 2 * pin);
    io.store(0x10, 4, high & 0xffffffffL);
  }

  private int redirection(int pin) {
    io.store(0, 4, 0x10 + 2 * pin);
    return (int) io.load(0x10, 4);
  }

  private void pass(long count) {
    long to = now + count;
    while (scheduler.nextEvent() <= to) {
      now = Math.max(now, scheduler.nextEvent());
      scheduler.runDue(now);
    }
    now = to;
  }

  // ---- identity

  @Test
  void registersAfterPowerUp() {
    LocalApic fresh = new LocalApic(3, new ApicBus(), scheduler, new Pic(), new Side());
    assertEquals(3 << 24, read(fresh, LocalApic.ID));
    assertEquals(0x00050014, read(fresh, LocalApic.VERSION));
    assertEquals(0xff, read(fresh, LocalApic.SVR));
    assertEquals(-1, read(fresh, LocalApic.DFR));
    for (int lvt = LocalApic.LVT; lvt <= LocalApic.LVT_LAST; lvt += 0x10) {
      assertEquals(MASKED, read(fresh, lvt));
    }
    assertTrue(fresh.waiting());
    assertEquals(0xfee00800L, fresh.baseRegister());
    assertEquals(0xfee00900L, a.baseRegister());
  }

  @Test
  void localEntriesStayMaskedWhileSoftwareDisablesTheApic() {
    write(a, LocalApic.LVT, 0x40);
    assertEquals(0x40, read(a, LocalApic.LVT));
    write(a, LocalApic.SVR, 0xff);
    assertEquals(MASKED | 0x40, read(a, LocalApic.LVT));
    write(a, LocalApic.LVT, 0x41);
    assertEquals(MASKED | 0x41, read(a, LocalApic.LVT));
    send(0, 0x4050);
    assertFalse(a.pending());
  }

  // ---- priorities

  @Test
  void theHighestVectorComesFirstAndEoiUncoversTheNext() {
    send(0, 0x4041);
    send(0, 0x4062);
    assertTrue(a.pending());
    assertEquals(1 << 2, read(a, LocalApic.IRR + 0x30));
    assertEquals(0x62, a.acknowledge());
    assertEquals(1 << 2, read(a, LocalApic.ISR + 0x30));
    assertEquals(0x60, read(a, LocalApic.PPR));
    assertFalse(a.pending());
    send(0, 0x406f);
    assertFalse(a.pending(), "the same class waits");
    send(0, 0x4070);
    assertEquals(0x70, a.acknowledge());
    write(a, LocalApic.EOI, 0);
    write(a, LocalApic.EOI, 0);
    assertEquals(0x6f, a.acknowledge());
    write(a, LocalApic.EOI, 0);
    assertEquals(0x41, a.acknowledge());
  }

  @Test
  void taskPriorityIsCr8() {
    write(a, LocalApic.TPR, 0x5a);
    assertEquals(5, sides[0].cr8);
    assertEquals(0x5a, read(a, LocalApic.PPR));
    send(0, 0x405f);
    assertFalse(a.pending());
    int before = sides[0].attention;
    a.taskPriority(4);
    assertEquals(0x40, read(a, LocalApic.TPR));
    assertTrue(a.pending() && sides[0].attention > before);
  }

  @Test
  void withNothingToDeliverTheSpuriousVectorIsGiven() {
    assertEquals(0xff, a.acknowledge());
    assertEquals(0, read(a, LocalApic.ISR + 0x70));
  }

  // ---- messages

  @Test
  void physicalLogicalAndShorthandDestinations() {
    write(a, LocalApic.LDR, 0x01000000);
    write(b, LocalApic.LDR, 0x02000000);
    send(1, 0x4031);
    assertEquals(0x31, b.acknowledge());
    send(0xff, 0x4032);
    assertEquals(0x32, a.acknowledge());
    write(a, LocalApic.EOI, 0);
    write(b, LocalApic.EOI, 0);
    assertEquals(0x32, b.acknowledge());
    write(b, LocalApic.EOI, 0);
    send(2, 0x4833);
    assertFalse(a.pending());
    assertEquals(0x33, b.acknowledge());
    write(b, LocalApic.EOI, 0);
    write(a, LocalApic.DFR, 0x0fffffff);
    write(b, LocalApic.DFR, 0x0fffffff);
    write(a, LocalApic.LDR, 0x11000000);
    write(b, LocalApic.LDR, 0x21000000);
    send(0x21, 0x4834);
    assertFalse(a.pending());
    assertEquals(0x34, b.acknowledge());
    write(b, LocalApic.EOI, 0);
    command(a, 0x44035);
    assertEquals(0x35, a.acknowledge());
    write(a, LocalApic.EOI, 0);
    command(a, 0xc4036);
    assertFalse(a.pending());
    assertEquals(0x36, b.acknowledge());
    write(b, LocalApic.EOI, 0);
    command(b, 0x84037);
    assertEquals(0x37, a.acknowledge());
    assertEquals(0x37, b.acknowledge());
  }

  @Test
  void lowestPriorityGoesToTheLeastUrgent() {
    write(a, LocalApic.LDR, 0x01000000);
    write(b, LocalApic.LDR, 0x02000000);
    write(a, LocalApic.TPR, 0x20);
    send(3, 0x4941);
    assertFalse(a.pending());
    assertEquals(0x41, b.acknowledge());
    send(3, 0x4942);
    assertTrue(a.pending(), "the other serves class 4 now");
    assertFalse(b.pending());
  }

  @Test
  void initAndStartup() {
    command(a, 0xc4699);
    assertEquals(InterruptSource.Event.NONE, b.event(false), "a running processor ignores start-up messages");
    command(a, 0xc4500);
    assertEquals(InterruptSource.Event.INIT, b.event(false));
    b.take(InterruptSource.Event.INIT);
    assertTrue(b.waiting());
    assertEquals(0xff, read(b, LocalApic.SVR));
    assertEquals(1 << 24, read(b, LocalApic.ID));
    command(a, 0xc8500);
    assertEquals(InterruptSource.Event.NONE, b.event(false), "de-assertion does nothing");
    command(a, 0xc469a);
    command(a, 0xc469a);
    assertEquals(InterruptSource.Event.STARTUP, b.event(false));
    assertEquals(0x9a, b.take(InterruptSource.Event.STARTUP));
    assertFalse(b.waiting());
  }

  @Test
  void nmiWaitsWhileHeld() {
    send(1, 0x4400);
    assertEquals(InterruptSource.Event.NONE, b.event(true));
    assertEquals(InterruptSource.Event.NMI, b.event(false));
    b.take(InterruptSource.Event.NMI);
    assertEquals(InterruptSource.Event.NONE, b.event(false));
  }

  @Test
  void illegalVectorsAndRegistersAreErrors() {
    write(a, LocalApic.LVT_LAST, 0xfe);
    send(1, 0x4005);
    write(a, LocalApic.ESR, 0);
    assertEquals(0x20, read(a, LocalApic.ESR));
    assertEquals(0xfe, a.acknowledge());
    write(a, 0x40, 1);
    bus.message(0xfee00000L, 0x0004);
    write(a, LocalApic.ESR, 0);
    assertEquals(0xc0, read(a, LocalApic.ESR));
    write(a, LocalApic.ESR, 0);
    assertEquals(0, read(a, LocalApic.ESR));
  }

  @Test
  void messagesOfDevicesAreWritesToTheirAddress() {
    bus.message(0xfee01000L, 0x0055);
    assertFalse(a.pending());
    assertEquals(0x55, b.acknowledge());
    bus.message(0xfee00000L, 0x0400);
    assertEquals(InterruptSource.Event.NMI, a.event(false));
  }

  // ---- pins

  @Test
  void virtualWireModePassesThe8259On() {
    a.virtualWire();
    picAsks = true;
    a.pin(0).set(true);
    assertTrue(a.pending());
    assertEquals(PIC_VECTOR, a.acknowledge());
    assertEquals(0, read(a, LocalApic.ISR + 0x30), "no place in ISR");
    write(a, LocalApic.LVT + 0x30, MASKED | 0x700);
    assertFalse(a.pending());
    a.base(0xfee00100L);
    assertTrue(a.pending(), "a switched-off APIC is a wire");
    a.pin(1).set(true);
    assertEquals(InterruptSource.Event.NMI, a.event(false));
  }

  @Test
  void anEdgeAtAMaskedPinIsLost() {
    io.pin(4).set(true);
    redirect(4, 0, 0x54);
    assertFalse(a.pending());
    io.pin(4).set(false);
    io.pin(4).set(true);
    assertEquals(0x54, a.acknowledge());
    write(a, LocalApic.EOI, 0);
    assertFalse(a.pending(), "the level alone asks for nothing");
  }

  @Test
  void aLevelAsksAgainAfterEoiWhileItIsHigh() {
    redirect(17, 1 << 24, LEVEL | 0x61);
    io.pin(17).set(true);
    assertEquals(0x61, b.acknowledge());
    assertEquals(LEVEL | 0x4061, redirection(17), "remote IRR");
    assertEquals(1 << 1, read(b, LocalApic.TMR + 0x30));
    io.pin(17).set(false);
    io.pin(17).set(true);
    assertFalse(b.pending());
    write(b, LocalApic.EOI, 0);
    assertEquals(0x61, b.acknowledge());
    io.pin(17).set(false);
    write(b, LocalApic.EOI, 0);
    assertFalse(b.pending());
    assertEquals(LEVEL | 0x61, redirection(17));
  }

  @Test
  void maskingALevelPinHoldsItBack() {
    redirect(18, 0, MASKED | LEVEL | 0x62);
    io.pin(18).set(true);
    assertFalse(a.pending());
    redirect(18, 0, LEVEL | 0x62);
    assertEquals(0x62, a.acknowledge());
    redirect(18, 0, MASKED | 0x62);
    assertEquals(MASKED | 0x62, redirection(18), "edge-triggered entries have no remote IRR");
  }

  @Test
  void theIoApicNamesItself() {
    io.store(0, 4, 1);
    assertEquals(23 << 16 | 0x20, io.load(0x10, 4));
    io.store(0, 4, 0);
    io.store(0x10, 4, 0xffffffffL);
    assertEquals(0x0f000000, io.load(0x10, 4));
  }

  // ---- timer

  @Test
  void theTimerCountsOnceWithItsDivider() {
    write(a, LocalApic.LVT, 0x40);
    write(a, LocalApic.TIMER_DIVIDE, 3);
    write(a, LocalApic.TIMER_INITIAL, 100);
    pass(160);
    assertEquals(90, read(a, LocalApic.TIMER_CURRENT));
    pass(1439);
    assertFalse(a.pending());
    pass(1);
    assertEquals(0x40, a.acknowledge());
    assertEquals(0, read(a, LocalApic.TIMER_CURRENT));
    write(a, LocalApic.EOI, 0);
    pass(10_000);
    assertFalse(a.pending());
  }

  @Test
  void theDividerHasEightSettings() {
    int[] codes = {0, 1, 2, 3, 8, 9, 10, 11};
    int[] divisors = {2, 4, 8, 16, 32, 64, 128, 1};
    for (int i = 0; i < codes.length; i++) {
      write(a, LocalApic.TIMER_DIVIDE, codes[i]);
      write(a, LocalApic.TIMER_INITIAL, 1000);
      pass(1280);
      assertEquals(Math.max(0, 1000 - 1280 / divisors[i]), read(a, LocalApic.TIMER_CURRENT), "code " + codes[i]);
    }
  }

  @Test
  void aPeriodicTimerGoesOn() {
    write(a, LocalApic.TIMER_DIVIDE, 11);
    write(a, LocalApic.LVT, 0x20040);
    write(a, LocalApic.TIMER_INITIAL, 50);
    for (int i = 0; i < 5; i++) {
      pass(50);
      assertEquals(0x40, a.acknowledge());
      write(a, LocalApic.EOI, 0);
    }
    pass(20);
    assertEquals(30, read(a, LocalApic.TIMER_CURRENT));
    write(a, LocalApic.TIMER_INITIAL, 0);
    pass(1000);
    assertFalse(a.pending());
  }

  @Test
  void aDeadlineFiresOnceAndClearsItself() {
    a.deadline(500, 500);
    assertEquals(0, a.deadline(), "not in deadline mode");
    write(a, LocalApic.LVT, 0x40040);
    a.deadline(500, 500);
    assertEquals(500, a.deadline());
    write(a, LocalApic.TIMER_INITIAL, 10);
    assertEquals(0, read(a, LocalApic.TIMER_CURRENT));
    pass(499);
    assertFalse(a.pending());
    pass(1);
    assertEquals(0x40, a.acknowledge());
    assertEquals(0, a.deadline());
    write(a, LocalApic.EOI, 0);
    a.deadline(100, 100);
    pass(0);
    assertTrue(a.pending(), "a deadline in the past fires at once");
  }
}
