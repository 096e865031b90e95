package dev.trapline.vm.debug;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Addresses by name from a file: ELF with a symbol table, or lines of {@code ADDRESS TYPE NAME} as in System.map and /proc/kallsyms. */
final class SystemMap {
  private SystemMap() {}

  static Map<String, Long> read(Path file) {
    byte[] bytes = Image.read(file);
    Map<String, Long> elf = ElfSymbols.read(bytes);
    Map<String, Long> found = !elf.isEmpty() ? elf : lines(new String(bytes, StandardCharsets.ISO_8859_1));
    if (found.isEmpty()) {
      throw new BadInput(file + " has no symbols: an ELF file with a symbol table or lines of 'address type name' expected");
    }
    return found;
  }

  static Map<String, Long> lines(String text) {
    var found = new HashMap<String, Long>();
    for (String line : text.split("\n")) {
      String[] words = line.strip().split("\\s+");
      // Upper-case A are absolute values, no addresses.
      if (words.length >= 3 && words[0].matches("[0-9a-fA-F]{8,16}") && words[1].length() == 1 && !words[1].equals("A")) {
        Symbols.put(found, words[2], Long.parseUnsignedLong(words[0], 16));
      }
    }
    return found;
  }
}
