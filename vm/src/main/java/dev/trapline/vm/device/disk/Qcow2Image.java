package dev.trapline.vm.device.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A qcow2 image, version 2 or 3: a two-level table from guest clusters to file clusters, with absent, all-zero and deflated ones. A write
 * goes into a cluster that belongs to the current state alone, or into a new one; a process that ends between two steps of it leaves at
 * worst a cluster that nobody uses.
 *
 * <p>QEMU docs/interop/qcow2.txt "L1 table entry", "L2 table entry", "Compressed Clusters Descriptor".
 */
final class Qcow2Image implements DiskImage {
  private static final long OFFSET = 0x00fffffffffffe00L;
  private static final long COMPRESSED = 1L << 62;
  /** Nothing else refers to this cluster. */
  private static final long COPIED = 1L << 63;
  private static final long ZERO = 1;
  private static final int SECTOR = 512;

  private final DiskImage file;
  private final int clusterBits;
  private final int clusterSize;
  private final long size;
  private final long l1At;
  private final long[] l1;
  /** Null if the file is not written. */
  private final Qcow2Clusters clusters;
  /** The second-level table last used and the cluster last inflated: caches, not state. */
  private long[] l2 = {};
  private long l2At = -1;
  private byte[] inflated = {};
  private long inflatedEntry = -1;

  /** @throws ImageException if the file is not a qcow2 image, is damaged, or needs what is not supported */
  Qcow2Image(DiskImage file) {
    this(file, Qcow2Header.read(file), null);
  }

  /**
   * One that may be written.
   *
   * @throws ImageException as above, or if its reference counts cannot be kept
   */
  static Qcow2Image writable(RawImage.OfFile file) {
    Qcow2Header header = Qcow2Header.read(file);
    return new Qcow2Image(file, header, new Qcow2Clusters(file, header));
  }

  private Qcow2Image(DiskImage file, Qcow2Header header, Qcow2Clusters clusters) {
    this.file = file;
    this.clusterBits = header.clusterBits();
    this.clusterSize = header.clusterSize();
    this.size = header.size();
    this.l1At = header.l1At();
    this.l1 = Qcow2Header.table(file, l1At, header.l1Needed(), "L1 table");
    this.clusters = clusters;
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public String format() {
    return "qcow2";
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean writable() {
    return clusters != null;
  }

  @Override
  public void flush() {
    file.flush();
  }

  // ---- reading

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

  private int perTable() {
    return clusterSize / 8;
  }

  /** The second-level entry of a guest cluster; 0 if there is no table. */
  private long entry(long cluster) {
    long at = l1[(int) (cluster / perTable())] & OFFSET;
    if (at == 0) {
      return 0;
    }
    useTable(at);
    return l2[(int) (cluster % perTable())];
  }

  private void useTable(long at) {
    if (at != l2At) {
      l2 = Qcow2Header.table(file, at, perTable(), "L2 table");
      l2At = at;
    }
  }

  private void readInCluster(long entry, int inside, byte[] to, int from, int n) {
    if ((entry & COMPRESSED) != 0) {
      System.arraycopy(inflate(entry), inside, to, from, n);
    } else if ((entry & OFFSET) == 0 || (entry & ZERO) != 0) {
      Arrays.fill(to, from, from + n, (byte) 0);
    } else if ((entry & OFFSET) >= file.size()) {
      throw Qcow2Header.refuse(file, String.format("a cluster at %#x lies outside the file", entry & OFFSET));
    } else {
      file.read((entry & OFFSET) + inside, to, from, n);
    }
  }

  /** Where a compressed cluster begins, and the bytes to the end of its last sector. */
  private record Squeezed(long at, int length) {}

  private Squeezed squeezed(long entry) {
    int offsetBits = 62 - (clusterBits - 8);
    long at = entry & (1L << offsetBits) - 1;
    int sectors = (int) ((entry & COMPRESSED - 1) >>> offsetBits) + 1;
    return new Squeezed(at, sectors * SECTOR - (int) (at & SECTOR - 1));
  }

  private byte[] inflate(long entry) {
    if (entry == inflatedEntry) {
      return inflated;
    }
    Squeezed place = squeezed(entry);
    byte[] out = new byte[clusterSize];
    if (inflate(Qcow2Header.bytes(file, place.at, place.length).array(), out) != clusterSize) {
      throw Qcow2Header.refuse(file, String.format("a compressed cluster at %#x is damaged", place.at));
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

  // ---- writing

  @Override
  public void write(long at, byte[] bytes, int from, int n) {
    if (clusters == null) {
      throw Qcow2Header.refuse(file, "not opened for writing");
    }
    int fits = Math.clamp(size - at, 0, n);
    for (int done = 0; done < fits; ) {
      long here = at + done;
      int inside = (int) here & clusterSize - 1;
      int part = Math.min(fits - done, clusterSize - inside);
      writeInCluster(here >>> clusterBits, inside, bytes, from + done, part);
      done += part;
    }
  }

  private void writeInCluster(long cluster, int inside, byte[] bytes, int from, int n) {
    ownTable((int) (cluster / perTable()));
    int index = (int) (cluster % perTable());
    long entry = l2[index];
    boolean ours = (entry & (COPIED | COMPRESSED)) == COPIED && (entry & OFFSET) != 0;
    if (ours && (entry & ZERO) == 0) {
      file(entry).store((entry & OFFSET) + inside, bytes, from, n);
      return;
    }
    byte[] whole = new byte[clusterSize];
    readInCluster(entry, 0, whole, 0, clusterSize);
    System.arraycopy(bytes, from, whole, inside, n);
    long at = ours ? entry & OFFSET : clusters.allocate();
    clusters.store(at, whole, 0, clusterSize);
    l2[index] = at | COPIED;
    clusters.store(l2At + 8L * index, l2[index]);
    if (!ours) {
      release(entry);
    }
  }

  /** The store for a cluster that lies inside the file. */
  private Qcow2Clusters file(long entry) {
    if ((entry & OFFSET) + clusterSize > clusters.end()) {
      throw Qcow2Header.refuse(file, String.format("a cluster at %#x lies outside the file", entry & OFFSET));
    }
    return clusters;
  }

  private void release(long entry) {
    if ((entry & COMPRESSED) != 0) {
      Squeezed place = squeezed(entry);
      clusters.release(place.at, place.length);
    } else if ((entry & OFFSET) != 0) {
      clusters.release(entry & OFFSET, 1);
    }
  }

  /** Makes the second-level table of a first-level entry the one in use, a new one if the entry has none that is ours alone. */
  private void ownTable(int index) {
    long entry = l1[index];
    if ((entry & OFFSET) != 0) {
      useTable(entry & OFFSET);
    }
    if ((entry & COPIED) != 0 && (entry & OFFSET) != 0) {
      return;
    }
    long[] mine = (entry & OFFSET) == 0 ? new long[perTable()] : l2.clone();
    long at = clusters.allocate();
    ByteBuffer bytes = ByteBuffer.allocate(clusterSize);
    bytes.asLongBuffer().put(mine);
    clusters.store(at, bytes.array(), 0, clusterSize);
    l1[index] = at | COPIED;
    clusters.store(l1At + 8L * index, l1[index]);
    l2 = mine;
    l2At = at;
    release(entry & OFFSET);
  }
}
