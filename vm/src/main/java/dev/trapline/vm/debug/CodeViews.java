package dev.trapline.vm.debug;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.debug.view.CodeLine;
import dev.trapline.vm.debug.view.RowView;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Flags;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.disasm.Disassembler;
import dev.trapline.vm.isa.disasm.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Code as text, and what the rows say about an instruction. */
final class CodeViews {
  private static final String NOT_MAPPED = "(not mapped)";
  private final Cpu cpu;
  private final Spaces spaces;
  private final Decoder decoder = new Decoder(X86.set());
  private final SessionNames.Settings settings;

  CodeViews(Cpu cpu, Spaces spaces, SessionNames.Settings settings) {
    this.cpu = cpu;
    this.spaces = spaces;
    this.settings = settings;
  }

  /** Where the next instruction is: CS:offset as the program sees it. */
  Address here() {
    return inCode(cpu.rip);
  }

  /** An offset in CS. */
  Address inCode(long offset) {
    return new Address.Virtual(based() ? cpu.seg[Cpu.CS].selector : Address.Virtual.NO_SELECTOR, offset);
  }

  /** Bytes that stand nowhere yet, as code at an address. */
  List<CodeLine> bytes(Address at, byte[] bytes, CodeSize size, Symbols symbols) {
    var disassembler = new Disassembler(decoder, a -> name(symbols, a));
    var lines = disassembler.lines(ByteSource.of(bytes, 0), size, at.number(), bytes.length, settings.syntax);
    int selector = at instanceof Address.Virtual v ? v.selector() : -1;
    return lines.stream().map(l -> new CodeLine(selector, l.address(), l.address(), hex(l), l.text(), null, null, null, false, 0)).toList();
  }

  /** Whether people think of places in CS as segment and offset. */
  private boolean based() {
    return !cpu.mode64() && (cpu.seg[Cpu.CS].base != 0 || !cpu.protectedMode() || cpu.v86());
  }

  /** The instruction at an address as the current mode decodes it, or null if it is none or not mapped. */
  Insn decode(Address at) {
    boolean[] readable = new boolean[Decoder.MAX_LENGTH];
    byte[] bytes = spaces.read(at, Decoder.MAX_LENGTH, readable);
    try {
      return decoder.decode(source(bytes, readable), cpu.codeSize());
    } catch (ByteSource.EndOfBytes | Decoder.TooLong none) {
      return null;
    }
  }

  private static ByteSource source(byte[] bytes, boolean[] readable) {
    int n = 0;
    while (n < bytes.length && readable[n]) {
      n++;
    }
    return ByteSource.of(Arrays.copyOf(bytes, n), 0);
  }

  List<CodeLine> code(Address from, int count, CodeSize size, Symbols symbols, Breakpoints breakpoints) {
    long base = from.unpaged() ? 0 : spaces.linear(from) - from.number();
    var disassembler = new Disassembler(decoder, a -> name(symbols, base + a));
    var out = new ArrayList<CodeLine>();
    Address at = from;
    while (out.size() < count) {
      boolean[] readable = new boolean[Decoder.MAX_LENGTH];
      byte[] bytes = spaces.read(at, Decoder.MAX_LENGTH, readable);
      if (!readable[0]) {
        out.add(line(at, "", NOT_MAPPED, null, symbols, breakpoints));
        break;
      }
      Line l = disassembler.line(source(bytes, readable), size, at.number(), settings.syntax);
      out.add(line(at, hex(l), l.text(), target(source(bytes, readable), size, symbols), symbols, breakpoints));
      at = at.plus(l.length());
    }
    return out;
  }

  private static String hex(Line l) {
    return HexFormat.of().formatHex(l.bytes());
  }

  /** The name of an absolute memory operand or of an immediate that is exactly a symbol's address, or null. */
  private String target(ByteSource bytes, CodeSize size, Symbols symbols) {
    Insn in;
    try {
      in = decoder.decode(bytes, size);
    } catch (ByteSource.EndOfBytes | Decoder.TooLong none) {
      return null;
    }
    for (Operand o : in == null ? List.<Operand>of() : in.operands) {
      String name = switch (o) {
        case Operand.Mem m when m.base() != Operand.Mem.RIP && m.disp() != 0 -> symbols.at(m.disp() & 0xffffffffL);
        case Operand.Imm i when i.encodedBytes() >= 4 -> symbols.at(i.value() & 0xffffffffL);
        default -> null;
      };
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  private static String name(Symbols symbols, long address) {
    Symbols.Near near = symbols.near(address);
    return near == null ? null : near.toString();
  }

  private CodeLine line(Address at, String bytes, String text, String target, Symbols symbols, Breakpoints breakpoints) {
    boolean physical = at.unpaged();
    long linear = physical ? at.number() : spaces.linear(at);
    int selector = at instanceof Address.Virtual v ? v.selector() : -1;
    boolean current = !physical && linear == spaces.linear(here());
    return new CodeLine(selector, at.number(), linear, bytes, text, symbols.at(linear),
        physical ? null : symbols.lines().beginning(linear), target, current,
        physical ? 0 : breakpoints.at(linear));
  }

  // ---- rows

  List<RowView> rows(String mnemonic) {
    return X86.set().rows().stream().filter(r -> r.mnemonic().equalsIgnoreCase(mnemonic)).map(CodeViews::row).toList();
  }

  List<String> mnemonics() {
    return X86.set().rows().stream().map(Row::mnemonic).distinct().sorted().toList();
  }

  private static RowView row(Row r) {
    String operands = r.operands().stream().map(OperandSpec::text).collect(Collectors.joining(","));
    String attributes = Arrays.stream(dev.trapline.vm.isa.Attr.values()).filter(r::is).map(Enum::name).collect(Collectors.joining(" "));
    return new RowView(r.encoding(), r.mnemonic(), operands, flags(r.flagsWritten()), flags(r.flagsUndefined()), r.feature().name(),
        attributes, r.spec());
  }

  private static String flags(int bits) {
    var out = new StringBuilder();
    int[] flags = {Flags.OF, Flags.SF, Flags.ZF, Flags.AF, Flags.PF, Flags.CF};
    for (int i = 0; i < flags.length; i++) {
      out.append((bits & flags[i]) != 0 ? "OSZAPC".charAt(i) : '-');
    }
    return (bits & Flags.OSZAPC) == 0 ? "" : out.toString();
  }
}
