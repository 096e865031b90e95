package dev.trapline.vm.device.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** The disk's bytes as they are, in a file or in memory. */
final class RawImage {
  private RawImage() {}

  /** In memory, never written. */
  record OfBytes(String name, byte[] bytes) implements DiskImage {
    @Override
    public String format() {
      return "raw";
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public boolean writable() {
      return false;
    }

    @Override
    public void read(long at, byte[] to, int from, int n) {
      int have = Math.clamp(bytes.length - at, 0, n);
      System.arraycopy(bytes, have == 0 ? 0 : (int) at, to, from, have);
      Arrays.fill(to, from + have, from + n, (byte) 0);
    }

    @Override
    public void write(long at, byte[] data, int from, int n) {
      throw new ImageException(name + ": an image in memory is not written");
    }
  }

  /** In a file whose length does not change. */
  static final class OfFile implements DiskImage {
    private final String name;
    private final FileChannel file;
    private final boolean writable;
    private long size;

    OfFile(String name, FileChannel file, boolean writable) throws IOException {
      this.name = name;
      this.file = file;
      this.writable = writable;
      this.size = file.size();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String format() {
      return "raw";
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public boolean writable() {
      return writable;
    }

    @Override
    public void read(long at, byte[] to, int from, int n) {
      int have = Math.clamp(size - at, 0, n);
      ByteBuffer b = ByteBuffer.wrap(to, from, have);
      try {
        while (b.hasRemaining()) {
          if (file.read(b, at + have - b.remaining()) < 0) {
            throw new ImageException(name + ": the file has become shorter");
          }
        }
      } catch (IOException e) {
        throw new ImageException(name + ": cannot be read: " + e.getMessage(), e);
      }
      Arrays.fill(to, from + have, from + n, (byte) 0);
    }

    @Override
    public void write(long at, byte[] bytes, int from, int n) {
      int fits = Math.clamp(size - at, 0, n);
      ByteBuffer b = ByteBuffer.wrap(bytes, from, fits);
      try {
        while (b.hasRemaining()) {
          file.write(b, at + fits - b.remaining());
        }
      } catch (IOException e) {
        throw new ImageException(name + ": cannot be written: " + e.getMessage(), e);
      }
    }

    /** Writes at a place, also past the end, which moves there. */
    void store(long at, byte[] bytes, int from, int n) {
      size = Math.max(size, at + n);
      write(at, bytes, from, n);
    }

    @Override
    public void flush() {
      try {
        if (writable) {
          file.force(false);
        }
      } catch (IOException e) {
        throw new ImageException(name + ": cannot be written: " + e.getMessage(), e);
      }
    }
  }
}
