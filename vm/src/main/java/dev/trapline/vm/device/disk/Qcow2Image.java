package dev.trapline.vm.device.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads qcow2, versions 2 and 3: a two-level table from guest clusters to file clusters, with absent, all-zero and deflated ones.
 * Encrypted images and images that need a second file are refused.
 *
 * <p>QEMU docs/interop/qcow2.txt "Header", "L1 table entry", "L2 table entry", "Compressed Clusters Descriptor".
 */
final class Qcow2Image implements DiskImage {
  private static final int MAGIC = 0x514649fb;
  private static final int HEADER_2 = 72;
  private static final int HEADER_3 = 104;
  private static final int SMALLEST_CLUSTER = 9;
  private static final int LARGEST_CLUSTER = 21;
  private static final long OFFSET = 0x00fffffffffffe00L;
  private static final long COMPRESSED = 1L << 62;
  private static final long ZERO = 1;
  private static final long CORRUPT = 2;
  private static final long EXTERNAL_DATA = 4;
  private static final long COMPRESSION_TYPE = 8;
  private static final long EXTENDED_L2 = 16;
  private static final long KNOWN_FEATURES = 0x1f;
  private static final int SECTOR = 512;

  private final DiskImage file;
  private final int clusterBits;
  private final int clusterSize;
  private final long size;
  private final long[] l1;
  /** The second-level table last used and the cluster last inflated: caches, not state. */
  private long[] l2 = {};
  private long l2At = -1;
  private byte[] inflated = {};
  private long inflatedEntry = -1;

  static boolean isQcow2(DiskImage file) {
    return file.size() >= HEADER_2 && bytes(file, 0, 4).getInt(0) == MAGIC;
  }

  /** @throws ImageException if the file is not a qcow2 image, is damaged, or needs what is not supported */
  Qcow2Image(DiskImage file) {
    this.file = file;
    if (!isQcow2(file)) {
      throw refuse("not a qcow2 image");
    }
    ByteBuffer h = bytes(file, 0, HEADER_3 + 1);
    int version = h.getInt(4);
    if (version != 2 && version != 3) {
      throw refuse("qcow2 version " + Integer.toUnsignedString(version) + ": 2 or 3 expected");
    }
    this.clusterBits = h.getInt(20);
    if (clusterBits < SMALLEST_CLUSTER || clusterBits > LARGEST_CLUSTER) {
      throw refuse("clusters of 2^" + Integer.toUnsignedString(clusterBits) + " bytes: 2^9 to 2^21 expected");
    }
    this.clusterSize = 1 << clusterBits;
    this.size = h.getLong(24);
    checkNeeds(h, version);
    this.l1 = firstLevel(h);
  }

  private void checkNeeds(ByteBuffer h, int version) {
    if (h.getLong(8) != 0) {
      int n = Math.clamp(h.getInt(16), 0, 1023);
      String name = new String(bytes(file, h.getLong(8), n).array(), java.nio.charset.StandardCharsets.UTF_8);
      throw refuse("needs its backing file '" + name + "', which is not supported; flatten it with qemu-img convert");
    }
    if (h.getInt(32) != 0) {
      throw refuse("encrypted images are not supported");
    }
    if (version == 3) {
      checkFeatures(h.getLong(72), h.getInt(100), h.get(104));
    }
  }

  private void checkFeatures(long incompatible, int headerLength, int compression) {
    if ((incompatible & EXTERNAL_DATA) != 0) {
      throw refuse("keeps its data in another file, which is not supported");
    }
    if ((incompatible & EXTENDED_L2) != 0) {
      throw refuse("has extended L2 entries, which are not supported");
    }
    if ((incompatible & CORRUPT) != 0) {
      throw refuse("is marked corrupt; qemu-img check may repair it");
    }
    if ((incompatible & COMPRESSION_TYPE) != 0 && headerLength > HEADER_3 && compression != 0) {
      throw refuse("compression type " + compression + " is not supported, only deflate (0) is");
    }
    if ((incompatible & ~KNOWN_FEATURES) != 0) {
      throw refuse(String.format("incompatible features %#x are not known", incompatible & ~KNOWN_FEATURES));
    }
  }

