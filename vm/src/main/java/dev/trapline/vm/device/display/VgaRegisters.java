package dev.trapline.vm.device.display;

/** The indexed registers of a VGA and their indices, as the IBM VGA technical reference names them. */
final class VgaRegisters {
  static final int SEQUENCER = 5;
  /** Places kept for the sequencer: its index has three bits. */
  static final int SEQUENCER_PLACES = 8;
  /** Bytes of the palette. */
  static final int DAC = 768;
  static final int CRTC = 25;
  static final int GRAPHICS = 9;
  static final int ATTRIBUTE = 21;

  /** Sequencer: clocking mode, map mask, character map select, memory mode. */
  static final int CLOCKING = 1;
  static final int MAP_MASK = 2;
  static final int CHARACTER_MAP = 3;
  static final int MEMORY_MODE = 4;

  /** Graphics controller. */
  static final int SET_RESET = 0;
  static final int ENABLE_SET_RESET = 1;
  static final int COLOR_COMPARE = 2;
  static final int ROTATE = 3;
  static final int READ_MAP = 4;
  static final int MODE = 5;
  static final int MISCELLANEOUS = 6;
  static final int COLOR_DONT_CARE = 7;
  static final int BIT_MASK = 8;

  /** CRT controller. */
  static final int HORIZONTAL_END = 1;
  static final int OVERFLOW = 7;
  static final int MAXIMUM_SCAN_LINE = 9;
  static final int CURSOR_START = 10;
  static final int CURSOR_END = 11;
  static final int START_HIGH = 12;
  static final int START_LOW = 13;
  static final int CURSOR_HIGH = 14;
  static final int CURSOR_LOW = 15;
  static final int RETRACE_END = 0x11;
  static final int VERTICAL_END = 0x12;
  static final int OFFSET = 0x13;
  static final int MODE_CONTROL = 0x17;
  static final int LINE_COMPARE = 0x18;

  /** Attribute controller. */
  static final int ATTRIBUTE_MODE = 0x10;
  static final int PLANE_ENABLE = 0x12;
  static final int COLOR_SELECT = 0x14;

  final int[] sequencer = new int[SEQUENCER_PLACES];
  final int[] crtc = new int[CRTC];
  final int[] graphics = new int[GRAPHICS];
  final int[] attribute = new int[ATTRIBUTE];
  /** 256 colours of red, green and blue, 6 bits each (8 where the VBE asks for it). */
  final int[] dac = new int[DAC];
  int pelMask = 0xff;
  int misc;

  boolean graphicsMode() {
    return (graphics[MISCELLANEOUS] & 1) != 0;
  }

  boolean chain4() {
    return (sequencer[MEMORY_MODE] & 8) != 0;
  }

  /** Scan lines shown. */
  int scanLines() {
    return 1 + (crtc[VERTICAL_END] | (crtc[OVERFLOW] & 2) << 7 | (crtc[OVERFLOW] & 0x40) << 3);
  }

  int lineCompare() {
    return crtc[LINE_COMPARE] | (crtc[OVERFLOW] & 0x10) << 4 | (crtc[MAXIMUM_SCAN_LINE] & 0x40) << 3;
  }

  boolean doubleScan() {
    return (crtc[MAXIMUM_SCAN_LINE] & 0x80) != 0;
  }

  /** Scan lines of a character row, or repetitions of a line of pixels. */
  int rowHeight() {
    return (crtc[MAXIMUM_SCAN_LINE] & 0x1f) + 1;
  }

  /** Offset of the planes where the screen begins. */
  int start() {
    return crtc[START_HIGH] << 8 | crtc[START_LOW];
  }

  int cursor() {
    return crtc[CURSOR_HIGH] << 8 | crtc[CURSOR_LOW];
  }

  /** Offsets of the planes from one row to the next. */
  int pitch() {
    return crtc[OFFSET] * 2;
  }

  int columns() {
    return crtc[HORIZONTAL_END] + 1;
  }
}
