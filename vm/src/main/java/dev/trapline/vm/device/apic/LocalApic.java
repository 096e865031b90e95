package dev.trapline.vm.device.apic;

import dev.trapline.vm.bus.InterruptSource;
import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * A local APIC in xAPIC mode (SDM 3A chapter 11): what stands between one processor and everybody who interrupts it. Version 14h with
 * six local vectors; no SMM exists here, so SMIs are only counted.
 *
 * <p>While the APIC is disabled by IA32_APIC_BASE its LINT pins are the processor's INTR and NMI.
 */
public final class LocalApic implements InterruptSource, MmioDevice, Stateful<LocalApic.State> {
  /** Where an APIC answers after reset, and how much room it takes. */
  public static final long BASE = 0xfee00000L;
  public static final int SIZE = 0x1000;

  static final int ID = 0x20;
  static final int VERSION = 0x30;
  static final int TPR = 0x80;
  static final int APR = 0x90;
  static final int PPR = 0xa0;
  static final int EOI = 0xb0;
  static final int RRD = 0xc0;
  static final int LDR = 0xd0;
  static final int DFR = 0xe0;
  static final int SVR = 0xf0;
  static final int ISR = 0x100;
  static final int TMR = 0x180;
  static final int IRR = 0x200;
  static final int ESR = 0x280;
  static final int ICR_LOW = 0x300;
  static final int ICR_HIGH = 0x310;
  static final int LVT = 0x320;
  static final int LVT_LAST = 0x370;
  static final int TIMER_INITIAL = 0x380;
  static final int TIMER_CURRENT = 0x390;
  static final int TIMER_DIVIDE = 0x3e0;

  // Local vectors in the order of their registers.
  private static final int TIMER = 0;
  private static final int LINT0 = 3;
  private static final int LINT1 = 4;
  private static final int ERROR = 5;
  private static final int ENTRIES = 6;
  private static final int[] LVT_WRITABLE = {0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff};

  private static final int VERSION_VALUE = 0x00050014;
  private static final int MASKED = 0x10000;
  private static final int LEVEL = 0x8000;
  private static final int REMOTE_IRR = 0x4000;
  private static final int ENABLED = 0x100;
  private static final int LVT_EXTINT = 0x700;
  private static final int LVT_NMI = 0x400;
  private static final long BASE_ENABLED = 0x800;
  private static final long BASE_ADDRESS = 0xfffffff000L;
  private static final int SEND_ILLEGAL = 0x20;
  private static final int RECEIVE_ILLEGAL = 0x40;
  private static final int ILLEGAL_REGISTER = 0x80;
  private static final int NO_STARTUP = -1;

  /** The processor as its APIC sees it. */
  public interface Processor {
    /** Something waits: look between instructions. */
    void attention();

    /** The task priority register was written: what CR8 reads now. */
    void taskPriority(int priorityClass);

    /** IA32_APIC_BASE moved or switched the APIC. */
    void moved();
  }

  /**
   * @param lvt timer, thermal, performance, LINT0, LINT1, error
   * @param errors found since ESR was last written
   * @param esr what ESR reads
   * @param pins levels of LINT0 and LINT1
   * @param external an ExtINT message has arrived and was not acknowledged
   * @param startup vector of a pending start-up message, or -1
   * @param waiting for a start-up message
   * @param smis messages that asked for SMM
   */
  public record State(long base, int id, int ldr, int dfr, int tpr, int svr, @Length(8) int[] irr, @Length(8) int[] isr,
      @Length(8) int[] tmr, int esr, int errors, int icrLow, int icrHigh, @Length(ENTRIES) int[] lvt, ApicTimer.State timer, int pins,
      boolean external, boolean nmi, boolean init, @Range(least = -1, most = 0xff) int startup, boolean waiting, int smis)
      implements StateRecord {}

  private final int number;
  private final ApicBus bus;
  private final InterruptSource pic;
  private final Processor processor;
  private final ApicTimer timer;
  private final Vectors irr = new Vectors();
  private final Vectors isr = new Vectors();
  private final Vectors tmr = new Vectors();
  private final int[] lvt = new int[ENTRIES];
  private long base;
  private int id;
  private int ldr;
  private int dfr;
  private int tpr;
  private int svr;
  private int esr;
  private int errors;
  private int icrLow;
  private int icrHigh;
  private int pins;
  private boolean external;
  private boolean nmi;
  private boolean init;
  private int startup = NO_STARTUP;
  private boolean waiting;
  private int smis;

