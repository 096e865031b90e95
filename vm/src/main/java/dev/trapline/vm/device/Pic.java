package dev.trapline.vm.device;

import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;

/**
 * One 8259A programmable interrupt controller (Intel 231468). Offset 0 takes ICW1, OCW2 and OCW3, offset 1 the other words.
 *
 * <p>An edge-triggered request is latched by a rising line and lost if the line falls before it is acknowledged, as the data sheet
 * has it; the acknowledge then finds nothing and answers with level 7, the spurious interrupt.
 */
public final class Pic implements PortDevice {
  private static final int ICW1 = 0x10;
  private static final int ICW1_SINGLE = 2;
  private static final int ICW1_NEEDS_ICW4 = 1;
  private static final int ICW1_LEVEL = 8;
  private static final int OCW3 = 8;

  /** Where the chip is in its initialisation: the word it expects at offset 1. */
  public enum Expects { OCW1, ICW2, ICW3, ICW4 }

  /**
   * @param lines levels of the inputs
   * @param irr requests
   * @param isr in service
   * @param imr masks
   * @param edgeLevel ELCR: a set bit makes the input level-triggered
   * @param lowest the input with the lowest priority, 7 unless rotated
   * @param icw1 the last ICW1
   * @param icw2 vector base
   * @param icw3 cascade wiring as programmed
   * @param icw4 the last ICW4
   * @param rotateOnAutoEoi OCW2 "rotate in automatic EOI mode"
   * @param readIsr a read at offset 0 gives ISR, not IRR
   * @param poll the next read at offset 0 is a poll
   */
  public record State(int lines, int irr, int isr, int imr, int edgeLevel, @Range(most = 7) int lowest, int icw1, int icw2, int icw3,
      int icw4, boolean rotateOnAutoEoi, boolean specialMask, boolean readIsr, boolean poll, Expects expects) implements StateRecord {}

  private final int cascade;
  private final Runnable changed;
  private int lines;
  private int irr;
  private int isr;
  private int imr;
  private int elcr;
  private int lowest = 7;
  private int icw1;
  private int icw2;
  private int icw3;
  private int icw4;
  private boolean rotateOnAutoEoi;
  private boolean specialMask;
  private boolean readIsr;
  private boolean poll;
  private Expects expects = Expects.OCW1;

  /**
   * @param cascade the input that carries a slave's INT, or -1 for a slave
   * @param changed told after anything that may change INT
   */
  Pic(int cascade, Runnable changed) {
    this.cascade = cascade;
    this.changed = changed;
  }

  /** Power-on: nothing masked, nothing requested, vectors 0 up; the input levels stay what they are. */
  void reset() {
    initialise(0);
    expects = Expects.OCW1;
    elcr = 0;
    icw2 = 0;
    icw3 = 0;
    icw4 = 0;
    changed.run();
  }

  void line(int input, boolean high) {
    int bit = 1 << input;
    boolean was = (lines & bit) != 0;
    lines = high ? lines | bit : lines & ~bit;
    if (!high) {
      irr &= ~bit;
    } else if (!was || levelTriggered(bit)) {
      irr |= bit;
    }
    changed.run();
  }

  private boolean levelTriggered(int bit) {
    return (elcr & bit) != 0 || (icw1 & ICW1_LEVEL) != 0;
  }

  /** ELCR, ports 4D0h and 4D1h. */
  int elcr() {
    return elcr;
  }

  void elcr(int value) {
    elcr = value;
  }

  /** The input that would be acknowledged now, or -1: INT is asserted when there is one. */
  int request() {
    int asking = irr & ~imr;
    if (asking == 0) {
      return -1;
    }
    int blocking = specialMask ? isr & ~imr : isr;
    boolean nestedSlave = cascade >= 0 && (icw4 & 0x10) != 0;
    for (int k = 1; k <= 8; k++) {
      int input = lowest + k & 7;
      int bit = 1 << input;
      boolean served = (blocking & bit) != 0;
      if (served && !(nestedSlave && input == cascade)) {
        return -1;
      }
      if ((asking & bit) != 0) {
        return input;
      }
    }
    return -1;
  }

