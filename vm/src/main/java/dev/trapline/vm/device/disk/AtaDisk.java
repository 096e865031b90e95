package dev.trapline.vm.device.disk;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;

/**
 * An ATA hard disk: 28- and 48-bit LBA and CHS, PIO, multiple and DMA transfers up to Ultra DMA mode 5.
 *
 * <p>ATA/ATAPI-6 (T13/1410D) 8 "Command descriptions".
 */
public final class AtaDisk extends AtaDevice<AtaDisk.State> {
  private static final int SECTOR = Medium.SECTOR;
  private static final int NOT_FOUND = 0x10;
  private static final int UNCORRECTABLE = 0x40;
  private static final int MOST_MULTIPLE = 16;
  private static final int HEADS = 16;
  private static final int SECTORS_PER_TRACK = 63;
  private static final long MOST_LBA28 = (1 << 28) - 1;
  /** What things take, in nanoseconds: without data, to the first sector, and for each sector. */
  private static final long QUICK = 5_000;
  private static final long ACCESS = 50_000;
  private static final long PER_SECTOR = 2_000;

  /**
   * The drive's state.
   *
   * @param multiple sectors in a block of READ and WRITE MULTIPLE, 0 if not set
   * @param block sectors in a block of the transfer going on
   * @param heads current translation
   * @param dmaMode transfer mode set by SET FEATURES: 20h to 22h multiword, 40h to 45h ultra
   * @param extended whether the command going on is a 48-bit one
   */
  public record State(Core core, int multiple, @Range(most = 1 << 16) int block, @Range(least = 1, most = 16) int heads,
      @Range(least = 1, most = 255) int sectorsPerTrack, int dmaMode, boolean writeCache, boolean extended, boolean standby)
      implements StateRecord {}

  private final Medium medium;
  private final String serial;
  private int multiple;
  private int block;
  private int heads;
  private int sectorsPerTrack;
  private int dmaMode;
  private boolean writeCache;
  private boolean extended;
  private boolean standby;

  /**
   * @param name of this component
   * @param serial up to 20 characters
   */
  public AtaDisk(String name, Medium medium, String serial) {
    super(name);
    this.medium = medium;
    this.serial = serial;
    powerOn();
  }

  public Medium medium() {
    return medium;
  }

  @Override
  void powerOn() {
    multiple = MOST_MULTIPLE;
    block = 1;
    heads = HEADS;
    sectorsPerTrack = SECTORS_PER_TRACK;
    dmaMode = 0x45;
    writeCache = true;
    standby = false;
  }

  @Override
  void signature() {
    count = 1;
    low = 1;
    mid = 0;
    high = 0;
    status = DRDY | DSC;
  }

  // ---- commands

  @Override
  void command(int code, boolean lba, int deviceBits) {
    standby &= code == 0xe5 || code == 0x98 || code == 0xec;
    switch (code) {
      case 0x20, 0x21 -> read(address(lba, deviceBits), sectors28(), 1);
      case 0x24 -> read(address48(), sectors48(), 1);
      case 0xc4 -> read(address(lba, deviceBits), sectors28(), multiple);
      case 0x29 -> read(address48(), sectors48(), multiple);
      case 0x30, 0x31 -> write(address(lba, deviceBits), sectors28(), 1);
      case 0x34 -> write(address48(), sectors48(), 1);
      case 0xc5 -> write(address(lba, deviceBits), sectors28(), multiple);
      case 0x39 -> write(address48(), sectors48(), multiple);
      case 0xc8, 0xc9 -> dma(address(lba, deviceBits), sectors28(), true);
      case 0x25 -> dma(address48(), sectors48(), true);
      case 0xca, 0xcb -> dma(address(lba, deviceBits), sectors28(), false);
      case 0x35 -> dma(address48(), sectors48(), false);
      case 0x40, 0x41 -> verify(address(lba, deviceBits), sectors28());
      case 0x42 -> verify(address48(), sectors48());
      case 0xec -> identify();
      default -> withoutData(code, lba, deviceBits);
    }
  }

