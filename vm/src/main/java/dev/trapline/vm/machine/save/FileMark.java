package dev.trapline.vm.machine.save;

import dev.trapline.vm.state.Range;
import dev.trapline.vm.state.StateException;
import dev.trapline.vm.state.StateRecord;
import dev.trapline.vm.util.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A file that a machine reads while it runs, as it was when the machine was saved.
 *
 * @param modified when it was written last, in milliseconds since 1970
 * @param digest of its content
 */
record FileMark(String path, @Range(most = Long.MAX_VALUE) long size, long modified, long digest) implements StateRecord {
  private static final int BUFFER = 1 << 20;

  FileMark {
    try {
      Path.of(path);
    } catch (InvalidPathException wrong) {
      throw new StateException("'" + path + "' is no file name");
    }
  }

  static FileMark of(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    try {
      return new FileMark(absolute.toString(), Files.size(file), Files.getLastModifiedTime(file).toMillis(), digest(file));
    } catch (IOException e) {
      throw new StateException("disk image " + file + " cannot be read: " + e.getMessage());
    }
  }

  private static long digest(Path file) throws IOException {
    long h = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (byte[] part = in.readNBytes(BUFFER); part.length > 0; part = in.readNBytes(BUFFER)) {
        h = Hash.combine(h, Hash.of(part));
      }
    }
    return h;
  }

  /**
   * Where the file is now: its old place, or beside the snapshot.
   *
   * @throws StateException if it is gone or has changed
   */
  Path find(Path folder) {
    Path old = Path.of(path);
    Path beside = folder.resolve(old.getFileName());
    Path file = Files.isRegularFile(old) || !Files.isRegularFile(beside) ? old : beside;
    if (!Files.isRegularFile(file)) {
      throw new StateException("needs the disk image " + path + ", which is not there (nor beside the snapshot)");
    }
    try {
      boolean same = Files.size(file) == size && (Files.getLastModifiedTime(file).toMillis() == modified || digest(file) == digest);
      if (!same) {
        throw new StateException("the disk image " + file + " has changed since the snapshot was taken");
      }
    } catch (IOException e) {
      throw new StateException("disk image " + file + " cannot be read: " + e.getMessage());
    }
    return file;
  }
}
