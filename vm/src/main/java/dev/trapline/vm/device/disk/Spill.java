package dev.trapline.vm.device.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes in a temporary file that loses its name at once, so that nothing is left of it when the process ends, however it ends. */
final class Spill {
  private final FileChannel file;

  /** @throws ImageException if the host has no place for temporary files */
  Spill() {
    try {
      Path path = Files.createTempFile("trapline", ".overlay");
      this.file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new ImageException("no temporary file for what the guest writes: " + e.getMessage(), e);
    }
  }

  void read(long at, byte[] to, int from, int n) {
    ByteBuffer b = ByteBuffer.wrap(to, from, n);
    try {
      while (b.hasRemaining()) {
        if (file.read(b, at + n - b.remaining()) < 0) {
          throw new ImageException("what the guest wrote is no longer in the temporary file");
        }
      }
    } catch (IOException e) {
      throw new ImageException("what the guest wrote cannot be read back: " + e.getMessage(), e);
    }
  }

  void write(long at, byte[] bytes, int from, int n) {
    ByteBuffer b = ByteBuffer.wrap(bytes, from, n);
    try {
      while (b.hasRemaining()) {
        file.write(b, at + n - b.remaining());
      }
    } catch (IOException e) {
      throw new ImageException("no room for what the guest writes: " + e.getMessage(), e);
    }
  }
}