  /**
   * @param number index of the processor, which is also the APIC id after reset; 0 is the boot processor
   * @param pic answers the INTA cycle of ExtINT interrupts
   */
  public LocalApic(int number, ApicBus bus, Scheduler scheduler, InterruptSource pic, Processor processor) {
    this.number = number;
    this.bus = bus;
    this.pic = pic;
    this.processor = processor;
    this.timer = new ApicTimer("lapic" + number, scheduler, () -> local(TIMER));
    bus.add(this);
    powerUp();
  }

  private void powerUp() {
    base = BASE | BASE_ENABLED | (number == 0 ? 0x100 : 0);
    id = number << 24;
    waiting = number != 0;
    initState();
  }

  /** Power-on. Processors other than the first then wait for a start-up message. */
  public void reset() {
    powerUp();
    pins = 0;
    smis = 0;
    processor.taskPriority(0);
  }

  /** INIT: everything but the base address and the id (SDM 3A 11.4.7.3). */
  private void initState() {
    ldr = 0;
    dfr = -1;
    tpr = 0;
    svr = 0xff;
    irr.clear();
    isr.clear();
    tmr.clear();
    esr = 0;
    errors = 0;
    icrLow = 0;
    icrHigh = 0;
    java.util.Arrays.fill(lvt, MASKED);
    timer.reset();
    external = false;
    nmi = false;
    init = false;
    startup = NO_STARTUP;
  }

  /** What firmware leaves behind on the boot processor: LINT0 passes the 8259s on, LINT1 is NMI (MP specification 3.6.2.1). */
  public void virtualWire() {
    svr |= ENABLED;
    lvt[LINT0] = LVT_EXTINT;
    lvt[LINT1] = LVT_NMI;
  }

  /** The IA32_APIC_BASE this APIC goes by. */
  public long baseRegister() {
    return base;
  }

  /** Whether the APIC answers at a physical page. */
  public boolean answersAt(long page) {
    return enabledGlobally() && (base & BASE_ADDRESS) == page;
  }

  /** Whether the processor waits for a start-up message: only INIT and start-up reach it. */
  public boolean waiting() {
    return waiting;
  }

  private boolean enabledGlobally() {
    return (base & BASE_ENABLED) != 0;
  }

  /** Whether fixed interrupts are accepted. */
  boolean accepts() {
    return enabledGlobally() && (svr & ENABLED) != 0;
  }

  // ---- towards the processor

  @Override
  public boolean pending() {
    return !waiting && (deliverable() >= 0 || fromPic());
  }

  /** The vector that INTR stands for, or -1. */
  private int deliverable() {
    if (!accepts()) {
      return -1;
    }
    int best = irr.highest();
    return best >= 0 && best >>> 4 > processorPriority() >>> 4 ? best : -1;
  }

  private boolean fromPic() {
    if (!enabledGlobally()) {
      return (pins & 1) != 0;
    }
    boolean wired = (lvt[LINT0] & (MASKED | LVT_EXTINT)) == LVT_EXTINT && (pins & 1) != 0;
    return wired || external && pic.pending();
  }

  /** PPR (SDM 3A 11.8.3.1). */
  int processorPriority() {
    int served = isr.highest();
    return served < 0 || tpr >>> 4 >= served >>> 4 ? tpr : served & 0xf0;
  }

  @Override
  public int acknowledge() {
    int vector = deliverable();
    if (vector >= 0) {
      irr.set(vector, false);
      isr.set(vector, true);
      return vector;
    }
    if (fromPic()) {
      external = false;
      return pic.acknowledge();
    }
    return svr & 0xff;
  }

  @Override
  public Event event(boolean nmiHeld) {
    if (init) {
      return Event.INIT;
    }
    if (startup != NO_STARTUP) {
      return Event.STARTUP;
    }
    return nmi && !nmiHeld && !waiting ? Event.NMI : Event.NONE;
  }

  @Override
  public int take(Event event) {
    switch (event) {
      case INIT -> {
        boolean first = number == 0;
        int after = startup;
        initState();
        startup = first ? NO_STARTUP : after;
        processor.taskPriority(0);
        waiting = !first;
        if (first) {
          virtualWire();
        }
      }
      case STARTUP -> {
        int vector = startup;
        startup = NO_STARTUP;
        waiting = false;
        return vector;
      }
      case NMI -> nmi = false;
      case NONE -> { }
    }
    return 0;
  }

  @Override
  public void taskPriority(int priorityClass) {
    tpr = priorityClass << 4;
    changed();
  }

  @Override
  public boolean heldByPriority() {
    return tpr >>> 4 > 0 && irr.highest() >= 0 && deliverable() < 0;
  }

  @Override
  public void base(long value) {
    base = value;
    if (!enabledGlobally()) {
      initState();
    }
    processor.moved();
    changed();
  }

  @Override
  public long deadline() {
    return timer.deadline();
  }

  @Override
  public void deadline(long tsc, long at) {
    timer.deadline(tsc, at);
  }

