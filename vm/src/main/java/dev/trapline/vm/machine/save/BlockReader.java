package dev.trapline.vm.machine.save;

import dev.trapline.vm.state.StateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads what {@link BlockWriter} writes, and says where a file is damaged. */
final class BlockReader {
  /** A part of the file, unpacked. */
  record Block(String name, byte[] content, long at) {}

  private final InputStream in;
  private final long size;
  private long at;

  /**
   * @param version the newest this program knows
   * @throws StateException if it is no snapshot, damaged, or a newer one
   */
  BlockReader(InputStream in, long size, int version) throws IOException {
    this.in = in;
    this.size = size;
    byte[] head = in.readNBytes(BlockWriter.HEAD);
    int mark = BlockWriter.MARK.length;
    if (head.length < mark || !Arrays.equals(head, 0, mark, BlockWriter.MARK, 0, mark)) {
      throw new StateException("no snapshot of Trapline (its first bytes are others)");
    }
    if (head.length < BlockWriter.HEAD) {
      throw new StateException("cut short: it ends in its head");
    }
    ByteBuffer b = ByteBuffer.wrap(head, mark, 8);
    int found = b.getInt();
    if (b.getInt() != BlockWriter.crc(head, mark + 4)) {
      throw new StateException("damaged at byte " + mark + " (checksum of the head)");
    }
    if (found < 1 || found > version) {
      throw new StateException("of version " + found + "; this Trapline reads versions up to " + version);
    }
    at = head.length;
  }

  long at() {
    return at;
  }

  /** The next block. */
  Block next() throws IOException {
    long start = at;
    byte[] head = bytes(BlockWriter.BLOCK_HEAD, start);
    ByteBuffer b = ByteBuffer.wrap(head);
    String name = new String(head, 0, 4, StandardCharsets.ISO_8859_1);
    int packed = b.getInt(4);
    int raw = b.getInt(8);
    if (packed < 0 || raw < 0 || raw > BlockWriter.MOST || packed > BlockWriter.MOST * 2) {
      throw new StateException("damaged at byte " + start + " (impossible lengths of a part)");
    }
    byte[] content = bytes(packed, start);
    if (b.getInt(12) != BlockWriter.crc(b, content)) {
      throw new StateException("damaged at byte " + start + " (checksum of a part)");
    }
    return new Block(name, inflated(content, raw, start), start);
  }

  private byte[] bytes(int n, long start) throws IOException {
    if (n > size - at) {
      throw new StateException("cut short: it has " + size + " bytes and ends inside the part at byte " + start);
    }
    byte[] b = in.readNBytes(n);
    if (b.length < n) {
      throw new StateException("cut short: it ends inside the part at byte " + start);
    }
    at += n;
    return b;
  }

  private static byte[] inflated(byte[] packed, int raw, long start) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      byte[] to = new byte[raw];
      int n = 0;
      for (int more = -1; more != 0 && n < raw; n += more) {
        more = inflater.inflate(to, n, raw - n);
      }
      if (n < raw || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
        throw new StateException("damaged at byte " + start + " (a part does not unpack to its length)");
      }
      return to;
    } catch (DataFormatException wrong) {
      throw new StateException("damaged at byte " + start + " (a part does not unpack)");
    } finally {
      inflater.end();
    }
  }
}
