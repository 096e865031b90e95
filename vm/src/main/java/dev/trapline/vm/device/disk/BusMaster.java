package dev.trapline.vm.device.disk;

import dev.trapline.vm.bus.DmaPort;
import dev.trapline.vm.bus.PortDevice;
import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import java.util.function.BooleanSupplier;

/**
 * One channel's bus master: eight ports, and the walk through its table of physical regions.
 *
 * <p>"Programming Interface for Bus Master IDE Controller" 1.0, 2 "Bus Master IDE Register Description" and 1.2 "Physical Region
 * Descriptor"; Intel 82371SB (290550) 2.7 "IDE Controller".
 */
final class BusMaster implements PortDevice {
  private static final int START = 1;
  private static final int TO_MEMORY = 8;
  private static final int ACTIVE = 1;
  private static final int ERROR = 2;
  private static final int INTERRUPT = 4;
  private static final int CAPABLE = 0x60;
  private static final int LAST = 0x80000000;
  private static final int STATUS_PORT = 2;
  private static final int TABLE_PORT = 4;
  private static final int ENTRY = 8;

  /**
   * The registers and where the walk stands.
   *
   * @param table physical address of the table
   * @param entry address of the next descriptor
   * @param address where the next byte goes to or comes from
   * @param left bytes left in the region
   * @param last whether the region is the last one
   */
  record State(int command, int status, int table, int entry, int address, @Range(most = 1 << 16) int left, boolean last)
      implements StateRecord {}

  private final DmaPort memory;
  private final BooleanSupplier isMaster;
  private Runnable started = () -> {};
  private int command;
  private int status;
  private int table;
  private int entry;
  private int address;
  private int left;
  private boolean last;

  BusMaster(DmaPort memory, BooleanSupplier isMaster) {
    this.memory = memory;
    this.isMaster = isMaster;
  }

  void started(Runnable listener) {
    this.started = listener;
  }

  @Override
  public int in(int offset, int bytes) {
    long all = table & 0xffffffffL;
    long registers = command & 0xff | (status & 0xffL) << 16 | all << 32;
    return (int) (registers >>> 8 * offset);
  }

  @Override
  public void out(int offset, int bytes, int value) {
    for (int i = 0; i < bytes; i++) {
      write(offset + i, value >>> 8 * i & 0xff);
    }
  }

  private void write(int offset, int value) {
    if (offset == 0) {
      command(value);
    } else if (offset == STATUS_PORT) {
      status = status & ~CAPABLE & ~(value & (ERROR | INTERRUPT)) | value & CAPABLE;
    } else if (offset >= TABLE_PORT) {
      int shift = 8 * (offset - TABLE_PORT);
      table = (table & ~(0xff << shift) | value << shift) & ~3;
    }
  }

  private void command(int value) {
    boolean starts = (value & ~command & START) != 0;
    command = value & (START | TO_MEMORY);
    if ((command & START) == 0) {
      status &= ~ACTIVE;
    }
    if (starts) {
      status |= ACTIVE;
      entry = table;
      left = 0;
      last = false;
      started.run();
    }
  }

  /** The device interrupts. */
  void interrupt() {
    status |= INTERRUPT;
  }

  /** Moves up to {@code n} bytes; returns how many: fewer if the table ends, 0 while the master stands or goes the other way. */
  int move(byte[] buffer, int at, int n, boolean toMemory) {
    if ((status & ACTIVE) == 0 || !isMaster.getAsBoolean() || (command & TO_MEMORY) != 0 != toMemory) {
      return 0;
    }
    int done = 0;
    while (done < n && region()) {
      int part = Math.min(n - done, left);
      if (toMemory) {
        memory.write(address & 0xffffffffL, buffer, at + done, part);
      } else {
        memory.read(address & 0xffffffffL, buffer, at + done, part);
      }
      address += part;
      left -= part;
      done += part;
    }
    if (left == 0 && last) {
      status &= ~ACTIVE;
    }
    return done;
  }

  /** Whether there is room in a region; goes to the next one where one has ended. */
  private boolean region() {
    if (left > 0) {
      return true;
    }
    if (last) {
      return false;
    }
    byte[] d = new byte[ENTRY];
    memory.read(entry & 0xffffffffL, d, 0, ENTRY);
    address = little(d, 0) & ~1;
    int control = little(d, 4);
    left = (control & 0xfffe) == 0 ? 0x10000 : control & 0xfffe;
    last = (control & LAST) != 0;
    entry += ENTRY;
    return true;
  }

  private static int little(byte[] b, int at) {
    return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
  }

  void powerOn() {
    state(new State(0, 0, 0, 0, 0, 0, false));
  }

  State state() {
    return new State(command, status, table, entry, address, left, last);
  }

  void state(State s) {
    command = s.command;
    status = s.status;
    table = s.table;
    entry = s.entry;
    address = s.address;
    left = s.left;
    last = s.last;
  }
}
