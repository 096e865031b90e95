package dev.trapline.vm.debug;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Line number programs of an ELF file's {@code .debug_line}, versions 2 to 5 (DWARF 5 6.2): each compilation unit has tables of folders and
 * files and a program that makes rows of address, file and line. A damaged unit gives fewer rows, never an error.
 */
final class DwarfLines {
  private static final int LONG_FORMAT = 0xffffffff;
  private static final int END_SEQUENCE = 1;
  private static final int SET_ADDRESS = 2;
  private static final int DEFINE_FILE = 3;
  private static final int COPY = 1;
  private static final int ADVANCE_PC = 2;
  private static final int ADVANCE_LINE = 3;
  private static final int SET_FILE = 4;
  private static final int SET_COLUMN = 5;
  private static final int NEGATE_STATEMENT = 6;
  private static final int CONST_ADD_PC = 8;
  private static final int FIXED_ADVANCE_PC = 9;
  private static final int SET_ISA = 12;
  private static final int PATH = 1;
  private static final int FOLDER = 2;

  private final ByteBuffer lineStrings;
  private final ByteBuffer strings;
  private final List<SourceLines.Row> rows = new ArrayList<>();
  private ByteBuffer unit;
  private int version;
  private boolean longFormat;
  private int minimum;
  private int lineBase;
  private int lineRange;
  private int opcodeBase;
  private byte[] lengths;
  private final List<String> folders = new ArrayList<>();
  private final List<String> files = new ArrayList<>();
  private long address;
  private int file;
  private int line;

  private DwarfLines(ElfSections sections) {
    this.lineStrings = sections.find(".debug_line_str");
    this.strings = sections.find(".debug_str");
  }

  /** The lines of an ELF file; none if it has no table of them. */
  static SourceLines of(byte[] elf) {
    var sections = new ElfSections(elf);
    var reader = new DwarfLines(sections);
    reader.units(sections.find(".debug_line"));
    return reader.rows.isEmpty() ? SourceLines.NONE : new SourceLines(reader.rows);
  }

