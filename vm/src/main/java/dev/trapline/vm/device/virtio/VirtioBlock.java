package dev.trapline.vm.device.virtio;

import dev.trapline.vm.device.disk.ImageException;
import dev.trapline.vm.device.disk.Medium;
import dev.trapline.vm.state.StateRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A disk (Virtio 1.2, 5.2): read, write, flush, identify, discard and write zeroes. Its contents are not part of its state. */
public final class VirtioBlock extends VirtioDevice<VirtioBlock.State> {
  /**
   * The disk's state, without its contents.
   *
   * @param hostErrors times the host could not read or write the image
   */
  public record State(Core core, long hostErrors) implements StateRecord {}

  private static final int ID = 2;
  private static final int CLASS = 0x010000;
  private static final int SECTOR = Medium.SECTOR;
  private static final long SEG_MAX = 1 << 2;
  private static final long RO = 1 << 5;
  private static final long BLK_SIZE = 1 << 6;
  private static final long FLUSH = 1 << 9;
  private static final long DISCARD = 1 << 13;
  private static final long WRITE_ZEROES = 1 << 14;
  private static final int MOST_SEGMENTS = Virtqueue.MOST - 2;
  /** Sectors of one discard or write-zeroes request: 4 MiB. */
  private static final int MOST_ZEROED = 8192;

  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int SYNC = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD_REQUEST = 11;
  private static final int ZERO_REQUEST = 13;
  private static final int OK = 0;
  private static final int IO_ERROR = 1;
  private static final int UNSUPPORTED = 2;

  private static final int HEADER = 16;
  private static final int RANGE = 16;
  private static final int ID_LENGTH = 20;
  private static final int BUFFER = 1 << 16;

  private final Medium medium;
  private final byte[] id;
  private final byte[] buffer = new byte[BUFFER];
  private long hostErrors;

  /**
   * @param serial up to 20 ASCII characters
   */
  public VirtioBlock(String name, VirtioHost host, Medium medium, String serial) {
    super(name, host, ID, CLASS, SEG_MAX | BLK_SIZE | FLUSH | (medium.readOnly() ? RO : DISCARD | WRITE_ZEROES), 1);
    this.medium = medium;
    this.id = Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), ID_LENGTH);
  }

  @Override
  protected byte[] deviceConfig() {
    byte[] c = new byte[60];
    Bytes.put(c, 0, 8, medium.sectors());
    Bytes.put(c, 12, 4, MOST_SEGMENTS);
    Bytes.put(c, 20, 4, SECTOR);
    Bytes.put(c, 36, 4, MOST_ZEROED);
    Bytes.put(c, 40, 4, 1);
    Bytes.put(c, 44, 4, 1);
    Bytes.put(c, 48, 4, MOST_ZEROED);
    Bytes.put(c, 52, 4, 1);
    c[56] = 1;
    return c;
  }

  /** Header, data, and a status byte at the very end. */
  @Override
  long handle(int queue, Chain chain) {
    byte[] header = new byte[HEADER];
    if (chain.read(0, header, 0, HEADER) < HEADER || chain.writableBytes() < 1) {
      throw new Malformed("block request");
    }
    int type = (int) Bytes.get(header, 0, 4);
    long sector = Bytes.get(header, 8, 8);
    int result = switch (type) {
      case IN -> transfer(chain, sector, chain.writableBytes() - 1, true);
      case OUT -> medium.readOnly() ? IO_ERROR : transfer(chain, sector, chain.readableBytes() - HEADER, false);
      case SYNC -> hostDoes(medium::flush) ? OK : IO_ERROR;
      case GET_ID -> identify(chain);
      case DISCARD_REQUEST, ZERO_REQUEST -> medium.readOnly() ? IO_ERROR : zero(chain);
      default -> UNSUPPORTED;
    };
    long written = type == IN || type == GET_ID ? chain.writableBytes() : 1;
    chain.write(chain.writableBytes() - 1, new byte[] {(byte) result}, 0, 1);
    return written;
  }

  private boolean isInside(long sector, long count) {
    return sector >= 0 && count <= medium.sectors() && sector <= medium.sectors() - count;
  }

  private int transfer(Chain chain, long sector, long bytes, boolean toDriver) {
    if (bytes % SECTOR != 0 || !isInside(sector, bytes / SECTOR)) {
      return IO_ERROR;
    }
    for (long done = 0; done < bytes; done += BUFFER) {
      int n = (int) Math.min(BUFFER, bytes - done);
      if (!(toDriver ? read(chain, done, sector * SECTOR + done, n) : write(chain, done, sector * SECTOR + done, n))) {
        return IO_ERROR;
      }
    }
    return OK;
  }

  private boolean read(Chain chain, long done, long at, int n) {
    boolean fine = hostDoes(() -> medium.read(at, buffer, 0, n));
    if (fine) {
      chain.write(done, buffer, 0, n);
    }
    return fine;
  }

  private boolean write(Chain chain, long done, long at, int n) {
    chain.read(HEADER + done, buffer, 0, n);
    return hostDoes(() -> medium.write(at, buffer, 0, n));
  }

  /** A file of the host that fails is an I/O error for the driver; how often it did is counted. */
  private boolean hostDoes(Runnable access) {
    try {
      access.run();
      return true;
    } catch (ImageException e) {
      hostErrors++;
      return false;
    }
  }

  private int identify(Chain chain) {
    chain.write(0, id, 0, (int) Math.min(ID_LENGTH, chain.writableBytes() - 1));
    return OK;
  }

  /** One range; a discarded one reads as zeros too. */
  private int zero(Chain chain) {
    byte[] range = new byte[RANGE];
    if (chain.readableBytes() != HEADER + RANGE) {
      return IO_ERROR;
    }
    chain.read(HEADER, range, 0, RANGE);
    long sector = Bytes.get(range, 0, 8);
    long count = Bytes.get(range, 8, 4);
    if (count > MOST_ZEROED || !isInside(sector, count)) {
      return IO_ERROR;
    }
    Arrays.fill(buffer, (byte) 0);
    boolean fine = true;
    for (long done = 0; fine && done < count * SECTOR; done += BUFFER) {
      long at = sector * SECTOR + done;
      int n = (int) Math.min(BUFFER, count * SECTOR - done);
      fine = hostDoes(() -> medium.write(at, buffer, 0, n));
    }
    return fine ? OK : IO_ERROR;
  }

  public Medium medium() {
    return medium;
  }

  @Override
  protected void powerOn() {
    super.powerOn();
    hostErrors = 0;
  }

  @Override
  public State state() {
    return new State(core(), hostErrors);
  }

  @Override
  public void state(State s) {
    core(s.core);
    hostErrors = s.hostErrors;
  }
}
