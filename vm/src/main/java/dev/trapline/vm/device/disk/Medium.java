package dev.trapline.vm.device.disk;

import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A disk as the guest sees it: an image, with what was written since in memory over it. The image's file is written too only if it was
 * opened for that; what other states of the machine wrote there stays in the file when an earlier state is loaded.
 */
public final class Medium implements Stateful<Medium.State> {
  public static final int SECTOR = 512;
  private static final int CHUNK = 4096;

  /**
   * What was written.
   *
   * @param size bytes of the image below: state fits only where this agrees
   */
  public record State(long size, List<Chunk> written) implements StateRecord {}

  /** 4096 bytes of the disk. */
  public record Chunk(long index, byte[] data) implements StateRecord {}

  private final String name;
  private final DiskImage image;
  private final boolean readOnly;
  private final SortedMap<Long, byte[]> written = new TreeMap<>();

  /**
   * @param name of this component
   * @param readOnly whether the disk itself cannot be written, as a CD
   */
  public Medium(String name, DiskImage image, boolean readOnly) {
    this.name = name;
    this.image = image;
    this.readOnly = readOnly;
  }

  public DiskImage image() {
    return image;
  }

  public boolean readOnly() {
    return readOnly;
  }

  public long size() {
    return image.size();
  }

  /** Sectors of 512 bytes, a last partial one included. */
  public long sectors() {
    return (image.size() + SECTOR - 1) / SECTOR;
  }

  /** Bytes the guest wrote that are kept in memory, rounded up. */
  public long writtenBytes() {
    return (long) written.size() * CHUNK;
  }

  /** Copies bytes of the disk out; zeros past its end. */
  public void read(long at, byte[] to, int from, int n) {
    for (int done = 0; done < n; ) {
      long index = (at + done) / CHUNK;
      int inside = (int) ((at + done) % CHUNK);
      int part = Math.min(n - done, CHUNK - inside);
      byte[] c = written.get(index);
      if (c != null) {
        System.arraycopy(c, inside, to, from + done, part);
      } else {
        image.read(at + done, to, from + done, part);
      }
      done += part;
    }
  }

  /** Writes bytes of the disk. */
  public void write(long at, byte[] bytes, int from, int n) {
    for (int done = 0; done < n; ) {
      long index = (at + done) / CHUNK;
      int inside = (int) ((at + done) % CHUNK);
      int part = Math.min(n - done, CHUNK - inside);
      System.arraycopy(bytes, from + done, written.computeIfAbsent(index, this::chunk), inside, part);
      done += part;
    }
    if (image.writable()) {
      image.write(at, bytes, from, n);
    }
  }

  private byte[] chunk(long index) {
    byte[] c = new byte[CHUNK];
    image.read(index * CHUNK, c, 0, CHUNK);
    return c;
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(size(), written.entrySet().stream().map(e -> new Chunk(e.getKey(), e.getValue().clone())).toList());
  }

  @Override
  public void state(State state) {
    if (state.size != size()) {
      throw new StateException(name + ": a disk of " + state.size + " bytes saved, " + image.name() + " has " + size());
    }
    written.clear();
    for (Chunk c : state.written) {
      if (c.data.length != CHUNK || c.index < 0 || c.index > size() / CHUNK) {
        throw new StateException(name + ": chunk " + c.index + " of " + c.data.length + " bytes");
      }
      written.put(c.index, c.data.clone());
    }
  }
}
