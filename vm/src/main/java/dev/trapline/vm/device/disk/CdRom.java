package dev.trapline.vm.device.disk;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An ATAPI CD-ROM or DVD-ROM drive with an ISO image in its tray: commands come as packets of 12 bytes.
 *
 * <p>ATA/ATAPI-6 (T13/1410D) 8.23 "PACKET"; SFF-8020i and MMC-3 for the packets.
 */
public final class CdRom extends AtaDevice<CdRom.State> {
  static final int BLOCK = 2048;
  private static final int PACKET = 12;
  private static final int MOST_BLOCKS = 16;
  /** Interrupt reason: what moves is a command or a status, and to the host. */
  private static final int IS_COMMAND = 1;
  private static final int IS_TO_HOST = 2;
  private static final int NOT_READY = 2;
  private static final int MEDIUM_ERROR = 3;
  private static final int UNRECOVERED_READ = 0x11;
  private static final int ILLEGAL_REQUEST = 5;
  private static final int UNIT_ATTENTION = 6;
  private static final int INVALID_COMMAND = 0x20;
  private static final int OUT_OF_RANGE = 0x21;
  private static final int INVALID_FIELD = 0x24;
  private static final int MEDIUM_CHANGED = 0x28;
  private static final int NO_MEDIUM = 0x3a;
  private static final int LOCKED = 0x53;
  /** What things take, in nanoseconds. */
  private static final long QUICK = 5_000;
  private static final long ACCESS = 200_000;
  private static final long PER_BLOCK = 10_000;

  /**
   * The drive's state.
   *
   * @param dma the packet going on moves its data by the bus master
   * @param chunk most bytes in a DRQ block of the packet going on; 0 in a command without packet
   * @param total bytes in the buffer, of which {@code core.end} ends the DRQ block
   * @param sense key, code and qualifier of the last error, eight bits each
   * @param attention a unit attention code to report, or 0
   */
  public record State(Core core, boolean dma, @Range(most = 1 << 16) int chunk, @Range(most = 1 << 30) int total, int sense,
      int attention, boolean locked, boolean open, int dmaMode)
      implements StateRecord {}

  private final Medium medium;
  private boolean dma;
  private int chunk;
  private int total;
  private int sense;
  private int attention;
  private boolean locked;
  private boolean open;
  private int dmaMode;

  /**
   * @param medium what lies in the tray, or null
   */
  public CdRom(String name, Medium medium) {
    super(name);
    this.medium = medium;
    powerOn();
  }

  public Medium medium() {
    return medium;
  }

  @Override
  void powerOn() {
    sense = 0;
    attention = 0;
    locked = false;
    open = false;
    dmaMode = 0x22;
  }

  @Override
  void signature() {
    count = 1;
    low = 1;
    mid = 0x14;
    high = 0xeb;
    status = 0;
  }

  // ---- ATA commands

  @Override
  void command(int code, boolean lba, int deviceBits) {
    chunk = 0;
    switch (code) {
      case 0xa0 -> after(QUICK, Step.PACKET);
      case 0xa1 -> after(QUICK, Step.LOAD);
      case DEVICE_RESET -> {
        reset();
        return;
      }
      case 0xef -> setFeatures();
      case 0xe0, 0xe1, 0xe2, 0xe3, 0xe6, 0x94, 0x95, 0x96, 0x97, 0x99 -> error = 0;
      case 0xe5, 0x98 -> count = 0xff;
      default -> refuse(code);
    }
    if (step == Step.NONE) {
      after(QUICK, Step.FINISH);
    }
  }

  /** Commands of disks are aborted; those that look for a disk find the signature of an ATAPI device. */
  private void refuse(int code) {
    error = ABORTED;
    if (code == 0xec || code == 0x20 || code == 0x21) {
      signature();
    }
  }

