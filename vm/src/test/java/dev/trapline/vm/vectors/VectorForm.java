package dev.trapline.vm.vectors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * One instruction with a description of the inputs it is run with. Its binary form (little-endian) stands in the plan and in front of
 * the results, and its hash seeds the inputs.
 *
 * @param mode 64, or 32 for 32-bit protected mode
 * @param bytes the instruction, placed at {@link #INSN}
 * @param uses sum of {@link #VECTOR}, {@link #X87}, {@link #MMX}, {@link #DF}
 * @param vectorKind what XMM (or MMX) registers hold
 * @param memoryKind what the memory window holds
 * @param count cases
 * @param window linear address of the memory whose contents are drawn and compared
 * @param windowBytes a multiple of 8, at most 1024
 * @param fixes changes to the drawn inputs, in order
 */
record VectorForm(int mode, byte[] bytes, int uses, Kind vectorKind, Kind memoryKind, int count, int window, int windowBytes,
    List<Fix> fixes) {
  static final int VECTOR = 1;
  static final int X87 = 2;
  static final int MMX = 4;
  static final int DF = 8;
  static final int INSN = 0x100800;

  enum Kind { INT, F32, F64, F80, BCD, MIXED }

  enum FixKind { SET, AND, SEXT, ADD_RANDOM, MEM_SET, MEM_AND, PICK_SELECTOR, MEM_SELECTOR, OR, MEM_OR }

  /**
   * @param reg general register, for register kinds
   * @param at byte offset in the window, for memory kinds
   */
  record Fix(FixKind kind, int reg, int at, long value) {}

  boolean usesFpu() {
    return (uses & (VECTOR | X87 | MMX)) != 0;
  }

  byte[] header() {
    ByteBuffer b = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) mode).put((byte) bytes.length).put(bytes).put((byte) uses).put((byte) vectorKind.ordinal());
    b.put((byte) memoryKind.ordinal()).putShort((short) count).putInt(window).putShort((short) windowBytes).put((byte) fixes.size());
    for (Fix f : fixes) {
      b.put((byte) f.kind.ordinal()).put((byte) f.reg).putShort((short) f.at).putLong(f.value);
    }
    return Arrays.copyOf(b.array(), b.position());
  }

  static VectorForm read(ByteBuffer b) {
    int mode = b.get();
    byte[] bytes = new byte[b.get()];
    b.get(bytes);
    int uses = b.get();
    Kind vectorKind = Kind.values()[b.get()];
    Kind memoryKind = Kind.values()[b.get()];
    int count = b.getShort() & 0xffff;
    int window = b.getInt();
    int windowBytes = b.getShort() & 0xffff;
    int n = b.get();
    var fixes = new ArrayList<Fix>(n);
    for (int i = 0; i < n; i++) {
      fixes.add(new Fix(FixKind.values()[b.get()], b.get(), b.getShort(), b.getLong()));
    }
    return new VectorForm(mode, bytes, uses, vectorKind, memoryKind, count, window, windowBytes, List.copyOf(fixes));
  }

  String hex() {
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }
}