  private void changed() {
    if (pending() || init || startup != NO_STARTUP || nmi) {
      processor.attention();
    }
  }

  // ---- towards the world

  /** The pin LINT0 (INTR of the 8259s) or LINT1 (NMI). */
  public IrqLine pin(int n) {
    return high -> pin(n, high);
  }

  private void pin(int n, boolean high) {
    boolean rises = high && (pins >>> n & 1) == 0;
    pins = high ? pins | 1 << n : pins & ~(1 << n);
    if (!enabledGlobally()) {
      nmi |= n == 1 && rises;
    } else if (rises) {
      local(LINT0 + n);
    }
    changed();
  }

  /** A local source asks: its entry says what happens. */
  private void local(int entry) {
    int word = lvt[entry];
    if ((word & MASKED) != 0) {
      return;
    }
    boolean level = (word & LEVEL) != 0 && entry >= LINT0 && entry <= LINT1;
    ApicMessage.Mode mode = entry == TIMER || entry == ERROR ? ApicMessage.Mode.FIXED : ApicMessage.mode(word);
    if (mode == ApicMessage.Mode.EXTINT) {
      changed(); // the pin itself is looked at
    } else {
      if (level && mode == ApicMessage.Mode.FIXED) {
        lvt[entry] |= REMOTE_IRR;
      }
      receive(new ApicMessage(0, false, mode, word & 0xff, level && mode == ApicMessage.Mode.FIXED));
    }
  }

  /** Whether a message's destination means this APIC (SDM 3A 11.6.2). */
  boolean isAddressed(ApicMessage m) {
    if (!m.logical()) {
      return m.destination() == ApicMessage.EVERYBODY || m.destination() == id >>> 24;
    }
    int mine = ldr >>> 24;
    if (dfr >>> 28 == 0xf) {
      return (mine & m.destination()) != 0;
    }
    boolean cluster = m.destination() >>> 4 == 0xf || m.destination() >>> 4 == mine >>> 4;
    return cluster && (mine & m.destination() & 0xf) != 0;
  }

  /** Takes a message. INIT, start-up, NMI, SMI and ExtINT reach the processor whether or not software has enabled the APIC. */
  void receive(ApicMessage m) {
    if (!enabledGlobally()) {
      return;
    }
    switch (m.mode()) {
      case FIXED, LOWEST_PRIORITY -> fixed(m.vector(), m.level());
      case NMI -> nmi = true;
      case INIT -> {
        init = true;
        startup = NO_STARTUP;
      }
      case STARTUP -> {
        if (waiting || init) {
          startup = m.vector();
        }
      }
      case EXTINT -> external = true;
      case SMI -> smis++;
      case RESERVED -> error(RECEIVE_ILLEGAL);
    }
    changed();
  }

  private void fixed(int vector, boolean level) {
    if (vector < 16) {
      error(RECEIVE_ILLEGAL);
    } else if (accepts()) {
      irr.set(vector, true);
      tmr.set(vector, level);
    }
  }

  private void error(int bit) {
    boolean fresh = (errors & bit) == 0;
    errors |= bit;
    int entry = lvt[ERROR];
    if (fresh && (entry & MASKED) == 0 && accepts() && (entry & 0xff) >= 16) {
      fixed(entry & 0xff, false);
    }
  }

  // ---- registers

  @Override
  public long load(long offset, int bytes) {
    int register = (int) offset & -16;
    int shift = 8 * ((int) offset & 15);
    long word = read(register) & 0xffffffffL;
    return shift >= 32 ? 0 : word >>> shift;
  }

  private int read(int register) {
    if (register >= ISR && register < ESR) {
      Vectors v = register < TMR ? isr : register < IRR ? tmr : irr;
      return v.word(register >>> 4 & 7);
    }
    if (register >= LVT && register <= LVT_LAST) {
      return lvt[register - LVT >>> 4];
    }
    return switch (register) {
      case ID -> id;
      case VERSION -> VERSION_VALUE;
      case TPR -> tpr;
      case APR, PPR -> processorPriority();
      case EOI, RRD -> 0;
      case LDR -> ldr;
      case DFR -> dfr;
      case SVR -> svr;
      case ESR -> esr;
      case ICR_LOW -> icrLow;
      case ICR_HIGH -> icrHigh;
      case TIMER_INITIAL -> (int) timer.initial();
      case TIMER_CURRENT -> (int) timer.current();
      case TIMER_DIVIDE -> timer.divide();
      default -> {
        error(ILLEGAL_REGISTER);
        changed();
        yield 0;
      }
    };
  }

