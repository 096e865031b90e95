package dev.trapline.vm.device.display;

import java.util.ArrayList;
import java.util.List;

/** Reads registers and memory as the CRT and attribute controllers do and makes the picture of it. Changes nothing. */
final class VgaScreen {
  private static final int BLACK = 0xff000000;
  private static final int FONT_PLANE = 2;
  /** Characters whose ninth column repeats the eighth where line graphics are on. */
  private static final int LINES_FIRST = 0xc0;
  private static final int LINES_LAST = 0xdf;

  private final VgaRegisters r;
  private final VideoMemory memory;
  private final BochsVbe vbe;

  VgaScreen(VgaRegisters r, VideoMemory memory, BochsVbe vbe) {
    this.r = r;
    this.memory = memory;
    this.vbe = vbe;
  }

  boolean isText() {
    return !vbe.enabled() && !r.graphicsMode();
  }

  // ---- text

  private int rows() {
    int lines = r.doubleScan() ? r.scanLines() / 2 : r.scanLines();
    return Math.max(0, lines / r.rowHeight());
  }

  /** Offset of the planes where a row that begins at a scan line begins; below the line compare the memory starts again. */
  private int rowStart(int row) {
    int line = row * r.rowHeight();
    int compare = r.lineCompare();
    return line <= compare ? r.start() + row * r.pitch() : (line - compare - 1) / r.rowHeight() * r.pitch();
  }

  Screen.Text text() {
    List<String> lines = new ArrayList<>();
    List<int[]> attributes = new ArrayList<>();
    for (int row = 0; row < rows(); row++) {
      StringBuilder line = new StringBuilder();
      int[] colors = new int[r.columns()];
      for (int column = 0; column < r.columns(); column++) {
        int cell = memory.planes(rowStart(row) + column);
        line.append(CodePage.of(cell & 0xff));
        colors[column] = cell >> 8 & 0xff;
      }
      lines.add(line.toString());
      attributes.add(colors);
    }
    return new Screen.Text(lines, cursor(), attributes);
  }

  private Screen.Cursor cursor() {
    int at = r.cursor() - r.start();
    int pitch = Math.max(1, r.pitch());
    boolean on = (r.crtc[VgaRegisters.CURSOR_START] & 0x20) == 0;
    boolean inside = at >= 0 && at / pitch < rows() && at % pitch < r.columns();
    return new Screen.Cursor(inside ? at / pitch : 0, inside ? at % pitch : 0, on && inside);
  }

