package dev.trapline.vm.device.input;

import dev.trapline.vm.state.StateRecord;

/**
 * A PS/2 keyboard with 102 keys: its commands, scan code sets 1 and 2 and what it has to say. It does not repeat keys by itself: the host
 * decides what is pressed and for how long.
 *
 * <p>IBM PS/2 Hardware Interface Technical Reference, "101- and 102-key keyboards".
 */
final class Ps2Keyboard {
  static final int ACK = 0xfa;
  static final int RESEND = 0xfe;
  static final int SELF_TEST_PASSED = 0xaa;
  private static final int ECHO = 0xee;
  private static final int SET_LEDS = 0xed;
  private static final int SCAN_CODE_SET = 0xf0;
  private static final int IDENTIFY = 0xf2;
  private static final int TYPEMATIC = 0xf3;
  private static final int ENABLE = 0xf4;
  private static final int DISABLE = 0xf5;
  private static final int DEFAULTS = 0xf6;
  private static final int RESET = 0xff;
  private static final int DEFAULT_TYPEMATIC = 0x2b;

  /**
   * @param output bytes not yet taken by the controller
   * @param command the command whose parameter is awaited, 0 if none
   * @param last byte sent last, for Resend
   */
  record State(byte[] output, int command, int leds, int set, int typematic, boolean scanning, int last) implements StateRecord {}

  private final ByteFifo output = new ByteFifo();
  private int command;
  private int leds;
  private int set = 2;
  private int typematic = DEFAULT_TYPEMATIC;
  private boolean scanning = true;
  private int last;

  ByteFifo output() {
    return output;
  }

  /** The next byte for the controller. */
  int take() {
    last = output.remove();
    return last;
  }

  boolean scanning() {
    return scanning;
  }

  /** A key goes down or up. */
  void key(int key, boolean down) {
    if ((key & ScanCodes.EXTENDED) != 0) {
      output.add(0xe0);
    }
    int set1 = key & 0x7f;
    if (set == 1) {
      output.add(down ? set1 : set1 | ScanCodes.RELEASE_1);
    } else {
      if (!down) {
        output.add(ScanCodes.RELEASE_2);
      }
      output.add(ScanCodes.set2(set1));
    }
  }

  /** A byte from the controller. */
  void receive(int value) {
    if (command != 0 && value < SET_LEDS) {
      parameter(value);
      return;
    }
    command = 0;
    if (value != RESEND) {
      output.clear();
    }
    command(value);
  }

  private void command(int value) {
    switch (value) {
      case ECHO -> output.add(ECHO);
      case SET_LEDS, SCAN_CODE_SET, TYPEMATIC -> {
        command = value;
        output.add(ACK);
      }
      case IDENTIFY -> output.add(ACK, 0xab, 0x83);
      case ENABLE -> {
        scanning = true;
        output.add(ACK);
      }
      case DISABLE -> defaults(false);
      case DEFAULTS -> defaults(true);
      case RESEND -> output.add(last);
      case RESET -> {
        defaults(true);
        leds = 0;
        output.add(SELF_TEST_PASSED);
      }
      default -> output.add(RESEND);
    }
  }

  private void defaults(boolean scans) {
    set = 2;
    typematic = DEFAULT_TYPEMATIC;
    scanning = scans;
    output.add(ACK);
  }

  private void parameter(int value) {
    int of = command;
    command = 0;
    switch (of) {
      case SET_LEDS -> {
        leds = value & 7;
        output.add(ACK);
      }
      case TYPEMATIC -> {
        typematic = value & 0x7f;
        output.add(ACK);
      }
      default -> scanCodeSet(value);
    }
  }

  /** Set 3 is for terminals; this keyboard says it does not know it. */
  private void scanCodeSet(int value) {
    switch (value) {
      case 0 -> output.add(ACK, set);
      case 1, 2 -> {
        set = value;
        output.add(ACK);
      }
      default -> output.add(RESEND);
    }
  }

  void reset() {
    output.clear();
    command = 0;
    leds = 0;
    set = 2;
    typematic = DEFAULT_TYPEMATIC;
    scanning = true;
    last = 0;
  }

  State state() {
    return new State(output.toArray(), command, leds, set, typematic, scanning, last);
  }

  void state(State s) {
    output.set(s.output);
    command = s.command;
    leds = s.leds;
    set = s.set;
    typematic = s.typematic;
    scanning = s.scanning;
    last = s.last;
  }
}
