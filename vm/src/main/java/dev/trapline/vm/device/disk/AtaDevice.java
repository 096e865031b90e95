package dev.trapline.vm.device.disk;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;

/**
 * What ATA disks and ATAPI drives have in common: the task file, the data buffer, and the steps of a command. A command keeps BSY set
 * while the device works, which takes virtual time; then a step follows.
 *
 * <p>ATA/ATAPI-6 (T13/1410D) 7 "Interface register definitions and descriptions", 9 "Protocol".
 *
 * @param <S> state of the whole device
 */
abstract class AtaDevice<S extends StateRecord> implements Stateful<S> {
  static final int BSY = 0x80;
  static final int DRDY = 0x40;
  static final int DSC = 0x10;
  static final int DRQ = 0x08;
  static final int ERR = 0x01;
  static final int ABORTED = 0x04;
  static final int DEVICE_RESET = 0x08;

  /** What a device waits for or does next. */
  enum Step {
    /** Nothing: it awaits a command. */
    NONE,
    /** After the wait: end of the command. */
    FINISH,
    /** After the wait: the next data for the host. */
    LOAD,
    /** After the wait: data of the host to the medium. */
    STORE,
    /** After the wait: the host makes sure of what was written. */
    FLUSH,
    /** After the wait: the bus master may move data. */
    DMA,
    /** The bus master is awaited. */
    DMA_READY,
    /** The host reads the data register. */
    DATA_IN,
    /** The host writes the data register. */
    DATA_OUT,
    /** After the wait: the device takes a command packet. */
    PACKET,
    /** The host writes a command packet. */
    PACKET_OUT,
    /** After the wait: the packet's command. */
    EXECUTE
  }

  /**
   * The task file and the transfer.
   *
   * @param features and the following four: 16 bits each, the byte written last in the low half, the one before it in the high half
   * @param intrq the device's interrupt, before nIEN
   * @param position next byte of the buffer to move
   * @param end end of the data in the buffer
   * @param next next sector (ATA, 512 bytes) or block (ATAPI, 2048 bytes) to move between buffer and medium
   * @param left sectors or blocks still to move
   * @param toHost direction of a DMA transfer
   */
  record Core(int features, int count, int low, int mid, int high, int error, int status, boolean intrq, Step step, byte[] buffer,
      int position, int end, long next, @Range(most = 1 << 30) int left, boolean toHost) implements StateRecord {}

  /** What a device needs of its channel. */
  interface Host {
    /** Calls {@link #arrive} after a time. */
    void later(AtaDevice<?> device, long nanoseconds);

    /** Takes back what {@link #later} promised. */
    void stop(AtaDevice<?> device);

    /** The device's interrupt changed. */
    void interruptChanged(AtaDevice<?> device);

    /** Moves up to {@code n} bytes between buffer and memory; returns how many, 0 while the bus master stands. */
    int dma(byte[] buffer, int at, int n, boolean toMemory);
  }

  private final String name;
  private Host host;
  int features;
  int count;
  int low;
  int mid;
  int high;
  int error;
  int status;
  boolean intrq;
  Step step = Step.NONE;
  byte[] buffer = {};
  int position;
  int end;
  long next;
  int left;
  boolean toHost;

  AtaDevice(String name) {
    this.name = name;
  }

  final void attach(Host channel) {
    this.host = channel;
    signature();
  }

  /** Puts the signature into the task file: it tells what stands here after a reset. */
  abstract void signature();

  /** Takes a command; BSY is set already and the error register clear. */
  abstract void command(int code, boolean lba, int deviceBits);

  /** Runs the step that the wait was for. */
  abstract void arrive();

  /** The host has read the last byte of the buffer, or has written it full. */
  abstract void transferred();

  /** Moves what the bus master takes. */
  abstract void dma();

  /** Settings that a hardware reset puts back. */
  abstract void powerOn();

