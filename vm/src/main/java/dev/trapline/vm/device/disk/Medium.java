package dev.trapline.vm.device.disk;

import dev.trapline.vm.state.Digested;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.state.Stateful;
import dev.trapline.vm.util.Hash;
import java.util.List;

/**
 * A disk as the guest sees it: an image, with what was written since over it ({@link Overlay}). The image's file is written too only if it
 * was opened for that; what other states of the machine wrote there stays in the file when an earlier state is loaded.
 */
public final class Medium implements Stateful<Medium.State>, Digested {
  public static final int SECTOR = 512;
  private static final int CHUNK = Overlay.CHUNK;

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
  private final Overlay written;

  /**
   * @param name of this component
   * @param readOnly whether the disk itself cannot be written, as a CD
   */
  public Medium(String name, DiskImage image, boolean readOnly) {
    this(name, image, readOnly, new Overlay());
  }

  Medium(String name, DiskImage image, boolean readOnly, Overlay overlay) {
    this.name = name;
    this.image = image;
    this.readOnly = readOnly;
    this.written = overlay;
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

  /** Bytes the guest wrote that are kept, rounded up. */
  public long writtenBytes() {
    return (long) written.size() * CHUNK;
  }

  /** How many of them are kept in a temporary file. */
  public long spilledBytes() {
    return (long) written.spilled() * CHUNK;
  }

  /** Copies bytes of the disk out; zeros past its end. */
  public void read(long at, byte[] to, int from, int n) {
    for (int done = 0; done < n; ) {
      long index = (at + done) / CHUNK;
      int inside = (int) ((at + done) % CHUNK);
      int part = Math.min(n - done, CHUNK - inside);
      if (!written.read(index, inside, to, from + done, part)) {
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
      if (!written.write(index, inside, bytes, from + done, part)) {
        byte[] chunk = new byte[CHUNK];
        image.read(index * CHUNK, chunk, 0, CHUNK);
        System.arraycopy(bytes, from + done, chunk, inside, part);
        written.add(index, chunk);
      }
      done += part;
    }
    if (image.writable()) {
      image.write(at, bytes, from, n);
    }
  }

  /** The guest wants to be sure: what was written into the image's file is on the host's disk. */
  public void flush() {
    image.flush();
  }

  @Override
  public long digest() {
    return Hash.combine(size(), written.digest());
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public State state() {
    return new State(size(), written.copy());
  }

  @Override
  public void state(State state) {
    if (state.size != size()) {
      throw new StateException(name + ": a disk of " + state.size + " bytes saved, " + image.name() + " has " + size());
    }
    written.clear();
    long last = -1;
    for (Chunk c : state.written) {
      if (c.data.length != CHUNK || c.index < 0 || c.index > size() / CHUNK) {
        throw new StateException(name + ": chunk " + c.index + " of " + c.data.length + " bytes");
      }
      if (c.index <= last) {
        throw new StateException(name + ": chunk " + c.index + " after chunk " + last);
      }
      last = c.index;
      written.add(c.index, c.data.clone());
    }
  }
}