  private void withoutData(int code, boolean lba, int deviceBits) {
    switch (code) {
      case 0x70 -> verify(address(lba, deviceBits), 1);
      case 0x91 -> setTranslation(deviceBits);
      case 0xc6 -> setMultiple();
      case 0xef -> setFeatures();
      case 0xe0, 0x94, 0xe2, 0x96, 0xe6, 0x99 -> standby = true;
      case 0xe5, 0x98 -> count = standby ? 0 : 0xff;
      case 0xe7, 0xea -> after(QUICK, Step.FLUSH);
      case 0xe1, 0x95, 0xe3, 0x97 -> count &= 0xffff;
      case 0xf8 -> report(Math.min(medium.sectors(), MOST_LBA28 + 1) - 1, false);
      case 0x27 -> report(medium.sectors() - 1, true);
      default -> error = code >= 0x10 && code <= 0x1f ? 0 : ABORTED;
    }
    if (step == Step.NONE) {
      after(QUICK, Step.FINISH);
    }
  }

  private void setTranslation(int deviceBits) {
    if ((count & 0xff) == 0) {
      error = ABORTED;
      return;
    }
    heads = (deviceBits & 0xf) + 1;
    sectorsPerTrack = count & 0xff;
  }

  private void setMultiple() {
    int n = count & 0xff;
    if (n > MOST_MULTIPLE || Integer.bitCount(n) > 1) {
      error = ABORTED;
    }
    multiple = error == 0 ? n : 0;
  }

  private void setFeatures() {
    switch (features & 0xff) {
      case 0x02, 0x82 -> writeCache = (features & 0xff) == 0x02;
      case 0x03 -> setMode(count & 0xff);
      case 0x55, 0xaa, 0x66, 0xcc, 0x05, 0x85, 0x42, 0xc2 -> error = 0;
      default -> error = ABORTED;
    }
  }

  private void setMode(int mode) {
    boolean pio = mode <= 1 || mode >= 0x08 && mode <= 0x0c;
    boolean dma = mode >= 0x20 && mode <= 0x22 || mode >= 0x40 && mode <= 0x45;
    if (dma) {
      dmaMode = mode;
    } else if (!pio) {
      error = ABORTED;
    }
  }

  // ---- addresses

  private int sectors28() {
    extended = false;
    return (count & 0xff) == 0 ? 256 : count & 0xff;
  }

  private int sectors48() {
    extended = true;
    return count == 0 ? 65536 : count;
  }

  private long address(boolean lba, int deviceBits) {
    if (lba) {
      return (deviceBits & 0xfL) << 24 | (high & 0xff) << 16 | (mid & 0xff) << 8 | low & 0xff;
    }
    int sector = low & 0xff;
    int head = deviceBits & 0xf;
    if (sector == 0 || sector > sectorsPerTrack || head >= heads) {
      return -1;
    }
    return ((long) ((high & 0xff) << 8 | mid & 0xff) * heads + head) * sectorsPerTrack + sector - 1;
  }

  private long address48() {
    return (high >>> 8 & 0xffL) << 40 | (mid >>> 8 & 0xffL) << 32 | (low >>> 8 & 0xffL) << 24
        | (high & 0xffL) << 16 | (mid & 0xff) << 8 | low & 0xff;
  }

  private void report(long sector, boolean wide) {
    low = (int) (sector & 0xff | (wide ? sector >>> 24 & 0xff : 0) << 8);
    mid = (int) (sector >>> 8 & 0xff | (wide ? sector >>> 32 & 0xff : 0) << 8);
    high = (int) (sector >>> 16 & 0xff | (wide ? sector >>> 40 & 0xff : 0) << 8);
  }

  @Override
  void mediumFails() {
    error = UNCORRECTABLE;
    finish();
  }

  // ---- transfers

