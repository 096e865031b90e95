package dev.trapline.vm.isa.asm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Where source text and the files it names come from. */
@FunctionalInterface
public interface Source {
  /**
   * A file's bytes.
   *
   * @param name as written in {@code %include} or {@code incbin}
   * @param from the file that names it
   * @throws IOException if it cannot be read; {@link NoSuchFileException} if there is none
   */
  byte[] read(String name, String from) throws IOException;

  /** Files of a folder tree; a name is looked for beside the file that names it, then in the folder. */
  static Source folder(Path folder) {
    return (name, from) -> {
      Path beside = folder.resolve(from).resolveSibling(name);
      return Files.readAllBytes(Files.exists(beside) ? beside : folder.resolve(name));
    };
  }

  /** Texts held in memory, by name. */
  static Source of(Map<String, String> texts) {
    return (name, from) -> {
      String text = texts.get(name);
      if (text == null) {
        throw new NoSuchFileException(name);
      }
      return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    };
  }
}
