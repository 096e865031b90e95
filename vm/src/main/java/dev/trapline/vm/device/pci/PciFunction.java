package dev.trapline.vm.device.pci;

import dev.trapline.vm.bus.IrqLine;
import dev.trapline.vm.bus.MessageSink;
import dev.trapline.vm.bus.MmioDevice;
import dev.trapline.vm.bus.PortDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One PCI function: 256 bytes of configuration space with a mask of what software may write, base address registers, and an
 * interrupt pin. Subclasses declare their registers in the constructor and override {@link #configWritten} where a write does more
 * than be remembered.
 */
public class PciFunction {
  public static final int VENDOR_ID = 0;
  public static final int DEVICE_ID = 2;
  public static final int COMMAND = 4;
  public static final int STATUS = 6;
  public static final int REVISION = 8;
  public static final int HEADER_TYPE = 0x0e;
  public static final int SUBSYSTEM_VENDOR = 0x2c;
  public static final int SUBSYSTEM = 0x2e;
  public static final int ROM_ADDRESS = 0x30;
  public static final int CAPABILITIES = 0x34;
  public static final int INTERRUPT_LINE = 0x3c;
  public static final int INTERRUPT_PIN = 0x3d;

  public static final int COMMAND_IO = 1;
  public static final int COMMAND_MEMORY = 2;
  public static final int COMMAND_MASTER = 4;
  public static final int COMMAND_NO_INTX = 0x400;
  private static final int WRITABLE_COMMAND = COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | 0x140 | COMMAND_NO_INTX;
  private static final int STATUS_INTERRUPT = 8;
  private static final int ROM_ENABLE = 1;
  static final int SIZE = 256;

  private static final int MSI_ID = 5;
  private static final int MSI_CONTROL = 2;
  private static final int MSI_ADDRESS = 4;
  private static final int MSI_DATA = 12;
  private static final int MSI_ENABLE = 1;
  private static final int MSI_64BIT = 0x80;

  private final String name;
  private final byte[] config = new byte[SIZE];
  private final byte[] writable = new byte[SIZE];
  private final List<Bar> bars = new ArrayList<>();
  private IrqLine pin = high -> {};
  private MessageSink messages = (address, data) -> {};
  /** Where the MSI capability stands; 0 if there is none. */
  private int msi;
  private boolean asserted;
  private Runnable moved = () -> {};

  /**
   * @param name for listings and messages
   * @param classCode class, subclass and programming interface, 24 bits
   */
  protected PciFunction(String name, int vendor, int device, int classCode, int revision) {
    this.name = name;
    set(VENDOR_ID, 2, vendor);
    set(DEVICE_ID, 2, device);
    set(REVISION, 4, classCode << 8 | revision);
    allow(COMMAND, 2, WRITABLE_COMMAND);
    allow(INTERRUPT_LINE, 1, 0xff);
  }

  public final String name() {
    return name;
  }

  /** Declares an I/O base address register; {@code size} is a power of two from 4. */
  protected final void ioBar(int index, String what, int size, PortDevice device) {
    declare(new Bar(index, what, size, device, null));
  }

  /** Declares a 32-bit memory base address register; {@code size} is a power of two from 4096. */
  protected final void memoryBar(int index, String what, int size, MmioDevice device) {
    declare(new Bar(index, what, size, null, device));
  }

  /** Declares the expansion ROM: bytes behind the register at 30h, which has a switch of its own. */
  protected final void romBar(byte[] rom) {
    int size = Math.max(4096, Integer.highestOneBit(2 * rom.length - 1));
    declare(new Bar(Bar.ROM, "rom", size, null, new ExpansionRom(Arrays.copyOf(rom, size))));
    allow(ROM_ADDRESS, 1, ROM_ENABLE);
  }

  private record ExpansionRom(byte[] bytes) implements MmioDevice {
    @Override
    public long load(long offset, int n) {
      long v = 0;
      for (int i = 0; i < n; i++) {
        v |= (bytes[(int) offset + i] & 0xffL) << 8 * i;
      }
      return v;
    }

    @Override
    public void store(long offset, int n, long value) {
      // A ROM.
    }
  }

  private void declare(Bar bar) {
    if (Integer.bitCount(bar.size()) != 1 || bar.size() < (bar.isIo() ? 4 : 4096)) {
      throw new IllegalArgumentException(name + ": BAR" + bar.index() + " of " + bar.size() + " bytes");
    }
    bars.add(bar);
    set(bar.offset(), 4, bar.isIo() ? Bar.IO_FLAG : 0);
    allow(bar.offset(), 4, -bar.size());
  }

  /** Wires the function to its interrupt pin (1 INTA to 4 INTD). */
  protected final void interruptPin(int number) {
    set(INTERRUPT_PIN, 1, number);
  }

  /** Sets configuration bytes, little-endian, as the device itself does. */
  protected final void set(int offset, int bytes, int value) {
    for (int i = 0; i < bytes; i++) {
      config[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  /** States which bits of configuration bytes software may write. */
  protected final void allow(int offset, int bytes, int mask) {
    for (int i = 0; i < bytes; i++) {
      writable[offset + i] = (byte) (mask >>> 8 * i);
    }
  }

  /** Configuration bytes, little-endian, zero-extended. */
  public final int config(int offset, int bytes) {
    int v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= (config[offset + i] & 0xff) << 8 * i;
    }
    return v;
  }

  /** A read by software. */
  final int read(int offset, int bytes) {
    configReading(offset, bytes);
    return config(offset, bytes);
  }

  /** A write by software: only writable bits change; then {@link #configWritten}. */
  final void write(int offset, int bytes, int value) {
    for (int i = 0; i < bytes; i++) {
      int mask = writable[offset + i];
      config[offset + i] = (byte) (config[offset + i] & ~mask | value >>> 8 * i & mask);
    }
    moved.run();
    configWritten(offset, bytes);
  }

  /** Power-on: whatever the function has beside its configuration space, which the bus has put back. */
  protected void powerOn() {
    // Most functions have nothing more.
  }

  /** Whether a base address register's space is switched on: by the command register, unless a function has other switches. */
  protected boolean decodes(int offset, boolean io) {
    return (config(COMMAND, 2) & (io ? COMMAND_IO : COMMAND_MEMORY)) != 0;
  }

  /** Called before software reads configuration space: for registers whose contents are found when asked for. */
  protected void configReading(int offset, int bytes) {
    // Most functions have nothing to find.
  }

  /** Called after software wrote configuration space, and when saved contents came back. */
  protected void configWritten(int offset, int bytes) {
    // Most functions have nothing to add.
  }

  /** Whether the function may master the bus: DMA needs it. */
  protected final boolean isMaster() {
    return (config(COMMAND, 2) & COMMAND_MASTER) != 0;
  }

  /** Drives the interrupt pin. */
  protected final void interrupt(boolean high) {
    boolean rises = high && !asserted;
    asserted = high;
    set(STATUS, 1, config(STATUS, 1) & ~STATUS_INTERRUPT | (high ? STATUS_INTERRUPT : 0));
    boolean byMessage = msi != 0 && (config(msi + MSI_CONTROL, 2) & MSI_ENABLE) != 0;
    pin.set(high && !byMessage && (config(COMMAND, 2) & COMMAND_NO_INTX) == 0);
    if (rises && byMessage) {
      message(config(msi + MSI_ADDRESS, 4) & 0xffffffffL, config(msi + MSI_DATA, 2));
    }
  }

  /**
   * Adds a capability of one message-signalled interrupt with a 64-bit address (PCI 3.0 6.8.1), 14 bytes long. While software has
   * enabled it a rising {@link #interrupt} sends the message and the pin rests.
   *
   * @param at where it stands, a multiple of 4
   * @param next the next capability, or 0; the caller links to this one
   */
  protected final void msiCapability(int at, int next) {
    msi = at;
    set(at, 4, MSI_64BIT << 16 | next << 8 | MSI_ID);
    allow(at + MSI_CONTROL, 2, MSI_ENABLE);
    allow(at + MSI_ADDRESS, 4, ~3);
    allow(at + MSI_ADDRESS + 4, 4, -1);
    allow(at + MSI_DATA, 2, 0xffff);
  }

  /** Sends an interrupt message, if the function may master the bus. */
  protected final void message(long address, int data) {
    if (isMaster()) {
      messages.message(address, data);
    }
  }

  final void messages(MessageSink sink) {
    this.messages = sink;
  }

  // ---- for the bus

  final void attach(IrqLine line, Runnable barsMoved) {
    this.pin = line;
    this.moved = () -> {
      barsMoved.run();
      interrupt(asserted);
    };
  }

  final List<Bar> bars() {
    return List.copyOf(bars);
  }

  /** Where a BAR answers now, or -1 if its space is switched off. */
  final long address(Bar bar) {
    boolean rom = bar.index() == Bar.ROM;
    if (!decodes(bar.offset(), bar.isIo()) || rom && (config(ROM_ADDRESS, 1) & ROM_ENABLE) == 0) {
      return -1;
    }
    long at = (config(bar.offset(), 4) & -bar.size()) & 0xffffffffL;
    return at == 0 ? -1 : at;
  }

  final byte[] image() {
    return config.clone();
  }

  final void image(byte[] saved) {
    System.arraycopy(saved, 0, config, 0, SIZE);
    asserted = (config(STATUS, 1) & STATUS_INTERRUPT) != 0;
    moved.run();
    configWritten(0, SIZE);
  }
}
