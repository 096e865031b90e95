package dev.trapline.vm.device.disk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a qcow2 file says about itself, checked. Encrypted images and images that need a second file are refused.
 *
 * <p>QEMU docs/interop/qcow2.txt "Header".
 *
 * @param size bytes of the disk
 * @param l1At where the first-level table stands, and its entries
 * @param refcountsAt where the table of reference count blocks stands, and its clusters
 * @param refcountBits bits of a reference count
 * @param dirty its reference counts are not to be trusted
 */
record Qcow2Header(int version, int clusterBits, long size, long l1At, int l1Entries, long refcountsAt, int refcountClusters,
    int refcountBits, boolean dirty) {
  static final int MAGIC = 0x514649fb;
  /** Places of fields that a writer changes. */
  static final int REFCOUNTS_AT = 48;
  static final int REFCOUNT_CLUSTERS = 56;
  static final int AUTOCLEAR = 88;
  private static final int LENGTH_2 = 72;
  private static final int LENGTH_3 = 104;
  private static final int SMALLEST_CLUSTER = 9;
  private static final int LARGEST_CLUSTER = 21;
  private static final int MOST_L1 = 1 << 22;
  private static final long DIRTY = 1;
  private static final long CORRUPT = 2;
  private static final long EXTERNAL_DATA = 4;
  private static final long COMPRESSION_TYPE = 8;
  private static final long EXTENDED_L2 = 16;
  private static final long KNOWN_FEATURES = 0x1f;

  static boolean isQcow2(DiskImage file) {
    return file.size() >= LENGTH_2 && bytes(file, 0, 4).getInt(0) == MAGIC;
  }

  /** @throws ImageException if the file is not a qcow2 image, is damaged, or needs what is not supported */
  static Qcow2Header read(DiskImage file) {
    if (!isQcow2(file)) {
      throw refuse(file, "not a qcow2 image");
    }
    ByteBuffer h = bytes(file, 0, LENGTH_3 + 1);
    int version = h.getInt(4);
    if (version != 2 && version != 3) {
      throw refuse(file, "qcow2 version " + Integer.toUnsignedString(version) + ": 2 or 3 expected");
    }
    int clusterBits = h.getInt(20);
    if (clusterBits < SMALLEST_CLUSTER || clusterBits > LARGEST_CLUSTER) {
      throw refuse(file, "clusters of 2^" + Integer.toUnsignedString(clusterBits) + " bytes: 2^9 to 2^21 expected");
    }
    checkNeeds(file, h, version);
    int order = version == 3 ? h.getInt(96) : 4;
    if (order < 0 || order > 6) {
      throw refuse(file, "reference counts of 2^" + Integer.toUnsignedString(order) + " bits: at most 2^6 expected");
    }
    checkSize(file, h.getLong(24), h.getInt(36), 1L << clusterBits);
    return new Qcow2Header(version, clusterBits, h.getLong(24), h.getLong(40), h.getInt(36), h.getLong(REFCOUNTS_AT),
        h.getInt(REFCOUNT_CLUSTERS), 1 << order, version == 3 && (h.getLong(72) & DIRTY) != 0);
  }

  private static void checkSize(DiskImage file, long size, int entries, long clusterSize) {
    long perEntry = clusterSize * (clusterSize / 8);
    if (size < 0 || entries < firstLevel(size, perEntry) || entries > MOST_L1) {
      throw refuse(file, String.format("a disk of %d bytes with %d L1 entries, %d expected", size, entries & 0xffffffffL,
          firstLevel(size, perEntry)));
    }
  }

  private static long firstLevel(long size, long perEntry) {
    return Long.divideUnsigned(size, perEntry) + (Long.remainderUnsigned(size, perEntry) == 0 ? 0 : 1);
  }

  /** First-level entries that the disk's size needs; the file may have more. */
  int l1Needed() {
    return (int) firstLevel(size, (long) clusterSize() * (clusterSize() / 8));
  }

  int clusterSize() {
    return 1 << clusterBits;
  }

  private static void checkNeeds(DiskImage file, ByteBuffer h, int version) {
    if (h.getLong(8) != 0) {
      int n = Math.clamp(h.getInt(16), 0, 1023);
      String name = new String(bytes(file, h.getLong(8), n).array(), StandardCharsets.UTF_8);
      throw refuse(file, "needs its backing file '" + name + "', which is not supported; flatten it with qemu-img convert");
    }
    if (h.getInt(32) != 0) {
      throw refuse(file, "encrypted images are not supported");
    }
    if (version == 3) {
      checkFeatures(file, h.getLong(72), h.getInt(100), h.get(104));
    }
  }

  private static void checkFeatures(DiskImage file, long incompatible, int headerLength, int compression) {
    if ((incompatible & EXTERNAL_DATA) != 0) {
      throw refuse(file, "keeps its data in another file, which is not supported");
    }
    if ((incompatible & EXTENDED_L2) != 0) {
      throw refuse(file, "has extended L2 entries, which are not supported");
    }
    if ((incompatible & CORRUPT) != 0) {
      throw refuse(file, "is marked corrupt; qemu-img check may repair it");
    }
    if ((incompatible & COMPRESSION_TYPE) != 0 && headerLength > LENGTH_3 && compression != 0) {
      throw refuse(file, "compression type " + compression + " is not supported, only deflate (0) is");
    }
    if ((incompatible & ~KNOWN_FEATURES) != 0) {
      throw refuse(file, String.format("incompatible features %#x are not known", incompatible & ~KNOWN_FEATURES));
    }
  }

  static ByteBuffer bytes(DiskImage file, long at, int n) {
    byte[] b = new byte[n];
    file.read(at, b, 0, n);
    return ByteBuffer.wrap(b);
  }

  /** Entries of a table in the file. */
  static long[] table(DiskImage file, long at, int entries, String what) {
    if (at < 0 || at > file.size() - 8L * entries) {
      throw refuse(file, String.format("%s at %#x lies outside the file", what, at));
    }
    long[] out = new long[entries];
    bytes(file, at, 8 * entries).asLongBuffer().get(out);
    return out;
  }

  static ImageException refuse(DiskImage file, String why) {
    return new ImageException(file.name() + ": " + why);
  }
}
