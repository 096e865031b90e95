package dev.trapline.vm.device.disk;

import java.util.Arrays;

/**
 * A command of the floppy controller that finds sectors on a diskette, from its bytes to its result.
 *
 * <p>Intel 82077AA (290166) 5.1 "Data Transfer Commands", 6 "Status Register Encoding".
 */
final class FloppyAccess {
  static final int READ_ID = 0x0a;
  static final int FORMAT = 0x0d;
  private static final int VERIFY = 0x16;
  private static final int WRITE = 0x05;
  private static final int WRITE_DELETED = 0x09;
  private static final int DMA_CHANNEL = Floppy.DMA_CHANNEL;
  private static final int SECTOR = Medium.SECTOR;
  private static final int SIZE_CODE = 2;
  private static final int DOUBLE_DENSITY = 0x40;
  private static final int MULTI_TRACK = 0x80;
  /** Status register 1. */
  private static final int END_OF_CYLINDER = 0x80;
  private static final int DATA_ERROR = 0x20;
  private static final int OVERRUN = 0x10;
  private static final int NO_DATA = 0x04;
  private static final int NOT_WRITABLE = 0x02;
  private static final int MISSING_MARK = 0x01;
  /** Status register 2. */
  private static final int DATA_ERROR_IN_DATA = 0x20;
  private static final int WRONG_CYLINDER = 0x10;

  private final FloppyDrives drives;
  private final IsaDma dma;
  private final byte[] command;
  private final int rate;
  private final boolean withoutDma;
  private final int code;
  private final int drive;
  private final boolean multiTrack;
  private final int last;
  private final byte[] data = new byte[SECTOR];
  private int head;
  private int c;
  private int h;
  private int r;
  private int st1;
  private int st2;

  /**
   * @param command its bytes
   * @param rate data rate selected
   * @param withoutDma the host would have to serve the FIFO
   */
  FloppyAccess(FloppyDrives drives, IsaDma dma, byte[] command, int rate, boolean withoutDma) {
    this.drives = drives;
    this.dma = dma;
    this.command = command;
    this.rate = rate;
    this.withoutDma = withoutDma;
    this.code = command[0] & 0x1f;
    this.multiTrack = (command[0] & MULTI_TRACK) != 0;
    this.drive = command[1] & 3;
    this.head = command[1] >> 2 & 1;
    this.c = command[2] & 0xff;
    this.h = command[3] & 0xff;
    this.r = command[4] & 0xff;
    this.last = command[6] & 0xff;
  }

  /** Runs the command; its seven result bytes. A host that cannot read or write the image is a data error. */
  int[] run() {
    try {
      return switch (code) {
        case READ_ID -> readId();
        case FORMAT -> format();
        default -> transfer();
      };
    } catch (ImageException e) {
      st1 = DATA_ERROR;
      st2 = DATA_ERROR_IN_DATA;
      return result(c, h, r);
    }
  }

  private int[] result(int cylinder, int side, int sector) {
    return new int[] {(st1 == 0 ? 0 : Floppy.ABNORMAL) | head << 2 | drive, st1, st2, cylinder, side, sector, SIZE_CODE};
  }

  private boolean hears() {
    return drives.isThere(drive) && drives.format(drive).readableAt(rate) && (command[0] & DOUBLE_DENSITY) != 0;
  }

  private int[] readId() {
    int at = drives.cylinder[drive];
    boolean found = hears() && drives.format(drive).linear(at, head, 1) >= 0;
    st1 = found ? 0 : MISSING_MARK;
    return result(at, head, 1);
  }

  /** FORMAT TRACK: the sectors' addresses come by DMA, four bytes each. */
  private int[] format() {
    byte[] id = new byte[4];
    Arrays.fill(data, command[5]);
    st1 = !hears() ? MISSING_MARK : drives.isProtected(drive) ? NOT_WRITABLE : 0;
    for (int i = 0; i < (command[3] & 0xff) && st1 == 0; i++) {
      if (dma.move(DMA_CHANNEL, id, 0, 4) < 4) {
        st1 = OVERRUN;
        break;
      }
      long sector = drives.format(drive).linear(drives.cylinder[drive], head, id[2] & 0xff);
      if (sector >= 0 && id[3] == SIZE_CODE) {
        drives.medium(drive).write(sector * SECTOR, data, 0, SECTOR);
      }
    }
    dma.terminalCount(DMA_CHANNEL);
    int[] result = result(id[0] & 0xff, id[1] & 0xff, id[2] & 0xff);
    result[6] = id[3] & 0xff;
    return result;
  }

  /** READ, WRITE and VERIFY: sector after sector until terminal count or the end of the track. */
  private int[] transfer() {
    st1 = check();
    boolean more = st1 == 0;
    while (more) {
      more = sector();
    }
    return result(c, h, r);
  }

  private int check() {
    boolean writes = code == WRITE || code == WRITE_DELETED;
    if (!hears()) {
      return MISSING_MARK;
    }
    if (withoutDma) {
      return OVERRUN;
    }
    if (c != drives.cylinder[drive]) {
      st2 = WRONG_CYLINDER;
      return NO_DATA;
    }
    return writes && drives.isProtected(drive) ? NOT_WRITABLE : command[5] == SIZE_CODE ? 0 : NO_DATA;
  }

  /** Moves one sector; false after the last one. */
  private boolean sector() {
    long at = h == head ? drives.format(drive).linear(c, head, r) : -1;
    if (at < 0) {
      st1 = NO_DATA;
      return false;
    }
    int moved = move(at * SECTOR);
    boolean ended = dma.terminalCount(DMA_CHANNEL);
    if (!ended && moved < SECTOR) {
      st1 = OVERRUN;
      return false;
    }
    boolean beyond = next();
    if (beyond && !ended && code != VERIFY) {
      st1 = END_OF_CYLINDER;
    }
    return !beyond && !ended;
  }

  private int move(long at) {
    return switch (code) {
      case WRITE, WRITE_DELETED -> write(at);
      case VERIFY -> SECTOR;
      default -> {
        drives.medium(drive).read(at, data, 0, SECTOR);
        yield dma.move(DMA_CHANNEL, data, 0, SECTOR);
      }
    };
  }

  /** A sector that the host ends early is filled with zeros. */
  private int write(long at) {
    Arrays.fill(data, (byte) 0);
    int n = dma.move(DMA_CHANNEL, data, 0, SECTOR);
    if (n > 0) {
      drives.medium(drive).write(at, data, 0, SECTOR);
    }
    return n;
  }

  /** Goes to the next sector; true if that is beyond what this command covers. */
  private boolean next() {
    if (r != last) {
      r = r + 1 & 0xff;
      return false;
    }
    r = 1;
    if (multiTrack && head == 0) {
      head = 1;
      h ^= 1;
      return false;
    }
    c++;
    h ^= multiTrack ? 1 : 0;
    return true;
  }
}
