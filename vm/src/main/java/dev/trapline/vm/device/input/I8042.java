package dev.trapline.vm.device.input;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.bus.Scheduler;
import dev.trapline.vm.state.Length;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * The keyboard controller of a PC (Intel 8042 with the PS/2 program) with a keyboard and a mouse on its ports, and port 92h. The A20 gate
 * reads back as it is set but never closes.
 *
 * <p>IBM PS/2 Hardware Interface Technical Reference, "Keyboard/Auxiliary Device Controller".
 */
public final class I8042 implements Stateful<I8042.State> {
  private static final int STATUS_OUTPUT_FULL = 1;
  private static final int STATUS_SYSTEM = 4;
  private static final int STATUS_COMMAND = 8;
  private static final int STATUS_UNLOCKED = 0x10;
  private static final int STATUS_AUX = 0x20;

  private static final int KEYBOARD_INTERRUPT = 1;
  private static final int MOUSE_INTERRUPT = 2;
  private static final int KEYBOARD_OFF = 0x10;
  private static final int MOUSE_OFF = 0x20;
  private static final int TRANSLATE = 0x40;
  private static final int POWER_ON = TRANSLATE | MOUSE_OFF | 5;

  private static final int READ_RAM = 0x20;
  private static final int WRITE_RAM = 0x60;
  private static final int RAM = 32;
  private static final int WRITE_OUTPUT = 0xd1;
  private static final int WRITE_KEYBOARD_BUFFER = 0xd2;
  private static final int WRITE_MOUSE_BUFFER = 0xd3;
  private static final int WRITE_MOUSE = 0xd4;
  private static final int PULSE = 0xf0;
  private static final int RESET = 1;
  private static final int A20 = 2;

  /** Key changes a second of virtual time when text is typed: each is pressed and released 50 times a second at most. */
  private static final int CHANGES_A_SECOND = 100;

  /**
   * @param ram the controller's memory; byte 0 is the command byte
   * @param output byte in the output buffer, -1 if empty
   * @param last what was read from it last: an empty buffer still gives it
   * @param aux whether it came from the mouse
   * @param command the command whose data byte is awaited, 0 if none
   * @param released the translation has taken F0h and releases the next key
   * @param typed key changes still to come: key, and bit 15 for a release
   */
  public record State(@Length(RAM) byte[] ram, @Range(least = -1, most = 0xff) int output, int last, boolean aux, int command,
      boolean wasCommand, boolean a20, boolean released, int[] typed, Ps2Keyboard.State keyboard, Ps2Mouse.State mouse)
      implements StateRecord {}

  private final Scheduler scheduler;
  private final Scheduler.Timer timer;
  private final long pace;
  private final IrqLine keyboardIrq;
  private final IrqLine mouseIrq;
  private final Runnable resetLine;
  private final Ps2Keyboard keyboard = new Ps2Keyboard();
  private final Ps2Mouse mouse = new Ps2Mouse();
  private final KeyQueue typed = new KeyQueue();
  private final byte[] ram = new byte[RAM];
  private int output = -1;
  private boolean aux;
  private int last;
  private int command;
  private boolean wasCommand;
  private boolean a20 = true;
  private boolean released;

  /**
   * @param perSecond instructions in a second of virtual time
   * @param keyboardIrq IRQ 1
   * @param mouseIrq IRQ 12
   * @param resetLine pulled by a guest that wants a reset
   */
  public I8042(Scheduler scheduler, long perSecond, IrqLine keyboardIrq, IrqLine mouseIrq, Runnable resetLine) {
    this.scheduler = scheduler;
    this.timer = scheduler.timer("i8042.keys", this::nextKey);
    this.pace = perSecond / CHANGES_A_SECOND;
    this.keyboardIrq = keyboardIrq;
    this.mouseIrq = mouseIrq;
    this.resetLine = resetLine;
    ram[0] = POWER_ON;
  }

