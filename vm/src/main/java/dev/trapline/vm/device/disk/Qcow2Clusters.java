package dev.trapline.vm.device.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Clusters of a qcow2 file that is written: who is used how often, and new ones, always at the end of the file. A count goes up before
 * anything refers to the cluster, and down after nothing does.
 *
 * <p>QEMU docs/interop/qcow2.txt "Host cluster management".
 */
final class Qcow2Clusters {
  private static final long OFFSET = 0x00fffffffffffe00L;
  private static final int COUNT_BYTES = 2;

  private final RawImage.OfFile file;
  private final int bits;
  private final int clusterSize;
  /** Places of the blocks of counts, 0 for none. */
  private long[] blocks;
  private long tableAt;
  private int tableClusters;
  /** The cluster after the last one. */
  private long end;

  /** @throws ImageException if the counts are kept in a form that is not supported, or cannot be trusted */
  Qcow2Clusters(RawImage.OfFile file, Qcow2Header header) {
    this.file = file;
    this.bits = header.clusterBits();
    this.clusterSize = header.clusterSize();
    if (header.refcountBits() != 8 * COUNT_BYTES) {
      throw Qcow2Header.refuse(file, "has reference counts of " + header.refcountBits() + " bits; writing needs 16");
    }
    if (header.dirty()) {
      throw Qcow2Header.refuse(file, "was not closed by who wrote it last; 'qemu-img check -r all' makes it writable again");
    }
    this.tableAt = header.refcountsAt();
    this.tableClusters = header.refcountClusters();
    if (tableClusters < 1 || (long) tableClusters << bits > file.size()) {
      throw Qcow2Header.refuse(file, "has no table of reference counts");
    }
    this.blocks = Qcow2Header.table(file, tableAt, tableClusters * (clusterSize / 8), "table of reference counts");
    this.end = clustersFor(file.size());
    if (header.version() == 3) {
      // What other programs keep beside the data, bitmaps for one, is out of date from now on.
      store(Qcow2Header.AUTOCLEAR, 0);
    }
  }

  private long clustersFor(long bytes) {
    return bytes + clusterSize - 1 >>> bits;
  }

  /** Where the clusters end, in bytes. */
  long end() {
    return end << bits;
  }

  void store(long at, byte[] bytes, int from, int n) {
    file.store(at, bytes, from, n);
  }

  void store(long at, long value) {
    file.store(at, ByteBuffer.allocate(8).putLong(value).array(), 0, 8);
  }

  /** A new cluster, used once; what it holds is to be stored whole. */
  long allocate() {
    while (!isFree(end)) {
      end++;
    }
    while (block(end) == 0) {
      if (end / perBlock() >= blocks.length) {
        growTable();
      } else {
        addBlock();
      }
    }
    count(end, 1);
    return end++ << bits;
  }

  /** Some bytes at a place are used once less, with all clusters they lie in. */
  void release(long at, int length) {
    for (long c = at >>> bits; c <= at + length - 1 >>> bits; c++) {
      int used = count(c);
      if (used == 0) {
        throw Qcow2Header.refuse(file, String.format("a cluster in use at %#x counts as free; qemu-img check may repair it", c << bits));
      }
      count(c, used - 1);
    }
  }

  // ---- counts

  private int perBlock() {
    return clusterSize / COUNT_BYTES;
  }

  private long block(long cluster) {
    long i = cluster / perBlock();
    return i < blocks.length ? blocks[(int) i] & OFFSET : 0;
  }

  private long place(long cluster) {
    return block(cluster) + cluster % perBlock() * COUNT_BYTES;
  }

  private boolean isFree(long cluster) {
    return block(cluster) == 0 || count(cluster) == 0;
  }

  private int count(long cluster) {
    return block(cluster) == 0 ? 0 : Qcow2Header.bytes(file, place(cluster), COUNT_BYTES).getShort(0) & 0xffff;
  }

  private void count(long cluster, int used) {
    store(place(cluster), ByteBuffer.allocate(COUNT_BYTES).putShort((short) used).array(), 0, COUNT_BYTES);
  }

  /** A block for the clusters from the end on; it is the first of them and counts itself. */
  private void addBlock() {
    int i = (int) (end / perBlock());
    storeBlock(end, end, end + 1);
    blocks[i] = end << bits;
    store(tableAt + 8L * i, blocks[i]);
    end++;
  }

  /** A block at a cluster, in which the clusters from one to another are used once. */
  private void storeBlock(long at, long from, long to) {
    ByteBuffer counts = ByteBuffer.allocate(clusterSize);
    long first = from / perBlock() * perBlock();
    for (long c = from; c < Math.min(to, first + perBlock()); c++) {
      counts.putShort((int) (c - first) * COUNT_BYTES, (short) 1);
    }
    store(at << bits, counts.array(), 0, clusterSize);
  }

  /** A table of twice the length, after the blocks that count it. */
  private void growTable() {
    long first = end;
    int block = (int) (first / perBlock());
    int length = 2 * Math.max(blocks.length, block + 1);
    int clusters = (int) clustersFor(8L * length);
    int counting = 1;
    while ((first + counting + clusters - 1) / perBlock() - block >= counting) {
      counting++;
    }
    long[] longer = Arrays.copyOf(blocks, clusters * (clusterSize / 8));
    for (int i = 0; i < counting; i++) {
      storeBlock(first + i, i == 0 ? first : (long) (block + i) * perBlock(), first + counting + clusters);
      longer[block + i] = first + i << bits;
    }
    useTable(longer, first + counting, clusters);
    end = first + counting + clusters;
  }

  private void useTable(long[] table, long cluster, int clusters) {
    ByteBuffer bytes = ByteBuffer.allocate(clusters << bits);
    bytes.asLongBuffer().put(table);
    store(cluster << bits, bytes.array(), 0, clusters << bits);
    byte[] fields = ByteBuffer.allocate(12).putLong(cluster << bits).putInt(clusters).array();
    store(Qcow2Header.REFCOUNTS_AT, fields, 0, fields.length);
    long before = tableAt;
    int length = tableClusters << bits;
    blocks = table;
    tableAt = cluster << bits;
    tableClusters = clusters;
    release(before, length);
  }
}