  private void setFeatures() {
    int mode = count & 0xff;
    boolean dmaModes = mode >= 0x20 && mode <= 0x22 || mode >= 0x40 && mode <= 0x42;
    boolean setsMode = (features & 0xff) == 3;
    if (setsMode && dmaModes) {
      dmaMode = mode;
    } else if (!setsMode || !(mode <= 1 || mode >= 8 && mode <= 0x0c)) {
      error = ABORTED;
    }
  }

  @Override
  void arrive() {
    switch (step) {
      case PACKET -> {
        room(PACKET);
        end = PACKET;
        count = IS_COMMAND;
        offer(Step.PACKET_OUT, false);
      }
      case EXECUTE -> execute();
      case LOAD -> load();
      case DMA -> {
        step = Step.DMA_READY;
        status = DRDY | DRQ;
        count = IS_TO_HOST;
        dma();
      }
      default -> end();
    }
  }

  private void room(int n) {
    position = 0;
    end = 0;
    total = n;
    if (buffer.length < n) {
      buffer = new byte[n];
    }
  }

  /** End of a command; of a packet, if it had one, with the sense key in the error register. */
  private void end() {
    if (chunk > 0) {
      count = IS_COMMAND | IS_TO_HOST;
    }
    finish();
  }

  /** More blocks, or the identity if there are none to read. */
  private void load() {
    if (left > 0) {
      readBlocks();
      offerChunk();
    } else {
      identity();
      end = total;
      offer(Step.DATA_IN, true);
    }
  }

  private void offerChunk() {
    end = Math.min(total, position + chunk);
    count = IS_TO_HOST;
    mid = end - position & 0xff;
    high = end - position >> 8;
    offer(Step.DATA_IN, true);
  }

  private void readBlocks() {
    int n = Math.min(left, MOST_BLOCKS);
    room(n * BLOCK);
    medium.read(next * BLOCK, buffer, 0, total);
    next += n;
    left -= n;
  }

  @Override
  void transferred() {
    if (step == Step.PACKET_OUT) {
      after(QUICK, Step.EXECUTE);
    } else if (end < total) {
      offerChunk();
    } else if (left > 0) {
      after(PER_BLOCK * Math.min(left, MOST_BLOCKS), Step.LOAD);
    } else if (chunk > 0) {
      after(QUICK, Step.FINISH);
    } else {
      step = Step.NONE;
      status = DRDY | DSC;
    }
  }

  @Override
  void dma() {
    while (position < total || left > 0) {
      if (position == total) {
        readBlocks();
      }
      position += hostDma(buffer, position, total - position, true);
      if (position < total) {
        return;
      }
    }
    end();
  }

  private void identity() {
    chunk = 0;
    room(512);
    Arrays.fill(buffer, 0, 512, (byte) 0);
    ByteBuffer w = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    Identity.word(w, 0, 0x85c0);
    Identity.text(buffer, 10, 20, "TL00003");
    Identity.text(buffer, 23, 8, "1.0");
    Identity.text(buffer, 27, 40, "TRAPLINE CD-ROM");
    Identity.word(w, 49, 0x0b00);
    Identity.word(w, 51, 0x200);
    Identity.word(w, 53, 7);
    Identity.word(w, 63, 0x07 | (dmaMode < 0x40 ? 0x100 << dmaMode - 0x20 : 0));
    Identity.word(w, 64, 3);
    for (int cycle = 65; cycle <= 68; cycle++) {
      Identity.word(w, cycle, 120);
    }
    Identity.word(w, 80, 0x3e);
    Identity.word(w, 82, 0x4210);
    Identity.word(w, 83, 0x4000);
    Identity.word(w, 85, 0x4210);
    Identity.word(w, 88, 0x07 | (dmaMode >= 0x40 ? 0x100 << dmaMode - 0x40 : 0));
    Identity.word(w, 93, 0x6001);
  }

  // ---- packets

  private int at(int index) {
    return buffer[index] & 0xff;
  }

  private int two(int index) {
    return at(index) << 8 | at(index + 1);
  }

  private int four(int index) {
    return two(index) << 16 | two(index + 2);
  }

  private boolean loaded() {
    return medium != null && !open;
  }

