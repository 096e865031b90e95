package dev.trapline.vm.device;

import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.bus.PortMap;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * What is left of the keyboard controller when no keyboard is there, and port 92h: the A20 gate, which reads back as it is set but
 * never closes, and the reset line. Commands of the 8042 that need a keyboard are answered as an empty connector would answer.
 */
public final class SystemPorts implements Stateful<SystemPorts.State> {
  private static final int RESET = 1;
  private static final int A20 = 2;
  private static final int STATUS_OUTPUT_FULL = 1;
  private static final int STATUS_SYSTEM = 4;
  private static final int STATUS_COMMAND = 8;
  private static final int STATUS_UNLOCKED = 0x10;
  private static final int READ_COMMAND_BYTE = 0x20;
  private static final int WRITE_COMMAND_BYTE = 0x60;
  private static final int SELF_TEST = 0xaa;
  private static final int INTERFACE_TEST = 0xab;
  private static final int DISABLE = 0xad;
  private static final int ENABLE = 0xae;
  private static final int READ_OUTPUT = 0xd0;
  private static final int WRITE_OUTPUT = 0xd1;
  private static final int PULSE = 0xf0;
  private static final int RESEND = 0xfe;

  /**
   * @param output byte in the output buffer, -1 if empty
   * @param command the command whose data byte is awaited, 0 if none
   * @param wasCommand the last write went to port 64h
   */
  public record State(boolean a20, int commandByte, int output, int command, boolean wasCommand) implements StateRecord {}

  private final Runnable resetLine;
  private boolean a20 = true;
  private int commandByte = 0x45;
  private int output = -1;
  private int command;
  private boolean wasCommand;

  /**
   * @param resetLine pulled by a guest that wants a reset
   */
  public SystemPorts(Runnable resetLine) {
    this.resetLine = resetLine;
  }

  /** Connects ports 60h, 64h and 92h. */
  public void connect(PortMap ports) {
    ports.add("i8042.data", 0x60, 1, new Data());
    ports.add("i8042.command", 0x64, 1, new Command());
    ports.add("port92", 0x92, 1, new Port92());
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

  private final class Data implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      int v = output < 0 ? 0 : output;
      output = -1;
      return v;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      wasCommand = false;
      switch (command) {
        case WRITE_COMMAND_BYTE -> commandByte = value;
        case WRITE_OUTPUT -> outputPort(value);
        default -> output = RESEND;
      }
      command = 0;
    }
  }

  /** Bit 0 low is the reset line of the 8042's output port, bit 1 the A20 gate. */
  private void outputPort(int value) {
    a20 = (value & A20) != 0;
    if ((value & RESET) == 0) {
      resetLine.run();
    }
  }

  private final class Command implements PortDevice {
    @Override
    public int in(int offset, int bytes) {
      return (output < 0 ? 0 : STATUS_OUTPUT_FULL) | commandByte & STATUS_SYSTEM | (wasCommand ? STATUS_COMMAND : 0) | STATUS_UNLOCKED;
    }

    @Override
    public void out(int offset, int bytes, int value) {
      wasCommand = true;
      command = 0;
      switch (value) {
        case READ_COMMAND_BYTE -> output = commandByte;
        case WRITE_COMMAND_BYTE, WRITE_OUTPUT -> command = value;
        case SELF_TEST -> selfTest();
        case INTERFACE_TEST -> output = 0;
        case DISABLE -> commandByte |= 0x10;
        case ENABLE -> commandByte &= ~0x10;
        case READ_OUTPUT -> output = RESET | (a20 ? A20 : 0);
        default -> pulse(value);
      }
    }
  }

  private void selfTest() {
    commandByte |= STATUS_SYSTEM;
    output = 0x55;
  }

  /** Commands F0h to FFh pulse the output lines whose bits are clear; line 0 is the reset. Others do nothing without a keyboard. */
  private void pulse(int value) {
    if ((value & PULSE) == PULSE && (value & RESET) == 0) {
      resetLine.run();
    }
  }

  /** Power-on. */
  public void reset() {
    a20 = true;
    commandByte = 0x45;
    output = -1;
    command = 0;
    wasCommand = false;
  }

  @Override
  public String stateName() {
    return "system-ports";
  }

  @Override
  public State state() {
    return new State(a20, commandByte, output, command, wasCommand);
  }

  @Override
  public void state(State s) {
    a20 = s.a20;
    commandByte = s.commandByte;
    output = s.output;
    command = s.command;
    wasCommand = s.wasCommand;
  }
}