  /** Registers are written 32 bits at a time; other widths are undefined (SDM 3A 11.4.1) and do nothing here. */
  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes < 4 || (offset & 15) != 0) {
      error(ILLEGAL_REGISTER);
    } else {
      write((int) offset, (int) value);
    }
    changed();
  }

  private void write(int register, int value) {
    if (register >= LVT && register <= LVT_LAST) {
      local(register - LVT >>> 4, value);
      return;
    }
    switch (register) {
      case ID -> id = value & 0xff000000;
      case TPR -> {
        tpr = value & 0xff;
        processor.taskPriority(tpr >>> 4);
      }
      case EOI -> endOfInterrupt();
      case LDR -> ldr = value & 0xff000000;
      case DFR -> dfr = value | 0x0fffffff;
      case SVR -> spurious(value);
      case ESR -> {
        esr = errors;
        errors = 0;
      }
      case ICR_LOW -> command(value);
      case ICR_HIGH -> icrHigh = value & 0xff000000;
      case TIMER_INITIAL -> timer.initial(value & 0xffffffffL);
      case TIMER_DIVIDE -> timer.divide(value);
      default -> error(ILLEGAL_REGISTER);
    }
  }

  private void spurious(int value) {
    svr = value & 0x3ff;
    if ((svr & ENABLED) == 0) {
      for (int i = 0; i < ENTRIES; i++) {
        lvt[i] |= MASKED;
      }
    }
  }

  private void local(int entry, int value) {
    int forced = (svr & ENABLED) == 0 ? MASKED : 0;
    lvt[entry] = value & LVT_WRITABLE[entry] | lvt[entry] & REMOTE_IRR | forced;
    if ((lvt[entry] & LEVEL) == 0) {
      lvt[entry] &= ~REMOTE_IRR;
    }
    if (entry == TIMER) {
      timer.kind(ApicTimer.kind(value));
    } else if (entry == LINT0 || entry == LINT1) {
      levelAgain(entry);
    }
  }

  /** A level-triggered pin that is still high and not being served asks again. */
  private void levelAgain(int entry) {
    boolean high = (pins >>> entry - LINT0 & 1) != 0;
    if (high && (lvt[entry] & (LEVEL | REMOTE_IRR)) == LEVEL) {
      local(entry);
    }
  }

  private void endOfInterrupt() {
    int vector = isr.highest();
    if (vector < 0) {
      return;
    }
    isr.set(vector, false);
    if (tmr.has(vector)) {
      for (int entry = LINT0; entry <= LINT1; entry++) {
        if ((lvt[entry] & 0xff) == vector && (lvt[entry] & REMOTE_IRR) != 0) {
          lvt[entry] &= ~REMOTE_IRR;
          levelAgain(entry);
        }
      }
      bus.end(vector);
    }
  }

  /** Writing the low word of ICR sends (SDM 3A 11.6.1). */
  private void command(int value) {
    icrLow = value & 0xccfff;
    ApicMessage.Mode mode = ApicMessage.mode(value);
    boolean fixed = mode == ApicMessage.Mode.FIXED || mode == ApicMessage.Mode.LOWEST_PRIORITY;
    if (fixed && (value & 0xff) < 16) {
      error(SEND_ILLEGAL);
      return;
    }
    if (mode == ApicMessage.Mode.INIT && (value & (LEVEL | REMOTE_IRR)) == LEVEL) {
      return; // INIT level de-assert only resynchronised the arbitration of a serial bus
    }
    ApicMessage m = new ApicMessage(icrHigh >>> 24, (value & 0x800) != 0, mode, value & 0xff, false);
    switch (value >>> 18 & 3) {
      case 0 -> bus.send(m);
      case 1 -> receive(m);
      case 2 -> bus.broadcast(this, true, m);
      default -> bus.broadcast(this, false, m);
    }
  }

  // ---- state

  @Override
  public String stateName() {
    return "lapic" + number;
  }

  @Override
  public State state() {
    return new State(base, id, ldr, dfr, tpr, svr, irr.words(), isr.words(), tmr.words(), esr, errors, icrLow, icrHigh, lvt.clone(),
        timer.state(), pins, external, nmi, init, startup, waiting, smis);
  }

  @Override
  public void state(State s) {
    base = s.base;
    id = s.id;
    ldr = s.ldr;
    dfr = s.dfr;
    tpr = s.tpr;
    svr = s.svr;
    irr.words(s.irr);
    isr.words(s.isr);
    tmr.words(s.tmr);
    esr = s.esr;
    errors = s.errors;
    icrLow = s.icrLow;
    icrHigh = s.icrHigh;
    System.arraycopy(s.lvt, 0, lvt, 0, ENTRIES);
    timer.state(s.timer);
    pins = s.pins;
    external = s.external;
    nmi = s.nmi;
    init = s.init;
    startup = s.startup;
    waiting = s.waiting;
    smis = s.smis;
    processor.moved();
    changed();
  }
}
