package dev.trapline.vm.isa.disasm;

import java.util.HexFormat;

/**
 * One line of a disassembly.
 *
 * @param address of the first byte
 * @param bytes of the instruction; one byte if it is {@code (bad)}
 * @param text the instruction
 */
public record Line(long address, byte[] bytes, String text) {
  public Line {
    bytes = bytes.clone();
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Length of the instruction in bytes. */
  public int length() {
    return bytes.length;
  }

  /** Address, bytes and text in one line, as objdump lays it out. */
  @Override
  public String toString() {
    return String.format("%8x:  %-30s %s", address, HexFormat.ofDelimiter(" ").formatHex(bytes), text);
  }
}