  /** Connects ports 60h, 64h and 92h. */
  public void connect(PortMap ports) {
    ports.add("i8042.data", 0x60, 1, new Data());
    ports.add("i8042.command", 0x64, 1, new Command());
    ports.add("port92", 0x92, 1, new Port92());
  }

  // ---- the host side

  /** Whether the US keyboard has a key for a character. */
  public static boolean hasKey(char c) {
    return ScanCodes.key(c) >= 0;
  }

  /** Types a character on the US keyboard: its keys are pressed and released one after the other. False if it has none. */
  public boolean type(char c) {
    int key = ScanCodes.key(c);
    if (key < 0) {
      return false;
    }
    int modifier = key >> 16;
    if (modifier != 0) {
      typed.add(modifier, true);
    }
    typed.add(key & 0xffff, true);
    typed.add(key & 0xffff, false);
    if (modifier != 0) {
      typed.add(modifier, false);
    }
    schedule();
    return true;
  }

  /** Presses or releases a key: its set 1 scan code, with 100h for those that have the prefix E0h. */
  public void key(int key, boolean down) {
    ScanCodes.set2(key & 0x7f);
    typed.add(key, down);
    schedule();
  }

  /** Moves the mouse; buttons: bit 0 left, 1 right, 2 middle. */
  public void mouse(int right, int up, int wheel, int buttons) {
    mouse.move(right, up, wheel, buttons);
    fill();
  }

  /** Key changes the keyboard has not taken yet. */
  public int waiting() {
    return typed.size();
  }

  private boolean acceptsKeys() {
    return keyboard.scanning() && (ram[0] & KEYBOARD_OFF) == 0 && keyboard.output().isEmpty();
  }

  /** The next key moves a while after the guest has taken the one before; keys nobody wants do not keep the machine awake. */
  private void schedule() {
    if (!typed.isEmpty() && acceptsKeys() && timer.deadline() == Scheduler.NEVER) {
      timer.at(scheduler.now() + pace);
    }
  }

  private void nextKey() {
    if (!typed.isEmpty() && acceptsKeys() && output < 0) {
      int change = typed.remove();
      keyboard.key(change & ~KeyQueue.UP, (change & KeyQueue.UP) == 0);
      fill();
    }
    if (output < 0) {
      schedule();
    }
  }

  // ---- the output buffer

  /** Brings the next byte of a device into the empty output buffer. */
  private void fill() {
    while (output < 0 && !keyboard.output().isEmpty() && (ram[0] & KEYBOARD_OFF) == 0) {
      int v = keyboard.take();
      if ((ram[0] & TRANSLATE) == 0) {
        put(v, false);
      } else if (v == ScanCodes.RELEASE_2) {
        released = true;
      } else {
        put(ScanCodes.translate(v) | (released && v != 0xe0 ? ScanCodes.RELEASE_1 : 0), false);
        released = v == 0xe0 && released;
      }
    }
    if (output < 0 && !mouse.output().isEmpty() && (ram[0] & MOUSE_OFF) == 0) {
      put(mouse.take(), true);
    }
  }

  private void put(int value, boolean fromMouse) {
    output = value;
    aux = fromMouse;
    lines();
  }

  private void lines() {
    keyboardIrq.set(output >= 0 && !aux && (ram[0] & KEYBOARD_INTERRUPT) != 0);
    mouseIrq.set(output >= 0 && aux && (ram[0] & MOUSE_INTERRUPT) != 0);
  }

  /** What the controller itself answers stands before anything a device has to say. */
  private void answer(int value) {
    output = -1;
    lines();
    put(value, false);
  }

  // ---- ports

