package dev.trapline.vm.machine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Tape archives (POSIX ustar) as contents of disks: GRUB reads files in them. */
final class Tar {
  private static final int BLOCK = 512;

  private Tar() {}

  /** An archive of files by name, in the order of the names. */
  static byte[] of(Map<String, byte[]> files) {
    var out = new ByteArrayOutputStream();
    new TreeMap<>(files).forEach((name, content) -> {
      out.writeBytes(header(name, content.length));
      out.writeBytes(Arrays.copyOf(content, (content.length + BLOCK - 1) / BLOCK * BLOCK));
    });
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static byte[] header(String name, int size) {
    byte[] h = new byte[BLOCK];
    put(h, 0, name);
    put(h, 100, "0000644\0" + "0000000\0" + "0000000\0" + "%011o\0".formatted(size) + "00000000000\0" + "        " + "0");
    put(h, 257, "ustar\00000");
    int sum = 0;
    for (byte b : h) {
      sum += b & 0xff;
    }
    put(h, 148, "%06o\0 ".formatted(sum));
    return h;
  }

  private static void put(byte[] h, int at, String text) {
    byte[] b = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(b, 0, h, at, b.length);
  }
}