  private Screen.Pixels textPixels() {
    int cellWidth = (r.sequencer[VgaRegisters.CLOCKING] & 1) != 0 ? 8 : 9;
    int cellHeight = r.rowHeight();
    int width = r.columns() * cellWidth;
    int[] out = new int[width * rows() * cellHeight];
    Screen.Cursor cursor = cursor();
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < r.columns(); column++) {
        int cell = memory.planes(rowStart(row) + column);
        boolean here = cursor.visible() && cursor.row() == row && cursor.column() == column;
        for (int y = 0; y < cellHeight; y++) {
          glyphRow(cell, y, here && inCursor(y), out, (row * cellHeight + y) * width + column * cellWidth, cellWidth);
        }
      }
    }
    return new Screen.Pixels(width, rows() * cellHeight, out);
  }

  private boolean inCursor(int y) {
    return y >= (r.crtc[VgaRegisters.CURSOR_START] & 0x1f) && y <= (r.crtc[VgaRegisters.CURSOR_END] & 0x1f);
  }

  private void glyphRow(int cell, int y, boolean cursor, int[] out, int at, int width) {
    int character = cell & 0xff;
    int attribute = cell >> 8 & 0xff;
    int bits = cursor ? 0xff : memory.planes(font(attribute) + character * 32 + y) >> 8 * FONT_PLANE & 0xff;
    boolean blinks = (r.attribute[VgaRegisters.ATTRIBUTE_MODE] & 8) != 0;
    int foreground = palette(attribute & 0xf);
    int background = palette(attribute >> 4 & (blinks ? 7 : 0xf));
    for (int x = 0; x < 8; x++) {
      out[at + x] = (bits & 0x80 >> x) != 0 ? foreground : background;
    }
    if (width == 9) {
      boolean joins = (r.attribute[VgaRegisters.ATTRIBUTE_MODE] & 4) != 0 && character >= LINES_FIRST && character <= LINES_LAST;
      out[at + 8] = cursor || joins && (bits & 1) != 0 ? foreground : background;
    }
  }

  /** Where a character's font begins: attribute bit 3 chooses between the two of the character map select register. */
  private int font(int attribute) {
    int select = r.sequencer[VgaRegisters.CHARACTER_MAP];
    int map = (attribute & 8) != 0 ? select >> 2 & 3 | select >> 3 & 4 : select & 3 | select >> 2 & 4;
    return (map & 3) * 0x4000 + (map >> 2) * 0x2000;
  }

  // ---- pixels

  Screen.Pixels pixels() {
    if (vbe.enabled()) {
      return vbe.register(BochsVbe.BPP) == 4 ? vbePlanar() : vbePacked();
    }
    if (!r.graphicsMode()) {
      return textPixels();
    }
    return vgaPixels();
  }

  private interface Row {
    int color(int offset, int x);
  }

  private Screen.Pixels vgaPixels() {
    boolean packed = (r.graphics[VgaRegisters.MODE] & 0x40) != 0;
    boolean interleaved = (r.graphics[VgaRegisters.MODE] & 0x20) != 0;
    int width = r.columns() * (packed ? 4 : 8);
    int lines = r.doubleScan() ? r.scanLines() / 2 : r.scanLines();
    boolean scanAddressed = (r.crtc[VgaRegisters.MODE_CONTROL] & 3) != 3;
    int height = scanAddressed ? lines : lines / r.rowHeight();
    Row row = packed ? (o, x) -> dac(memory.get((o << 2) + x))
        : interleaved ? (o, x) -> palette(pair(memory.planes(o + (x >> 3)), x & 7))
        : (o, x) -> palette(planar(memory.planes(o + (x >> 3)), x & 7));
    int[] out = new int[width * height];
    for (int y = 0; y < height; y++) {
      int offset = scanAddressed ? scanOffset(y) : lineStart(y);
      for (int x = 0; x < width; x++) {
        out[y * width + x] = row.color(offset, x);
      }
    }
    return new Screen.Pixels(width, height, out);
  }

  private int lineStart(int y) {
    int scan = y * r.rowHeight() * (r.doubleScan() ? 2 : 1);
    int compare = r.lineCompare();
    int below = (scan - compare - 1) / (r.rowHeight() * (r.doubleScan() ? 2 : 1));
    return scan <= compare ? r.start() + y * r.pitch() : below * r.pitch();
  }

  /** The CGA's and Hercules' arrangement: the low bits of the scan line within a row are address bits. */
  private int scanOffset(int y) {
    int offset = r.start() + y / r.rowHeight() * r.pitch();
    int scan = y % r.rowHeight();
    int control = r.crtc[VgaRegisters.MODE_CONTROL];
    int bit = (control & 0x40) != 0 ? 13 : 12;
    int at = (control & 1) == 0 ? offset & ~(1 << bit) | (scan & 1) << bit : offset;
    return (control & 2) == 0 ? at & ~(2 << bit) | (scan >> 1 & 1) << bit + 1 : at;
  }

  /** A pixel of four planes, leftmost in bit 7. */
  private static int planar(int planes, int x) {
    int v = planes >>> 7 - x;
    return v & 1 | v >>> 7 & 2 | v >>> 14 & 4 | v >>> 21 & 8;
  }

  /** A pixel of two bits: four in the even planes' byte, four in the odd ones'. Planes 2 and 3 give the upper bits. */
  private static int pair(int planes, int x) {
    int v = planes >>> 8 * (x >> 2) + 6 - 2 * (x & 3);
    return v & 3 | v >>> 14 & 0xc;
  }

  /** A colour of 4 bits through the attribute controller and the DAC. */
  private int palette(int color) {
    int a = r.attribute[color & r.attribute[VgaRegisters.PLANE_ENABLE] & 0xf];
    int select = r.attribute[VgaRegisters.COLOR_SELECT];
    boolean p54 = (r.attribute[VgaRegisters.ATTRIBUTE_MODE] & 0x80) != 0;
    return dac(p54 ? a & 0xf | (select & 0xf) << 4 : a & 0x3f | (select & 0xc) << 4);
  }

  private int dac(int color) {
    int at = (color & r.pelMask) * 3;
    return BLACK | component(at) << 16 | component(at + 1) << 8 | component(at + 2);
  }

  private int component(int at) {
    int v = r.dac[at];
    return vbe.dac8() ? v : (v & 0x3f) << 2 | (v & 0x3f) >> 4;
  }

  // ---- VBE

  private Screen.Pixels vbePlanar() {
    int width = vbe.register(BochsVbe.XRES);
    int height = vbe.register(BochsVbe.YRES);
    int start = vbe.register(BochsVbe.Y_OFFSET) * vbe.pitch() + vbe.register(BochsVbe.X_OFFSET) / 8;
    int[] out = new int[width * height];
    for (int i = 0; i < out.length; i++) {
      int x = i % width;
      out[i] = palette(planar(memory.planes(start + i / width * vbe.pitch() + (x >> 3)), x & 7));
    }
    return new Screen.Pixels(width, height, out);
  }

  private Screen.Pixels vbePacked() {
    int width = vbe.register(BochsVbe.XRES);
    int height = vbe.register(BochsVbe.YRES);
    int bpp = vbe.register(BochsVbe.BPP);
    int bytes = (bpp + 7) / 8;
    int start = vbe.register(BochsVbe.Y_OFFSET) * vbe.pitch() + vbe.register(BochsVbe.X_OFFSET) * bytes;
    int[] out = new int[width * height];
    for (int i = 0; i < out.length; i++) {
      int at = start + i / width * vbe.pitch() + i % width * bytes;
      out[i] = packed((int) memory.load(at, bytes), bpp);
    }
    return new Screen.Pixels(width, height, out);
  }

  private int packed(int v, int bpp) {
    return switch (bpp) {
      case 8 -> dac(v);
      case 15 -> BLACK | five(v >> 10) << 16 | five(v >> 5) << 8 | five(v);
      case 16 -> BLACK | five(v >> 11) << 16 | (v >> 3 & 0xfc | v >> 9 & 3) << 8 | five(v);
      default -> BLACK | v;
    };
  }

  private static int five(int v) {
    return (v & 0x1f) << 3 | (v & 0x1f) >> 2;
  }
}
