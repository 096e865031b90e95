package dev.trapline.vm.debug;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What to put into a machine before it starts.
 *
 * @param name for messages
 * @param kind how to load the bytes; {@code AUTO} looks at them
 * @param address where a {@code FLAT} image goes and starts
 * @param commandLine for multiboot kernels
 * @param symbols names known beforehand; an ELF file adds its own
 */
public record Image(String name, byte[] bytes, Kind kind, long address, String commandLine, Symbols symbols) {
  /** Ways to load. */
  public enum Kind { AUTO, MULTIBOOT, ELF, BOOT_SECTOR, FLAT }

  /** Largest file that is read. */
  private static final long MOST = 1L << 30;

  /** Reads a file; {@link BadInput} if it cannot be read. */
  public static Image file(Path path, Kind kind, long address, String commandLine) {
    try {
      if (Files.isDirectory(path)) {
        throw new BadInput(path + " is a directory: a kernel file is expected");
      }
      if (Files.size(path) > MOST) {
        throw new BadInput(path + " has more than 1 GiB: this is no kernel");
      }
      byte[] bytes = Files.readAllBytes(path);
      if (bytes.length == 0) {
        throw new BadInput(path + " is empty");
      }
      return new Image(path.toString(), bytes, kind, address, commandLine, Symbols.NONE);
    } catch (NoSuchFileException absent) {
      throw new BadInput("no file " + path);
    } catch (IOException unreadable) {
      throw new BadInput("cannot read " + path + ": " + unreadable.getMessage());
    }
  }
}