  private final class Data implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      if (output < 0) {
        return last;
      }
      last = output;
      output = -1;
      lines();
      fill();
      schedule();
      return last;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      int of = command;
      command = 0;
      wasCommand = false;
      data(of, value);
      fill();
      schedule();
    }
  }

  private void data(int of, int value) {
    if (of >= WRITE_RAM && of < WRITE_RAM + RAM) {
      ram[of - WRITE_RAM] = (byte) value;
      lines();
      return;
    }
    switch (of) {
      case WRITE_OUTPUT -> outputPort(value);
      case WRITE_KEYBOARD_BUFFER -> answer(value);
      case WRITE_MOUSE_BUFFER -> {
        answer(value);
        aux = true;
        lines();
      }
      case WRITE_MOUSE -> {
        ram[0] &= ~MOUSE_OFF;
        mouse.receive(value);
      }
      default -> {
        // Sending to the keyboard releases its clock.
        ram[0] &= ~KEYBOARD_OFF;
        keyboard.receive(value);
      }
    }
  }

  /** Bit 0 low is the reset line of the 8042's output port, bit 1 the A20 gate. */
  private void outputPort(int value) {
    a20 = (value & A20) != 0;
    if ((value & RESET) == 0) {
      resetLine.run();
    }
  }

  private int outputPort() {
    return 0xcc | RESET | (a20 ? A20 : 0) | (output >= 0 ? aux ? 0x20 : 0x10 : 0);
  }

  private final class Command implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return (output < 0 ? 0 : STATUS_OUTPUT_FULL | (aux ? STATUS_AUX : 0)) | ram[0] & STATUS_SYSTEM | (wasCommand ? STATUS_COMMAND : 0)
          | STATUS_UNLOCKED;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      wasCommand = true;
      command = 0;
      command(value);
      fill();
      schedule();
    }
  }

  private void command(int value) {
    if (value >= READ_RAM && value < READ_RAM + RAM) {
      answer(ram[value - READ_RAM] & 0xff);
      return;
    }
    switch (value) {
      case 0xa7 -> ram[0] |= MOUSE_OFF;
      case 0xa8 -> ram[0] &= ~MOUSE_OFF;
      case 0xa9, 0xab -> answer(0);
      case 0xaa -> {
        ram[0] |= STATUS_SYSTEM;
        answer(0x55);
      }
      case 0xad -> ram[0] |= KEYBOARD_OFF;
      case 0xae -> ram[0] &= ~KEYBOARD_OFF;
      case 0xc0 -> answer(0x80);
      case 0xd0 -> answer(outputPort());
      default -> takesData(value);
    }
  }

  /** Commands F0h to FFh pulse the output lines whose bits are clear; line 0 is the reset. Unknown ones do nothing, as in the ROM. */
  private void takesData(int value) {
    if (value >= WRITE_RAM && value < WRITE_RAM + RAM || value >= WRITE_OUTPUT && value <= WRITE_MOUSE) {
      command = value;
    } else if ((value & PULSE) == PULSE && (value & RESET) == 0) {
      resetLine.run();
    }
  }

  private final class Port92 implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return a20 ? A20 : 0;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      a20 = (value & A20) != 0;
      if ((value & RESET) != 0) {
        resetLine.run();
      }
    }
  }

  // ---- power and state

  /** Power-on. Keys the host has queued stay. */
  public void reset() {
    java.util.Arrays.fill(ram, (byte) 0);
    ram[0] = POWER_ON;
    output = -1;
    last = 0;
    aux = false;
    command = 0;
    wasCommand = false;
    a20 = true;
    released = false;
    keyboard.reset();
    mouse.reset();
    timer.cancel();
    lines();
    schedule();
  }

  @Override
  public String stateName() {
    return "i8042";
  }

  @Override
  public State state() {
    return new State(ram.clone(), output, last, aux, command, wasCommand, a20, released, typed.toArray(), keyboard.state(), mouse.state());
  }

  @Override
  public void state(State s) {
    System.arraycopy(s.ram, 0, ram, 0, RAM);
    output = s.output;
    last = s.last;
    aux = s.aux;
    command = s.command;
    wasCommand = s.wasCommand;
    a20 = s.a20;
    released = s.released;
    typed.set(s.typed);
    keyboard.state(s.keyboard);
    mouse.state(s.mouse);
    lines();
  }
}
