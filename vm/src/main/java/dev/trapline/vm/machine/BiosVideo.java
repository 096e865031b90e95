package dev.trapline.vm.machine;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.mem.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/**
 * INT 10h on a serial terminal of 80 by 25: the cursor is where the BIOS data area says, and where the terminal's own cursor is
 * elsewhere, an ANSI sequence moves it before the next character. Text that only runs on needs none. Characters outside ASCII leave as
 * UTF-8. What the terminal shows now (its cursor, whether it prints inverse) is kept in the application area at 4F0h, so all state is
 * memory.
 */
final class BiosVideo {
  private static final int MODE = 0x449;
  private static final int COLUMNS = 0x44a;
  private static final int CURSOR = 0x450;
  private static final int TERMINAL = 0x4f0;
  private static final int INVERSE = 0x4f2;
  private static final int WIDTH = 80;
  private static final int LAST_ROW = 24;
  /** Where a terminal's cursor is after the last column depends on the terminal. */
  private static final int UNKNOWN = 0xffff;
  private static final int NORMAL = 7;
  /** Code page 437, the characters of the PC's text screen, outside ASCII: 0 to 31, then 128 to 255. */
  private static final String LOW = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
  private static final String HIGH = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
      + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final IntConsumer console;

  BiosVideo(Cpu cpu, PhysicalMemory memory, IntConsumer console) {
    this.cpu = cpu;
    this.memory = memory;
    this.console = console;
  }

  /** Serves the call in the registers; false if there is no such function. */
  boolean call() {
    int al = (int) cpu.r[Cpu.RAX] & 0xff;
    switch ((int) cpu.r[Cpu.RAX] >> 8 & 0xff) {
      case 0x00 -> setMode(al);
      case 0x01, 0x05, 0x0b -> { /* Cursor shape, page, palette: a terminal has its own. */ }
      case 0x02 -> memory.write(CURSOR, 2, cpu.r[Cpu.RDX] & 0xffff);
      case 0x03 -> {
        reg(Cpu.RDX, cursor());
        reg(Cpu.RCX, 0x0607);
      }
      case 0x06, 0x07 -> scroll(al);
      case 0x09 -> repeat(al, (int) cpu.r[Cpu.RBX] & 0xff);
      case 0x0a -> repeat(al, NORMAL);
      case 0x0e -> teletype(al);
      case 0x0f -> {
        reg(Cpu.RAX, WIDTH << 8 | memory.read(MODE, 1));
        reg(Cpu.RBX, cpu.r[Cpu.RBX] & 0xff);
      }
      case 0x13 -> string(al);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What firmware leaves behind: mode 3, 80 columns, cursor at the top. */
  void prepare() {
    memory.write(MODE, 1, 3);
    memory.write(COLUMNS, 2, WIDTH);
  }

  void print(String text) {
    text.chars().forEach(this::teletype);
  }

  private int cursor() {
    return (int) memory.read(CURSOR, 2);
  }

  private void cursor(int row, int column) {
    memory.write(CURSOR, 2, row << 8 | column);
  }

  private void setMode(int mode) {
    memory.write(MODE, 1, mode & 0x7f);
    if ((mode & 0x80) == 0) {
      clear();
    }
    cursor(0, 0);
  }

  /** Scrolling by 0 lines clears; whole screens are cleared, smaller windows left to what is written into them. */
  private void scroll(int lines) {
    boolean whole = (cpu.r[Cpu.RCX] & 0xffff) == 0 && (cpu.r[Cpu.RDX] & 0xffff) >= (LAST_ROW << 8 | WIDTH - 1);
    if (lines == 0 && whole) {
      clear();
    }
  }

  private void clear() {
    inverse(NORMAL);
    send("\033[H\033[2J");
    memory.write(TERMINAL, 2, 0);
  }

  private void inverse(int attribute) {
    int now = (attribute & 0x70) != 0 ? 1 : 0;
    if (now != memory.read(INVERSE, 1)) {
      memory.write(INVERSE, 1, now);
      send(now == 1 ? "\033[7m" : "\033[0m");
    }
  }

  /** A character of the PC as UTF-8. */
  private void glyph(int character) {
    if (character >= ' ' && character <= 0x7f) {
      console.accept(character);
      return;
    }
    String s = character < ' ' ? LOW : HIGH;
    int at = character < ' ' ? character : character - 0x80;
    for (byte b : s.substring(at, at + 1).getBytes(StandardCharsets.UTF_8)) {
      console.accept(b & 0xff);
    }
  }

  private void send(String text) {
    text.chars().forEach(console);
  }

  /** Moves the terminal's cursor to the BIOS's if it is elsewhere. */
  private void place() {
    int at = cursor();
    if (memory.read(TERMINAL, 2) != at) {
      send("\033[" + ((at >> 8) + 1) + ";" + ((at & 0xff) + 1) + "H");
      memory.write(TERMINAL, 2, at);
    }
  }

  /** Characters from the cursor on, which stays. */
  private void repeat(int character, int attribute) {
    int at = cursor();
    int room = WIDTH - (at & 0xff);
    int count = (int) Math.min(cpu.r[Cpu.RCX] & 0xffff, room);
    if (count > 0) {
      place();
      inverse(attribute);
      for (int i = 0; i < count; i++) {
        glyph(character);
      }
      memory.write(TERMINAL, 2, count == room ? UNKNOWN : at + count);
    }
  }

  private void teletype(int character) {
    int row = cursor() >> 8;
    int column = cursor() & 0xff;
    switch (character) {
      case 7 -> console.accept(7);
      case 8 -> control(8, row, Math.max(0, column - 1));
      case '\n' -> control('\n', Math.min(LAST_ROW, row + 1), column);
      case '\r' -> control('\r', row, 0);
      default -> printable(character, row, column);
    }
  }

  private void control(int character, int row, int column) {
    place();
    console.accept(character);
    cursor(row, column);
    memory.write(TERMINAL, 2, row << 8 | column);
  }

  private void printable(int character, int row, int column) {
    place();
    inverse(NORMAL);
    glyph(character);
    if (column + 1 < WIDTH) {
      cursor(row, column + 1);
      memory.write(TERMINAL, 2, cursor());
    } else {
      control('\r', row, 0);
      control('\n', Math.min(LAST_ROW, row + 1), 0);
    }
  }

  /** AL bit 0: the cursor moves along; bit 1: attributes stand between the characters. */
  private void string(int mode) {
    long at = cpu.seg[Cpu.ES].base + (cpu.r[Cpu.RBP] & 0xffff);
    int step = (mode & 2) != 0 ? 2 : 1;
    int before = cursor();
    memory.write(CURSOR, 2, cpu.r[Cpu.RDX] & 0xffff);
    for (int i = 0; i < (cpu.r[Cpu.RCX] & 0xffff); i++) {
      teletype((int) memory.read(at + (long) i * step, 1));
    }
    if ((mode & 1) == 0) {
      memory.write(CURSOR, 2, before);
    }
  }

  private void reg(int r, long value) {
    cpu.r[r] = cpu.r[r] & ~0xffffL | value & 0xffff;
  }
}
