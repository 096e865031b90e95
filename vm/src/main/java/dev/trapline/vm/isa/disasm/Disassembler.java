package dev.trapline.vm.isa.disasm;

import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** Writes instructions as text. Stateless apart from its decoder and symbols; safe for use by several threads. */
public final class Disassembler {
  /** What stands for bytes that are no instruction. */
  public static final String BAD = "(bad)";

  private final Decoder decoder;
  private final LongFunction<String> symbols;

  /** A disassembler that writes addresses as numbers only. */
  public Disassembler(Decoder decoder) {
    this(decoder, address -> null);
  }

  /**
   * @param symbols the name of an address, such as {@code main+0x4}, or null; asked for branch targets and RIP-relative addresses
   */
  public Disassembler(Decoder decoder, LongFunction<String> symbols) {
    this.decoder = decoder;
    this.symbols = symbols;
  }

  /**
   * The text of one instruction. Prefixes without effect are not part of an {@link Insn} and so are left out; {@link #line} shows
   * them.
   *
   * @param address where it stands; branch targets and RIP-relative addresses follow from it
   */
  public String format(Insn in, long address, Syntax syntax) {
    return text(in, address, syntax, Prefixes.effective(in));
  }

  /** Decodes and formats the instruction at the start of the source; bytes that are none give one {@code (bad)} byte. */
  public Line line(ByteSource bytes, CodeSize size, long address, Syntax syntax) {
    Insn in = decode(bytes, size);
    if (in == null) {
      return new Line(address, new byte[] {(byte) bytes.at(0)}, BAD);
    }
    byte[] copy = new byte[in.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = (byte) bytes.at(i);
    }
    return new Line(address, copy, text(in, address, syntax, Prefixes.written(in, copy)));
  }

  /**
   * Disassembles consecutive instructions.
   *
   * @param bytes source whose offsets run over all of them, from 0 at {@code address}
   * @param count how many at most; the list is shorter if the bytes end ({@link ByteSource.EndOfBytes}) at an instruction's first byte
   */
  public List<Line> lines(ByteSource bytes, CodeSize size, long address, int count, Syntax syntax) {
    var lines = new ArrayList<Line>(count);
    int at = 0;
    while (lines.size() < count) {
      int start = at;
      Line line;
      try {
        line = line(offset -> bytes.at(start + offset), size, address + start, syntax);
      } catch (ByteSource.EndOfBytes end) {
        break;
      }
      lines.add(line);
      at += line.length();
    }
    return lines;
  }

  private Insn decode(ByteSource bytes, CodeSize size) {
    try {
      return decoder.decode(bytes, size);
    } catch (ByteSource.EndOfBytes | Decoder.TooLong cut) {
      return null;
    }
  }

  private String text(Insn in, long address, Syntax syntax, String prefixes) {
    Shown shown = Shown.of(in);
    String body = syntax == Syntax.INTEL ? new Intel(in, address, symbols).text(shown) : new Att(in, address, symbols).text(shown);
    return prefixes + body + ripComment(in, address);
  }

  private String ripComment(Insn in, long address) {
    var memory = in.mem();
    if (memory == null || memory.base() != dev.trapline.vm.isa.Operand.Mem.RIP) {
      return "";
    }
    long target = address + in.length + memory.disp();
    if (memory.addrBits() == 32) {
      target &= 0xffffffffL;
    }
    return "        # " + Addresses.named(target, symbols);
  }
}