  private void units(ByteBuffer all) {
    while (all.remaining() > 4) {
      long length = all.getInt();
      longFormat = length == LONG_FORMAT;
      length = longFormat && all.remaining() > 8 ? all.getLong() : length & 0xffffffffL;
      if (length < 0 || length > all.remaining()) {
        return;
      }
      unit = all.slice(all.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
      all.position(all.position() + (int) length);
      try {
        unit();
      } catch (BufferUnderflowException | IndexOutOfBoundsException damaged) {
        rows.add(new SourceLines.Row(address, "", 0));
      }
    }
  }

  private long offset() {
    return longFormat ? unit.getLong() : unit.getInt() & 0xffffffffL;
  }

  private int u8() {
    return unit.get() & 0xff;
  }

  private void unit() {
    version = unit.getShort();
    if (version < 2 || version > 5) {
      return;
    }
    if (version == 5) {
      unit.getShort(); // sizes of addresses and segment selectors
    }
    long rest = offset();
    int program = unit.position() + (int) rest;
    minimum = u8();
    if (version >= 4) {
      u8(); // operations in a VLIW instruction
    }
    u8(); // whether rows begin statements: every row counts here
    lineBase = unit.get();
    lineRange = u8();
    opcodeBase = u8();
    lengths = new byte[Math.max(0, opcodeBase - 1)];
    unit.get(lengths);
    folders.clear();
    files.clear();
    if (version == 5) {
      table(folders, false);
      table(files, true);
    } else {
      oldTables();
    }
    unit.position(program);
    run();
  }

  // ---- folders and files

  private void oldTables() {
    folders.add("");
    for (String s = string(unit); !s.isEmpty(); s = string(unit)) {
      folders.add(s);
    }
    files.add("");
    for (String s = string(unit); !s.isEmpty(); s = string(unit)) {
      oldFile(s);
    }
  }

  private void oldFile(String name) {
    int folder = (int) unsigned();
    unsigned(); // time
    unsigned(); // length
    files.add(path(folder, name));
  }

  private String path(int folder, String name) {
    String in = folder >= 0 && folder < folders.size() ? folders.get(folder) : "";
    return name.startsWith("/") || in.isEmpty() ? name : in + "/" + name;
  }

  private void table(List<String> out, boolean inFolders) {
    int[][] format = new int[u8()][2];
    for (int[] f : format) {
      f[0] = (int) unsigned();
      f[1] = (int) unsigned();
    }
    long n = unsigned();
    for (long i = 0; i < n; i++) {
      String name = "";
      int folder = 0;
      for (int[] f : format) {
        Object value = form(f[1]);
        name = f[0] == PATH && value instanceof String s ? s : name;
        folder = f[0] == FOLDER && value instanceof Long v ? v.intValue() : folder;
      }
      out.add(inFolders ? path(folder, name) : name);
    }
  }

  /** A value of one of the forms that stand in these tables (DWARF 5 7.5.6): a number, a string, or bytes passed over. */
  private Object form(int form) {
    return switch (form) {
      case 0x08 -> string(unit);
      case 0x1f -> at(lineStrings, offset());
      case 0x0e -> at(strings, offset());
      case 0x0b -> (long) u8();
      case 0x05 -> (long) (unit.getShort() & 0xffff);
      case 0x06 -> unit.getInt() & 0xffffffffL;
      case 0x07 -> unit.getLong();
      case 0x0f -> unsigned();
      case 0x1e -> skipped(16);
      case 0x09 -> skipped(unsigned());
      default -> throw new IndexOutOfBoundsException("form " + form);
    };
  }

  private Object skipped(long bytes) {
    unit.position((int) (unit.position() + bytes <= unit.limit() ? unit.position() + bytes : unit.limit()));
    return 0L;
  }

  private static String at(ByteBuffer strings, long offset) {
    return offset < 0 || offset >= strings.limit() ? "" : string(strings.duplicate().position((int) offset));
  }

  private static String string(ByteBuffer b) {
    int start = b.position();
    while (b.get() != 0) { }
    byte[] text = new byte[b.position() - 1 - start];
    b.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private long unsigned() {
    long v = 0;
    int shift = 0;
    while (true) {
      int b = u8();
      v |= shift < 64 ? (long) (b & 0x7f) << shift : 0;
      shift += 7;
      if (b < 0x80) {
        return v;
      }
    }
  }

  private long signed() {
    long v = 0;
    int shift = 0;
    int b;
    do {
      b = u8();
      v |= shift < 64 ? (long) (b & 0x7f) << shift : 0;
      shift += 7;
    } while (b >= 0x80);
    return (b & 0x40) != 0 && shift < 64 ? v | -1L << shift : v;
  }

  // ---- the program

  private void run() {
    begin();
    while (unit.hasRemaining()) {
      int opcode = u8();
      if (opcode >= opcodeBase) {
        int adjusted = opcode - opcodeBase;
        address += (long) minimum * (adjusted / lineRange);
        line += lineBase + adjusted % lineRange;
        row();
      } else if (opcode == 0) {
        extended();
      } else {
        standard(opcode);
      }
    }
  }

  private void begin() {
    address = 0;
    file = 1;
    line = 1;
  }

  private void row() {
    rows.add(new SourceLines.Row(address, file >= 0 && file < files.size() ? files.get(file) : "?", line));
  }

  private void extended() {
    int length = (int) unsigned();
    int end = unit.position() + length;
    switch (length == 0 ? 0 : u8()) {
      case END_SEQUENCE -> {
        rows.add(new SourceLines.Row(address, "", 0));
        begin();
      }
      case SET_ADDRESS -> address = length == 9 ? unit.getLong() : unit.getInt() & 0xffffffffL;
      case DEFINE_FILE -> oldFile(string(unit));
      default -> { }
    }
    unit.position(end);
  }

  private void standard(int opcode) {
    switch (opcode) {
      case COPY -> row();
      case ADVANCE_PC -> address += minimum * unsigned();
      case ADVANCE_LINE -> line += (int) signed();
      case SET_FILE -> file = (int) unsigned();
      case CONST_ADD_PC -> address += (long) minimum * ((255 - opcodeBase) / lineRange);
      case FIXED_ADVANCE_PC -> address += unit.getShort() & 0xffff;
      case SET_COLUMN, SET_ISA -> unsigned();
      default -> skipOperands(opcode);
    }
  }

  private void skipOperands(int opcode) {
    for (int i = 0; opcode != NEGATE_STATEMENT && i < lengths[opcode - 1]; i++) {
      unsigned();
    }
  }
}