  /** Whether the sectors are there; else the command fails after the wait. */
  private boolean begin(long sector, int n, int blockSize) {
    next = sector;
    left = n;
    block = blockSize;
    position = 0;
    end = 0;
    if (blockSize == 0) {
      error = ABORTED;
    } else if (sector < 0 || sector + n > medium.sectors()) {
      error = NOT_FOUND;
    }
    if (error != 0) {
      after(QUICK, Step.FINISH);
    }
    return error == 0;
  }

  private void read(long sector, int n, int blockSize) {
    if (begin(sector, n, blockSize)) {
      after(ACCESS, Step.LOAD);
    }
  }

  private void write(long sector, int n, int blockSize) {
    if (begin(sector, n, blockSize)) {
      room(Math.min(left, block));
      offer(Step.DATA_OUT, false);
    }
  }

  private void dma(long sector, int n, boolean in) {
    toHost = in;
    if (begin(sector, n, 1)) {
      after(ACCESS + n * PER_SECTOR, Step.DMA);
    }
  }

  private void verify(long sector, int n) {
    if (begin(sector, n, 1)) {
      after(ACCESS + n * PER_SECTOR, Step.FINISH);
    }
  }

  private void room(int sectors) {
    position = 0;
    end = sectors * SECTOR;
    if (buffer.length < end) {
      buffer = new byte[end];
    }
  }

  private void load(int sectors) {
    room(sectors);
    medium.read(next * SECTOR, buffer, 0, end);
    next += sectors;
    left -= sectors;
  }

  private void store() {
    medium.write(next * SECTOR, buffer, 0, end);
    next += end / SECTOR;
    left -= end / SECTOR;
  }

  @Override
  void arrive() {
    switch (step) {
      case LOAD -> {
        if (block == 0) {
          identity();
        } else {
          load(Math.min(left, block));
        }
        offer(Step.DATA_IN, true);
      }
      case STORE -> stored();
      case FLUSH -> {
        medium.flush();
        finish();
      }
      case DMA -> {
        step = Step.DMA_READY;
        status = DRDY | DSC | DRQ;
        dma();
      }
      default -> finish();
    }
  }

  private void stored() {
    store();
    if (left == 0) {
      finishTransfer();
    } else {
      room(Math.min(left, block));
      offer(Step.DATA_OUT, true);
    }
  }

  @Override
  void transferred() {
    if (step == Step.DATA_OUT) {
      after(PER_SECTOR * end / SECTOR, Step.STORE);
    } else if (left > 0) {
      after(PER_SECTOR * block, Step.LOAD);
    } else {
      step = Step.NONE;
      status = DRDY | DSC;
      if (block > 0) {
        done();
      }
    }
  }

  @Override
  void dma() {
    while (position < end || left > 0) {
      if (position == end && toHost) {
        load(1);
      } else if (position == end) {
        room(1);
      }
      position += hostDma(buffer, position, end - position, toHost);
      if (position < end) {
        return;
      }
      if (!toHost) {
        store();
      }
    }
    finishTransfer();
  }

  private void finishTransfer() {
    done();
    finish();
  }

  private void done() {
    count = 0;
    report(next - 1, extended);
  }

  /** A block of 0 sectors stands for the identity. */
  private void identify() {
    left = 0;
    block = 0;
    after(QUICK, Step.LOAD);
  }

  private void identity() {
    room(1);
    new Identity(medium.sectors(), serial).write(buffer, heads, sectorsPerTrack, multiple, dmaMode, writeCache);
  }

  // ---- state

  @Override
  public State state() {
    return new State(core(), multiple, block, heads, sectorsPerTrack, dmaMode, writeCache, extended, standby);
  }

  @Override
  public void state(State s) {
    core(s.core);
    multiple = s.multiple;
    block = s.block;
    heads = s.heads;
    sectorsPerTrack = s.sectorsPerTrack;
    dmaMode = s.dmaMode;
    writeCache = s.writeCache;
    extended = s.extended;
    standby = s.standby;
  }
}
