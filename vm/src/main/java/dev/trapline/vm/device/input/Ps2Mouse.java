package dev.trapline.vm.device.input;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;

/**
 * A PS/2 mouse: three buttons, and the wheel and five buttons of the IntelliMouse protocol once the sample rates 200, 100, 80 (200, 200,
 * 80) have been set in this order.
 *
 * <p>IBM PS/2 Hardware Interface Technical Reference, "Mouse".
 */
final class Ps2Mouse {
  private static final int ACK = Ps2Keyboard.ACK;
  private static final int ERROR = 0xfc;
  private static final int SCALING_1 = 0xe6;
  private static final int SCALING_2 = 0xe7;
  private static final int RESOLUTION = 0xe8;
  private static final int STATUS = 0xe9;
  private static final int STREAM = 0xea;
  private static final int READ_DATA = 0xeb;
  private static final int RESET_WRAP = 0xec;
  private static final int WRAP = 0xee;
  private static final int REMOTE = 0xf0;
  private static final int IDENTIFY = 0xf2;
  private static final int SAMPLE_RATE = 0xf3;
  private static final int ENABLE = 0xf4;
  private static final int DISABLE = 0xf5;
  private static final int DEFAULTS = 0xf6;
  private static final int RESEND = 0xfe;
  private static final int RESET = 0xff;
  private static final int DEFAULT_RATE = 100;
  private static final int DEFAULT_RESOLUTION = 2;
  private static final int WHEEL = 3;
  private static final int FIVE_BUTTONS = 4;
  private static final int TO_WHEEL = 200 << 16 | 100 << 8 | 80;
  private static final int TO_FIVE_BUTTONS = 200 << 16 | 200 << 8 | 80;
  private static final int MOST = 255;

  /**
   * @param dx movement not yet reported, to the right; {@code dy} up, {@code dz} wheel towards the user
   * @param rates the last three sample rates set
   */
  record State(byte[] output, int command, boolean enabled, boolean remote, boolean wrap, boolean twice, int resolution, int rate,
      int rates, int id, int buttons, @Range(least = -(1 << 20), most = 1 << 20) int dx,
      @Range(least = -(1 << 20), most = 1 << 20) int dy, @Range(least = -(1 << 20), most = 1 << 20) int dz, int last)
      implements StateRecord {}

  private final ByteFifo output = new ByteFifo();
  private int command;
  private boolean enabled;
  private boolean remote;
  private boolean wrap;
  private boolean twice;
  private int resolution = DEFAULT_RESOLUTION;
  private int rate = DEFAULT_RATE;
  private int rates;
  private int id;
  private int buttons;
  private int dx;
  private int dy;
  private int dz;
  private int last;

  ByteFifo output() {
    return output;
  }

  int take() {
    last = output.remove();
    return last;
  }

  /** Movement and buttons (bit 0 left, 1 right, 2 middle, 3 and 4 the side ones). */
  void move(int right, int up, int wheel, int pressed) {
    dx += right;
    dy += up;
    dz += wheel;
    buttons = pressed;
    if (enabled && !remote && !wrap) {
      do {
        packet();
      } while (dx != 0 || dy != 0 || dz != 0);
    }
  }

  private void packet() {
    int x = clip(dx, MOST);
    int y = clip(dy, MOST);
    int z = clip(dz, 7);
    dx -= x;
    dy -= y;
    dz = id == 0 ? 0 : dz - z;
    output.add(buttons & 7 | 8 | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0), x, y);
    if (id == WHEEL) {
      output.add(z);
    } else if (id == FIVE_BUTTONS) {
      output.add(z & 0xf | (buttons & 0x18) << 1);
    }
  }

  private static int clip(int v, int most) {
    return Math.max(-most, Math.min(most, v));
  }

  /** A byte from the controller. */
  void receive(int value) {
    if (wrap && value != RESET && value != RESET_WRAP) {
      output.add(value);
    } else if (command != 0) {
      parameter(value);
    } else {
      if (value != RESEND) {
        output.clear();
      }
      command(value);
    }
  }

  private void command(int value) {
    switch (value) {
      case SCALING_1 -> acknowledge(() -> twice = false);
      case SCALING_2 -> acknowledge(() -> twice = true);
      case RESOLUTION, SAMPLE_RATE -> acknowledge(() -> command = value);
      case STATUS -> output.add(ACK, status(), resolution, rate);
      case STREAM -> acknowledge(() -> remote = false);
      case READ_DATA -> {
        output.add(ACK);
        packet();
      }
      case RESET_WRAP -> acknowledge(() -> wrap = false);
      case WRAP -> acknowledge(() -> wrap = true);
      case REMOTE -> acknowledge(() -> remote = true);
      case IDENTIFY -> output.add(ACK, id);
      case ENABLE -> acknowledge(() -> enabled = true);
      case DISABLE -> acknowledge(() -> enabled = false);
      case DEFAULTS -> acknowledge(this::defaults);
      case RESEND -> output.add(last);
      case RESET -> {
        reset();
        output.add(ACK, Ps2Keyboard.SELF_TEST_PASSED, id);
      }
      default -> output.add(ERROR);
    }
  }

  private void acknowledge(Runnable change) {
    change.run();
    output.add(ACK);
  }

  private int status() {
    int pressed = (buttons & 1) << 2 | (buttons & 4) >> 1 | (buttons & 2) >> 1;
    return (remote ? 0x40 : 0) | (enabled ? 0x20 : 0) | (twice ? 0x10 : 0) | pressed;
  }

  private void parameter(int value) {
    if (command == RESOLUTION) {
      resolution = value & 3;
    } else {
      rate = value;
      rates = (rates << 8 | value) & 0xffffff;
      id = rates == TO_WHEEL ? WHEEL : rates == TO_FIVE_BUTTONS ? FIVE_BUTTONS : id;
    }
    command = 0;
    output.add(ACK);
  }

  private void defaults() {
    enabled = false;
    remote = false;
    twice = false;
    resolution = DEFAULT_RESOLUTION;
    rate = DEFAULT_RATE;
    dx = 0;
    dy = 0;
    dz = 0;
  }

  void reset() {
    output.clear();
    command = 0;
    wrap = false;
    rates = 0;
    id = 0;
    last = 0;
    defaults();
  }

  State state() {
    return new State(output.toArray(), command, enabled, remote, wrap, twice, resolution, rate, rates, id, buttons, dx, dy, dz, last);
  }

  void state(State s) {
    output.set(s.output);
    command = s.command;
    enabled = s.enabled;
    remote = s.remote;
    wrap = s.wrap;
    twice = s.twice;
    resolution = s.resolution;
    rate = s.rate;
    rates = s.rates;
    id = s.id;
    buttons = s.buttons;
    dx = s.dx;
    dy = s.dy;
    dz = s.dz;
    last = s.last;
  }
}
