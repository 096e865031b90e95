package dev.trapline.vm.machine.save;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The checksum of a journal's lines: each is that of all text so far. */
final class Check {
  private final CRC32C sum = new CRC32C();

  /** Takes a line, without its end, and gives eight digits. */
  String of(String line) {
    sum.update(line.getBytes(StandardCharsets.ISO_8859_1));
    sum.update('\n');
    return String.format("%08x", (int) sum.getValue());
  }
}
