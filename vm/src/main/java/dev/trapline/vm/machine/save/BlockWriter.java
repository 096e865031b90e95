package dev.trapline.vm.machine.save;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;

/**
 * Writes the parts of a snapshot file: a head (mark, version, checksum), then blocks of a name of four letters, stored length, length,
 * CRC-32C over all that and the content, and the deflated content. Numbers are big-endian.
 */
final class BlockWriter {
  /** First bytes of every snapshot file: not text, and damaged by what damages line ends. */
  static final byte[] MARK = {(byte) 0x89, 'T', 'R', 'A', 'P', '\r', '\n', 0x1a};
  static final int HEAD = MARK.length + 8;
  static final int BLOCK_HEAD = 16;
  /** The most bytes in a block, before compression. */
  static final int MOST = 256 * (4096 + 4);
  /** Blocks compressed at the same time. */
  private static final int WINDOW = 16;

  private record Block(String name, Supplier<byte[]> content) {}

  private final OutputStream out;
  private final List<Block> waiting = new ArrayList<>();
  private int blocks;

  BlockWriter(OutputStream out, int version) throws IOException {
    this.out = out;
    ByteBuffer head = ByteBuffer.allocate(HEAD).put(MARK).putInt(version);
    head.putInt(crc(head.array(), MARK.length + 4));
    out.write(head.array());
  }

  static int crc(byte[] bytes, int n) {
    CRC32C c = new CRC32C();
    c.update(bytes, 0, n);
    return (int) c.getValue();
  }

  /** Adds a part of any length. */
  void part(String name, byte[] content) throws IOException {
    int at = 0;
    do {
      byte[] piece = Arrays.copyOfRange(content, at, Math.min(content.length, at + MOST));
      block(name, () -> piece);
      at += MOST;
    } while (at < content.length);
  }

  /** Adds a block, which may be made later. */
  void block(String name, Supplier<byte[]> content) throws IOException {
    waiting.add(new Block(name, content));
    if (waiting.size() == WINDOW) {
      flush();
    }
  }

  /** How many blocks were added. */
  int blocks() {
    return blocks + waiting.size();
  }

  void flush() throws IOException {
    for (byte[] b : waiting.parallelStream().map(BlockWriter::packed).toList()) {
      out.write(b);
    }
    blocks += waiting.size();
    waiting.clear();
  }

  private static byte[] packed(Block block) {
    byte[] raw = block.content.get();
    byte[] packed = deflated(raw);
    ByteBuffer b = ByteBuffer.allocate(BLOCK_HEAD + packed.length);
    b.put(block.name.getBytes(StandardCharsets.US_ASCII)).putInt(packed.length).putInt(raw.length);
    b.putInt(crc(b, packed));
    return b.put(packed).array();
  }

  /** Checksum of a block: of the twelve bytes before it and of the content. */
  static int crc(ByteBuffer head, byte[] content) {
    CRC32C c = new CRC32C();
    c.update(head.array(), 0, BLOCK_HEAD - 4);
    c.update(content);
    return (int) c.getValue();
  }

  private static byte[] deflated(byte[] raw) {
    Deflater d = new Deflater(Deflater.BEST_SPEED);
    try {
      d.setInput(raw);
      d.finish();
      byte[] to = new byte[raw.length + raw.length / 8 + 64];
      int n = d.deflate(to);
      return Arrays.copyOf(to, n);
    } finally {
      d.end();
    }
  }
}
