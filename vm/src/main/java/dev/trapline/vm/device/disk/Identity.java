package dev.trapline.vm.device.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The 256 words by which an ATA disk tells what it is.
 *
 * <p>ATA/ATAPI-6 (T13/1410D) 8.15 "IDENTIFY DEVICE".
 *
 * @param sectors of 512 bytes
 */
record Identity(long sectors, String serial) {
  private static final int HEADS = 16;
  private static final int SECTORS_PER_TRACK = 63;
  private static final long MOST_CYLINDERS = 16383;
  private static final int MOST_LBA28 = (1 << 28) - 1;
  private static final int MULTIPLE = 0x8010;
  private static final int LBA_AND_DMA = 0x0300;
  private static final int IORDY = 0x0c00;
  /** Write cache, power management, flush cache, 48-bit addresses; bit 14 set and 15 clear where the word is valid. */
  private static final int COMMANDS_1 = 0x4020 | 0x0008;
  private static final int COMMANDS_2 = 0x4000 | 0x3400;
  private static final int VALID = 0x4000;

  private long cylinders() {
    return Math.clamp(sectors / (HEADS * SECTORS_PER_TRACK), 1, MOST_CYLINDERS);
  }

  void write(byte[] to, int heads, int perTrack, int multiple, int dmaMode, boolean cache) {
    java.util.Arrays.fill(to, 0, Medium.SECTOR, (byte) 0);
    ByteBuffer w = ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN);
    word(w, 0, 0x0040);
    word(w, 1, cylinders());
    word(w, 3, HEADS);
    word(w, 6, SECTORS_PER_TRACK);
    text(to, 10, 20, serial);
    text(to, 23, 8, "1.0");
    text(to, 27, 40, "TRAPLINE HARDDISK");
    word(w, 47, MULTIPLE);
    word(w, 49, LBA_AND_DMA | IORDY);
    word(w, 50, VALID);
    word(w, 51, 0x200);
    word(w, 53, 7);
    translation(w, heads, perTrack);
    word(w, 59, multiple == 0 ? 0 : 0x100 | multiple);
    long lba28 = Math.min(sectors, MOST_LBA28);
    w.putInt(2 * 60, (int) lba28);
    word(w, 63, 0x07 | (dmaMode >= 0x20 && dmaMode <= 0x22 ? 0x100 << dmaMode - 0x20 : 0));
    word(w, 64, 3);
    for (int cycle = 65; cycle <= 68; cycle++) {
      word(w, cycle, 120);
    }
    word(w, 80, 0x7e);
    word(w, 82, COMMANDS_1);
    word(w, 83, COMMANDS_2);
    word(w, 84, VALID);
    word(w, 85, cache ? COMMANDS_1 : COMMANDS_1 & ~0x20);
    word(w, 86, COMMANDS_2);
    word(w, 87, VALID);
    word(w, 88, 0x3f | (dmaMode >= 0x40 ? 0x100 << dmaMode - 0x40 : 0));
    word(w, 93, 0x6001);
    w.putLong(2 * 100, sectors);
  }

  private void translation(ByteBuffer w, int heads, int perTrack) {
    long current = Math.min(sectors / ((long) heads * perTrack), 65535);
    word(w, 54, current);
    word(w, 55, heads);
    word(w, 56, perTrack);
    w.putInt(2 * 57, (int) (current * heads * perTrack));
  }

  static void word(ByteBuffer w, int index, long value) {
    w.putShort(2 * index, (short) value);
  }

  /** Text of an even number of characters: two to a word, the first in the upper byte, filled with spaces. */
  static void text(byte[] to, int index, int length, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < length; i++) {
      to[2 * index + (i ^ 1)] = i < ascii.length ? ascii[i] : (byte) ' ';
    }
  }
}
