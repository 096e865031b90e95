package dev.trapline.vm.isa.disasm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The ELF inside a bzImage (Linux Documentation/arch/x86/boot.rst): gzip and LZ4 payloads, which is what Debian and Ubuntu use. */
final class KernelPayload {
  private static final int SETUP_SECTORS = 0x1f1;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int LZ4_LEGACY = 0x184c2102;
  private static final int LZ4_BLOCK = 8 << 20;

  private KernelPayload() {}

  /** The kernel named by the property {@code trapline.vmlinuz}, or the last one in /boot. */
  static Optional<Path> installed() throws IOException {
    String named = System.getProperty("trapline.vmlinuz", "");
    if (!named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    Path boot = Path.of("/boot");
    if (!Files.isDirectory(boot)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(boot)) {
      return files.filter(p -> p.getFileName().toString().startsWith("vmlinuz-") && Files.isReadable(p)).max(Comparator.naturalOrder());
    }
  }

  static byte[] unpack(Path image) throws IOException {
    ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
    int start = ((b.get(SETUP_SECTORS) & 0xff) + 1) * 512 + b.getInt(PAYLOAD_OFFSET);
    byte[] payload = Arrays.copyOfRange(b.array(), start, start + b.getInt(PAYLOAD_LENGTH));
    if ((payload[0] & 0xff) == 0x1f && (payload[1] & 0xff) == 0x8b) {
      return new GZIPInputStream(new ByteArrayInputStream(payload)).readAllBytes();
    }
    ByteBuffer p = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    if (p.getInt() == LZ4_LEGACY) {
      return lz4(p);
    }
    throw new IOException(image + ": payload is neither gzip nor LZ4");
  }

  /** The legacy frame: blocks of a length and data; the image's size follows the last one. */
  private static byte[] lz4(ByteBuffer p) {
    var out = new ByteArrayOutputStream();
    while (p.remaining() > 4) {
      int length = p.getInt();
      out.writeBytes(lz4Block(p.slice(p.position(), length)));
      p.position(p.position() + length);
    }
    return out.toByteArray();
  }

  private static byte[] lz4Block(ByteBuffer in) {
    byte[] out = new byte[LZ4_BLOCK];
    int n = 0;
    while (in.hasRemaining()) {
      int token = in.get() & 0xff;
      int literals = length(in, token >> 4);
      in.get(out, n, literals);
      n += literals;
      if (!in.hasRemaining()) {
        break;
      }
      int distance = in.get() & 0xff | (in.get() & 0xff) << 8;
      int match = length(in, token & 15) + 4;
      for (int i = 0; i < match; i++) {
        out[n] = out[n - distance];
        n++;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private static int length(ByteBuffer in, int first) {
    int n = first;
    if (first == 15) {
      int more;
      do {
        more = in.get() & 0xff;
        n += more;
      } while (more == 255);
    }
    return n;
  }
}