  /** The host cannot read or write the image: the drive reports what it would about a bad medium. */
  abstract void mediumFails();

  /** The wait is over. */
  final void due() {
    guarded(this::arrive);
  }

  /** The bus master has been started. */
  final void mastered() {
    guarded(this::dma);
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (ImageException e) {
      position = 0;
      end = 0;
      left = 0;
      mediumFails();
    }
  }

  // ---- steps

  final void start(int code, boolean lba, int deviceBits) {
    if ((status & BSY) != 0 && code != DEVICE_RESET) {
      return;
    }
    host.stop(this);
    error = 0;
    status = BSY;
    step = Step.NONE;
    interrupt(false);
    command(code, lba, deviceBits);
  }

  /** The next step, after a time. */
  final void after(long nanoseconds, Step what) {
    step = what;
    status = BSY;
    host.later(this, nanoseconds);
  }

  final void interrupt(boolean on) {
    intrq = on;
    host.interruptChanged(this);
  }

  final int hostDma(byte[] bytes, int at, int n, boolean toMemory) {
    return host.dma(bytes, at, n, toMemory);
  }

  /** End of a command with an interrupt; an error register that is not zero makes it a failed one. */
  final void finish() {
    step = Step.NONE;
    status = DRDY | DSC | (error != 0 ? ERR : 0);
    interrupt(true);
  }

  /** The host may move the buffer through the data register. */
  final void offer(Step direction, boolean withInterrupt) {
    step = direction;
    status = DRDY | DSC | DRQ;
    if (withInterrupt) {
      interrupt(true);
    }
  }

  final int data(int bytes) {
    int v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= (step == Step.DATA_IN && position < end ? buffer[position++] & 0xff : 0) << 8 * i;
    }
    if (step == Step.DATA_IN && position == end) {
      transferred();
    }
    return v;
  }

  final void data(int bytes, int value) {
    boolean takes = step == Step.DATA_OUT || step == Step.PACKET_OUT;
    for (int i = 0; takes && i < bytes && position < end; i++) {
      buffer[position++] = (byte) (value >>> 8 * i);
    }
    if (takes && position == end) {
      transferred();
    }
  }

  /** Software reset and the reset of DEVICE RESET. */
  final void reset() {
    step = Step.NONE;
    position = 0;
    end = 0;
    left = 0;
    error = 1;
    intrq = false;
    signature();
  }

  // ---- registers: the byte written last, or the one before it

  static int pushed(int register, int value) {
    return (register & 0xff) << 8 | value & 0xff;
  }

  final void task(int register, int value) {
    switch (register) {
      case 1 -> features = pushed(features, value);
      case 2 -> count = pushed(count, value);
      case 3 -> low = pushed(low, value);
      case 4 -> mid = pushed(mid, value);
      default -> high = pushed(high, value);
    }
  }

  final int task(int register, boolean previous) {
    int v = switch (register) {
      case 1 -> error;
      case 2 -> count;
      case 3 -> low;
      case 4 -> mid;
      default -> high;
    };
    return (previous && register > 1 ? v >>> 8 : v) & 0xff;
  }

  // ---- state

  @Override
  public final String stateName() {
    return name;
  }

  final Core core() {
    return new Core(features, count, low, mid, high, error, status, intrq, step, buffer.clone(), position, end, next, left, toHost);
  }

  final void core(Core s) {
    if (s.position < 0 || s.position > s.end || s.end > s.buffer.length) {
      throw new StateException(name + ".core: bytes " + s.position + " to " + s.end + " of a buffer of " + s.buffer.length);
    }
    features = s.features;
    count = s.count;
    low = s.low;
    mid = s.mid;
    high = s.high;
    error = s.error;
    status = s.status;
    intrq = s.intrq;
    step = s.step;
    buffer = s.buffer.clone();
    position = s.position;
    end = s.end;
    next = s.next;
    left = s.left;
    toHost = s.toHost;
  }
}
