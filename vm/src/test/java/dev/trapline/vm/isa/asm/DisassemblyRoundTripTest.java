package dev.trapline.vm.isa.asm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.disasm.Disassembler;
import dev.trapline.vm.isa.disasm.Syntax;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the disassembler writes in Intel syntax, the assembler reads: the bytes disassemble to the same text again. */
class DisassemblyRoundTripTest {
  private static final int SAMPLES = Boolean.getBoolean("trapline.full") ? 60 : 5;
  private static final long ADDRESS = 0x401000;
  private final Decoder decoder = new Decoder(X86.set());
  private final Disassembler disassembler = new Disassembler(decoder);
  private final Assembler assembler = new Assembler(X86.set());

  @ParameterizedTest
  @EnumSource(value = CodeSize.class, names = {"BITS32", "BITS64"})
  void everyRowsTextAssemblesToTheSameText(CodeSize code) {
    var wrong = new ArrayList<String>();
    int count = 0;
    for (Row row : X86.set().rows()) {
      var samples = new RowSamples(900 + row.id() * 3L + code.ordinal());
      for (int opBits : row.is(Attr.ALIAS) ? List.<Integer>of() : Encoder.sizes(row, code)) {
        for (int i = 0; i < SAMPLES && plain(row, opBits, code); i++) {
          check(Encoder.encode(samples.sample(row, code, opBits)), code, wrong);
          count++;
        }
      }
    }
    assertTrue(wrong.isEmpty(), wrong.size() + " of " + count + " differ\n"
        + String.join("\n", wrong.subList(0, Math.min(60, wrong.size()))));
  }

  /** Whether the operand size is the default or shows in the text; branches that cut the instruction pointer are left out. */
  private static boolean plain(Row row, int opBits, CodeSize code) {
    boolean shows = row.operands().stream().anyMatch(o -> "v z y bs p a e14 e94".contains(o.size()) && !o.size().isEmpty()
        && o.place() != Place.J);
    return opBits == Encoder.defaultOpBits(row, code) || shows && !row.operands().getFirst().size().equals("b");
  }

  private void check(byte[] bytes, CodeSize code, List<String> wrong) {
    Insn in = decoder.decode(ByteSource.of(bytes, 0), code);
    String text = disassembler.format(in, ADDRESS, Syntax.INTEL);
    try {
      byte[] again = assembler.line(text, ADDRESS, code);
      Insn second = decoder.decode(ByteSource.of(again, 0), code);
      String after = second == null ? "nothing" : disassembler.format(second, ADDRESS, Syntax.INTEL);
      if (!after.equals(text) && !sameMeaning(text, after)) {
        wrong.add(code + " " + text + " became " + after);
      }
    } catch (AsmException e) {
      wrong.add(code + " " + text + ": " + e.getMessage());
    }
  }

  /**
   * Texts that differ for a shorter form of the same: a shift by the implied one, {@code mov} to a 32-bit register that clears the upper
   * half, {@code xchg} the other way round, ST(0) with itself, an address relative to a shorter instruction.
   */
  private static boolean sameMeaning(String before, String after) {
    String mnemonic = before.split(" ")[0];
    return before.contains("ip") && before.contains("#") || before.endsWith(",0x1") && after.endsWith(",1") || before.endsWith("st,st(0)")
        || List.of("mov", "xchg", "sldt").contains(mnemonic) && after.startsWith(mnemonic);
  }
}