  private void execute() {
    dma = (features & 1) != 0;
    int limit = (high & 0xff) << 8 | mid & 0xff;
    chunk = limit == 0 ? 0xfffe : limit == 1 ? 2 : limit & ~1;
    left = 0;
    int code = at(0);
    boolean always = code == 0x03 || code == 0x12 || code == 0x46 || code == 0x4a;
    if (attention != 0 && !always) {
      int reported = attention;
      attention = 0;
      fail(UNIT_ATTENTION, reported);
      return;
    }
    boolean needsMedium = switch (code) {
      case 0x00, 0x25, 0x28, 0x2b, 0x42, 0x43, 0x51, 0x52, 0xa8, 0xad, 0xbe -> true;
      default -> false;
    };
    if (needsMedium && !loaded()) {
      fail(NOT_READY, NO_MEDIUM);
    } else {
      packet(code);
    }
  }

  private void packet(int code) {
    switch (code) {
      case 0x00, 0x2b, 0xbb -> good();
      case 0x03 -> requestSense();
      case 0x12 -> inquiry();
      case 0x1b -> startStop();
      case 0x1e -> prevent();
      case 0x25 -> capacity();
      case 0x28 -> read(four(2) & 0xffffffffL, two(7));
      case 0xa8 -> read(four(2) & 0xffffffffL, four(6));
      case 0xbe -> readCd();
      case 0x43 -> toc();
      case 0x46 -> configuration();
      case 0x4a -> event();
      case 0x51 -> discInformation();
      case 0x52 -> trackInformation();
      case 0x5a -> modeSense();
      case 0xbd -> mechanism();
      default -> fail(ILLEGAL_REQUEST, INVALID_COMMAND);
    }
  }

  private void good() {
    sense = 0;
    error = 0;
    end();
  }

  private void fail(int key, int code) {
    sense = key << 16 | code << 8;
    error = key << 4 | ABORTED;
    end();
  }

  @Override
  void mediumFails() {
    fail(MEDIUM_ERROR, UNRECOVERED_READ);
  }

  /** Gives the host an answer, cut to what it asked for. */
  private void answer(byte[] bytes, int asked) {
    int n = Math.min(bytes.length, asked);
    sense = 0;
    if (n == 0) {
      end();
      return;
    }
    room(n);
    System.arraycopy(bytes, 0, buffer, 0, n);
    if (dma) {
      toHost = true;
      after(QUICK, Step.DMA);
    } else {
      offerChunk();
    }
  }

  private void requestSense() {
    byte[] s = new byte[18];
    int reported = attention != 0 ? UNIT_ATTENTION << 16 | attention << 8 : sense;
    attention = 0;
    s[0] = 0x70;
    s[2] = (byte) (reported >> 16);
    s[7] = 10;
    s[12] = (byte) (reported >> 8);
    s[13] = (byte) reported;
    answer(s, at(4));
  }

  private void inquiry() {
    if ((at(1) & 1) != 0 || at(2) != 0) {
      fail(ILLEGAL_REQUEST, INVALID_FIELD);
      return;
    }
    byte[] s = new byte[36];
    s[0] = 5;
    s[1] = (byte) 0x80;
    s[3] = 0x21;
    s[4] = 31;
    put(s, 8, "TRAPLINE", 8);
    put(s, 16, "CD-ROM", 16);
    put(s, 32, "1.0", 4);
    answer(s, two(3));
  }

