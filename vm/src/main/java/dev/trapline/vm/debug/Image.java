package dev.trapline.vm.debug;

import dev.trapline.vm.machine.BootImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What to put into a machine before it starts, with the names known for its addresses.
 *
 * @param symbols from the assembler or the ELF file
 */
public record Image(BootImage boot, Symbols symbols) {
  /** Largest file that is read. */
  private static final long MOST = 1L << 30;

  /** A kernel or disk image whose kind is found by looking at it; {@link BadInput} if it cannot be read. */
  public static Image file(Path path, String commandLine) {
    byte[] bytes = read(path);
    return new Image(BootImage.auto(path.toString(), bytes, commandLine), ElfSymbols.of(bytes));
  }

  /** Raw bytes for a physical address, started there in 16-, 32- or 64-bit mode. */
  public static Image flat(Path path, long address, int bits) {
    return new Image(BootImage.flat(path.toString(), read(path), address, bits), Symbols.NONE);
  }

  /** Source in NASM's language, assembled; its labels become symbols. */
  public static Image assembled(Path source, String commandLine) {
    read(source);
    throw new BadInput("assembling files is not there yet");
  }

  static byte[] read(Path path) {
    try {
      if (Files.isDirectory(path)) {
        throw new BadInput(path + " is a directory: a file is expected");
      }
      if (Files.size(path) > MOST) {
        throw new BadInput(path + " has more than 1 GiB: this is no kernel");
      }
      byte[] bytes = Files.readAllBytes(path);
      if (bytes.length == 0) {
        throw new BadInput(path + " is empty");
      }
      return bytes;
    } catch (NoSuchFileException absent) {
      throw new BadInput("no file " + path);
    } catch (IOException unreadable) {
      throw new BadInput("cannot read " + path + ": " + unreadable.getMessage());
    }
  }
}