  /** The INTA cycle: returns the input taken into service, or -1 for a spurious interrupt. */
  int acknowledge() {
    int input = request();
    if (input < 0) {
      return -1;
    }
    int bit = 1 << input;
    if (!levelTriggered(bit) || (lines & bit) == 0) {
      irr &= ~bit;
    }
    if (autoEoi()) {
      if (rotateOnAutoEoi) {
        lowest = input;
      }
    } else {
      isr |= bit;
    }
    return input;
  }

  /** The vector of an input; -1 means spurious. */
  int vector(int input) {
    return icw2 & 0xf8 | (input < 0 ? 7 : input);
  }

  private boolean autoEoi() {
    return (icw4 & 2) != 0;
  }

  @Override
  public int in(int offset, int bytes) {
    if (poll) {
      poll = false;
      int input = acknowledge();
      changed.run();
      return input < 0 ? 7 : 0x80 | input;
    }
    return offset == 1 ? imr : readIsr ? isr : irr;
  }

  @Override
  public void out(int offset, int bytes, int value) {
    if (offset == 1) {
      data(value);
    } else if ((value & ICW1) != 0) {
      initialise(value);
    } else if ((value & OCW3) != 0) {
      ocw3(value);
    } else {
      ocw2(value);
    }
    changed.run();
  }

  private void initialise(int value) {
    icw1 = value;
    imr = 0;
    isr = 0;
    irr = 0;
    for (int bit = 1; bit < 0x100; bit <<= 1) {
      if (levelTriggered(bit)) {
        irr |= lines & bit;
      }
    }
    lowest = 7;
    specialMask = false;
    readIsr = false;
    poll = false;
    rotateOnAutoEoi = false;
    if ((value & ICW1_NEEDS_ICW4) == 0) {
      icw4 = 0;
    }
    expects = Expects.ICW2;
  }

  private void data(int value) {
    switch (expects) {
      case OCW1 -> imr = value;
      case ICW2 -> {
        icw2 = value;
        expects = (icw1 & ICW1_SINGLE) == 0 ? Expects.ICW3 : afterCascade();
      }
      case ICW3 -> {
        icw3 = value;
        expects = afterCascade();
      }
      case ICW4 -> {
        icw4 = value;
        expects = Expects.OCW1;
      }
    }
  }

  private Expects afterCascade() {
    return (icw1 & ICW1_NEEDS_ICW4) != 0 ? Expects.ICW4 : Expects.OCW1;
  }

  private void ocw3(int value) {
    poll = (value & 4) != 0;
    if ((value & 2) != 0) {
      readIsr = (value & 1) != 0;
    }
    if ((value & 0x40) != 0) {
      specialMask = (value & 0x20) != 0;
    }
  }

  private void ocw2(int value) {
    int level = value & 7;
    switch (value >> 5) {
      case 0 -> rotateOnAutoEoi = false;
      case 1 -> endOfInterrupt(highestInService(), false);
      case 2 -> { }
      case 3 -> endOfInterrupt(level, false);
      case 4 -> rotateOnAutoEoi = true;
      case 5 -> endOfInterrupt(highestInService(), true);
      case 6 -> lowest = level;
      default -> endOfInterrupt(level, true);
    }
  }

  /** The in-service input of highest priority that a non-specific EOI ends, or -1. In special mask mode masked ones are passed over. */
  private int highestInService() {
    int served = specialMask ? isr & ~imr : isr;
    for (int k = 1; k <= 8; k++) {
      int input = lowest + k & 7;
      if ((served >> input & 1) != 0) {
        return input;
      }
    }
    return -1;
  }

  private void endOfInterrupt(int input, boolean rotate) {
    if (input >= 0) {
      isr &= ~(1 << input);
      if (rotate) {
        lowest = input;
      }
    }
  }

  State state() {
    return new State(lines, irr, isr, imr, elcr, lowest, icw1, icw2, icw3, icw4, rotateOnAutoEoi, specialMask, readIsr, poll, expects);
  }

  void state(State s) {
    lines = s.lines;
    irr = s.irr;
    isr = s.isr;
    imr = s.imr;
    elcr = s.edgeLevel;
    lowest = s.lowest & 7;
    icw1 = s.icw1;
    icw2 = s.icw2;
    icw3 = s.icw3;
    icw4 = s.icw4;
    rotateOnAutoEoi = s.rotateOnAutoEoi;
    specialMask = s.specialMask;
    readIsr = s.readIsr;
    poll = s.poll;
    expects = s.expects;
  }
}