  private static void put(byte[] to, int at, String text, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] = (byte) (i < text.length() ? text.charAt(i) : ' ');
    }
  }

  /** LoEj and Start: out, in; without LoEj the disc only turns or stands. */
  private void startStop() {
    boolean eject = (at(4) & 3) == 2;
    if (eject && locked) {
      fail(loaded() ? ILLEGAL_REQUEST : NOT_READY, LOCKED);
      return;
    }
    if ((at(4) & 3) == 3 && open) {
      attention = medium == null ? 0 : MEDIUM_CHANGED;
    }
    open = (at(4) & 2) != 0 ? eject : open;
    good();
  }

  private void prevent() {
    locked = (at(4) & 1) != 0;
    good();
  }

  private long blocks() {
    return (medium.size() + BLOCK - 1) / BLOCK;
  }

  private void capacity() {
    answer(ByteBuffer.allocate(8).putInt((int) (blocks() - 1)).putInt(BLOCK).array(), 8);
  }

  private void read(long block, int n) {
    if (n < 0 || block + n > blocks()) {
      fail(ILLEGAL_REQUEST, OUT_OF_RANGE);
      return;
    }
    sense = 0;
    next = block;
    left = n;
    total = 0;
    position = 0;
    if (n == 0) {
      end();
    } else if (dma) {
      toHost = true;
      after(ACCESS + n * PER_BLOCK, Step.DMA);
    } else {
      after(ACCESS, Step.LOAD);
    }
  }

  /** READ CD of user data, 2048 bytes each: sync, headers and error correction are not in an ISO image. */
  private void readCd() {
    int fields = at(9) & 0xf8;
    if (fields == 0x10 || fields == 0) {
      read(four(2) & 0xffffffffL, fields == 0 ? 0 : at(6) << 16 | two(7));
    } else {
      fail(ILLEGAL_REQUEST, INVALID_FIELD);
    }
  }

  // ---- what kind of disc and drive

  private static byte[] address(long block, boolean msf) {
    long frames = block + 150;
    return msf ? new byte[] {0, (byte) (frames / 75 / 60), (byte) (frames / 75 % 60), (byte) (frames % 75)}
        : ByteBuffer.allocate(4).putInt((int) block).array();
  }

  private void toc() {
    boolean msf = (at(1) & 2) != 0;
    int format = at(2) & 0xf;
    format = format == 0 ? at(9) >> 6 : format;
    int first = at(6);
    if (format == 1) {
      answer(ByteBuffer.allocate(12).putShort((short) 10).put((byte) 1).put((byte) 1).put((byte) 0).put((byte) 0x14).put((byte) 1)
          .put((byte) 0).put(address(0, msf)).array(), two(7));
    } else if (format != 0 || first > 1 && first != 0xaa) {
      fail(ILLEGAL_REQUEST, INVALID_FIELD);
    } else {
      tracks(msf, first);
    }
  }

  /** One data track and the lead-out. */
  private void tracks(boolean msf, int first) {
    ByteBuffer b = ByteBuffer.allocate(first == 0xaa ? 12 : 20);
    b.putShort((short) (b.capacity() - 2)).put((byte) 1).put((byte) 1);
    if (first != 0xaa) {
      b.put((byte) 0).put((byte) 0x14).put((byte) 1).put((byte) 0).put(address(0, msf));
    }
    b.put((byte) 0).put((byte) 0x14).put((byte) 0xaa).put((byte) 0).put(address(blocks(), msf));
    answer(b.array(), two(7));
  }

  private boolean isDvd() {
    return medium != null && medium.size() > 900L << 20;
  }

  private int profile() {
    return !loaded() ? 0 : isDvd() ? 0x10 : 8;
  }

  /** Features: profile list, core, removable medium, random reading, CD reading. */
  private void configuration() {
    ByteBuffer b = ByteBuffer.allocate(64);
    int kind = at(1) & 3;
    int from = two(2);
    b.position(8);
    feature(b, kind, from, 0, 3, true, 0, 0x10, isDvd() && loaded() ? 1 : 0, 0, 0, 8, loaded() && !isDvd() ? 1 : 0, 0);
    feature(b, kind, from, 1, 7, true, 0, 0, 0, 2, 1, 0, 0, 0);
    feature(b, kind, from, 3, 3, true, 0x29, 0, 0, 0);
    feature(b, kind, from, 0x10, 0, loaded(), 0, 0, 8, 0, 0, 1, 0, 0);
    feature(b, kind, from, 0x1e, 4, loaded() && !isDvd(), 0, 0, 0, 0);
    int n = b.position();
    b.putInt(0, n - 4).putShort(6, (short) profile());
    answer(Arrays.copyOf(b.array(), n), two(7));
  }

  /** {@code kind}: 0 all features, 1 current ones, 2 only the one asked for. */
  private static void feature(ByteBuffer b, int kind, int from, int number, int flags, boolean current, int... bytes) {
    if (kind == 2 ? number != from : number < from || kind == 1 && !current) {
      return;
    }
    b.putShort((short) number).put((byte) (current ? flags | 1 : flags & ~1)).put((byte) bytes.length);
    for (int v : bytes) {
      b.put((byte) v);
    }
  }

  /** Polled events of the media class. */
  private void event() {
    if ((at(1) & 1) == 0) {
      fail(ILLEGAL_REQUEST, INVALID_FIELD);
      return;
    }
    boolean media = (at(4) & 0x10) != 0;
    byte state = (byte) (loaded() ? 2 : open ? 1 : 0);
    answer(media ? new byte[] {0, 6, 4, 0x10, 0, state, 0, 0} : new byte[] {0, 2, (byte) 0x80, 0x10}, two(7));
  }

  private void discInformation() {
    byte[] s = new byte[34];
    s[1] = 32;
    s[2] = 0x0e;
    s[3] = 1;
    s[4] = 1;
    s[5] = 1;
    s[6] = 1;
    s[7] = 0x20;
    Arrays.fill(s, 16, 24, (byte) 0xff);
    answer(s, two(7));
  }

  private void trackInformation() {
    ByteBuffer b = ByteBuffer.allocate(36);
    b.putShort((short) 34).put((byte) 1).put((byte) 1).put((byte) 0).put((byte) 4).put((byte) 1).put((byte) 0);
    b.putInt(8, 0).putInt(24, (int) blocks());
    answer(b.array(), two(7));
  }

  /** Mode pages 01h (error recovery), 0Dh (device), 0Eh (audio) and 2Ah (capabilities). */
  private void modeSense() {
    int page = at(2) & 0x3f;
    boolean all = page == 0x3f;
    if (at(2) >> 6 == 3 || !all && page != 1 && page != 0x0d && page != 0x0e && page != 0x2a) {
      fail(ILLEGAL_REQUEST, INVALID_FIELD);
      return;
    }
    ByteBuffer b = ByteBuffer.allocate(128);
    b.position(8);
    page(b, all || page == 1, 1, 0, 5, 0, 0, 0, 0);
    page(b, all || page == 0x0d, 0x0d, 0, 0x0d, 0, 60, 0, 75);
    page(b, all || page == 0x0e, 0x0e, 4, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff, 0, 0, 0, 0);
    page(b, all || page == 0x2a, 0x2a, 0x3b, 0, 0x60, 0, locked ? 0x2b : 0x29, 0, 0x0b, 0, 0, 2, 2, 0, 0x0b, 0, 0, 0, 0, 0);
    int n = b.position();
    b.putShort(0, (short) (n - 2)).put(2, (byte) (open ? 0x71 : medium == null ? 0x70 : 1));
    answer(Arrays.copyOf(b.array(), n), two(7));
  }

  private static void page(ByteBuffer b, boolean wanted, int number, int... bytes) {
    if (wanted) {
      b.put((byte) number).put((byte) bytes.length);
      for (int v : bytes) {
        b.put((byte) v);
      }
    }
  }

  private void mechanism() {
    answer(new byte[] {0, (byte) (open ? 0x10 : 0), 0, 0, 0, 0, 0, 0}, two(8));
  }

  // ---- state

  @Override
  public State state() {
    return new State(core(), dma, chunk, total, sense, attention, locked, open, dmaMode);
  }

  @Override
  public void state(State s) {
    core(s.core);
    dma = s.dma;
    chunk = s.chunk;
    total = s.total;
    sense = s.sense;
    attention = s.attention;
    locked = s.locked;
    open = s.open;
    dmaMode = s.dmaMode;
  }
}