  private long[] firstLevel(ByteBuffer h) {
    long perEntry = (long) clusterSize * (clusterSize / 8);
    long needed = Long.divideUnsigned(size, perEntry) + (Long.remainderUnsigned(size, perEntry) == 0 ? 0 : 1);
    int entries = h.getInt(36);
    if (size < 0 || entries < needed || entries > 1 << 22) {
      throw refuse(String.format("a disk of %d bytes with %d L1 entries, %d expected", size, entries & 0xffffffffL, needed));
    }
    return table(h.getLong(40), (int) needed, "L1 table");
  }

  private long[] table(long at, int entries, String what) {
    if (at < 0 || at > file.size() - 8L * entries) {
      throw refuse(String.format("%s at %#x lies outside the file", what, at));
    }
    long[] out = new long[entries];
    bytes(file, at, 8 * entries).asLongBuffer().get(out);
    return out;
  }

  private static ByteBuffer bytes(DiskImage file, long at, int n) {
    byte[] b = new byte[n];
    file.read(at, b, 0, n);
    return ByteBuffer.wrap(b);
  }

  private ImageException refuse(String why) {
    return new ImageException(file.name() + ": " + why);
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void write(long at, byte[] bytes, int from, int n) {
    throw refuse("qcow2 files are not written");
  }

  @Override
  public void read(long at, byte[] to, int from, int n) {
    for (int done = 0; done < n; ) {
      long here = at + done;
      int inside = (int) here & clusterSize - 1;
      int part = Math.min(n - done, clusterSize - inside);
      if (here >= size) {
        Arrays.fill(to, from + done, from + n, (byte) 0);
        return;
      }
      part = (int) Math.min(part, size - here);
      readInCluster(entry(here >>> clusterBits), inside, to, from + done, part);
      done += part;
    }
  }

  /** The second-level entry of a guest cluster; 0 if there is no table. */
  private long entry(long cluster) {
    int perTable = clusterSize / 8;
    long at = l1[(int) (cluster / perTable)] & OFFSET;
    if (at == 0) {
      return 0;
    }
    if (at != l2At) {
      l2 = table(at, perTable, "L2 table");
      l2At = at;
    }
    return l2[(int) (cluster % perTable)];
  }

  private void readInCluster(long entry, int inside, byte[] to, int from, int n) {
    if ((entry & COMPRESSED) != 0) {
      System.arraycopy(inflate(entry), inside, to, from, n);
    } else if ((entry & OFFSET) == 0 || (entry & ZERO) != 0) {
      Arrays.fill(to, from, from + n, (byte) 0);
    } else if ((entry & OFFSET) >= file.size()) {
      throw refuse(String.format("a cluster at %#x lies outside the file", entry & OFFSET));
    } else {
      file.read((entry & OFFSET) + inside, to, from, n);
    }
  }

  private byte[] inflate(long entry) {
    if (entry == inflatedEntry) {
      return inflated;
    }
    int offsetBits = 62 - (clusterBits - 8);
    long at = entry & (1L << offsetBits) - 1;
    int sectors = (int) ((entry & COMPRESSED - 1) >>> offsetBits) + 1;
    int length = sectors * SECTOR - (int) (at & SECTOR - 1);
    byte[] out = new byte[clusterSize];
    if (inflate(bytes(file, at, length).array(), out) != clusterSize) {
      throw refuse(String.format("a compressed cluster at %#x is damaged", at));
    }
    inflated = out;
    inflatedEntry = entry;
    return out;
  }

  /** Bytes inflated; fewer than asked for if the data end early or are not deflated data. */
  private static int inflate(byte[] data, byte[] out) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(data);
      int n = 0;
      while (n < out.length) {
        int part = inflater.inflate(out, n, out.length - n);
        if (part == 0) {
          break;
        }
        n += part;
      }
      return n;
    } catch (DataFormatException e) {
      return -1;
    } finally {
      inflater.end();
    }
  }
}
