package dev.trapline.vm.isa.disasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spelling; the expected text is what objdump 2.40 prints. */
class DisassemblerTest {
  private final Disassembler plain = new Disassembler(new Decoder(X86.set()));

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "64 | 00 00 | add BYTE PTR [rax],al | add %al,(%rax)",
      "64 | 80 45 f0 ff | add BYTE PTR [rbp-0x10],0xff | addb $0xff,-0x10(%rbp)",
      "64 | 48 83 c0 ff | add rax,0xffffffffffffffff | add $0xffffffffffffffff,%rax",
      "64 | 4b 03 84 c8 00 00 00 00 | add rax,QWORD PTR [r8+r9*8+0x0] | add 0x0(%r8,%r9,8),%rax",
      "64 | 02 05 10 00 00 00 | add al,BYTE PTR [rip+0x10]        # 0x1016 | add 0x10(%rip),%al        # 0x1016",
      "64 | f0 65 44 01 34 25 28 00 00 00 | lock add DWORD PTR gs:0x28,r14d | lock add %r14d,%gs:0x28",
      "64 | f3 48 00 c8 | repz rex.W add al,cl | repz rex.W add %cl,%al",
      "32 | 2e 66 01 50 7f | add WORD PTR cs:[eax+0x7f],dx | add %dx,%cs:0x7f(%eax)",
      "32 | 81 05 34 12 00 00 00 00 00 80 | add DWORD PTR ds:0x1234,0x80000000 | addl $0x80000000,0x1234",
      "64 | 0f 23 34 | mov dr6,rsp | mov %rsp,%db6",
      "16 | 00 42 fe | add BYTE PTR [bp+si-0x2],al | add %al,-0x2(%bp,%si)",
  })
  void spellsAsObjdumpDoes(int size, String hex, String intel, String att) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    assertEquals(intel, plain.line(ByteSource.of(bytes, 0), CodeSize.of(size), 0x1000, Syntax.INTEL).text());
    assertEquals(att, plain.line(ByteSource.of(bytes, 0), CodeSize.of(size), 0x1000, Syntax.ATT).text());
  }

  @Test
  void bytesThatAreNoInstructionTakeOneByteEach() {
    byte[] bytes = {(byte) 0xc5, (byte) 0xf8, 0x00, 0x00, 0x00};
    List<Line> lines = plain.lines(ByteSource.of(bytes, 3), CodeSize.BITS64, 8, 10, Syntax.INTEL);
    assertEquals(1, lines.size());
    byte[] cut = {0x00, 0x00, 0x04};
    lines = plain.lines(ByteSource.of(cut, 0), CodeSize.BITS64, 8, 10, Syntax.INTEL);
    assertEquals(List.of("add BYTE PTR [rax],al", Disassembler.BAD), lines.stream().map(Line::text).toList());
    assertEquals(10, lines.getLast().address());
  }

  @Test
  void symbolsNameAddresses() {
    var named = new Disassembler(new Decoder(X86.set()), address -> address == 0x1016 ? "counter" : null);
    byte[] bytes = {0x02, 0x05, 0x10, 0, 0, 0};
    assertEquals("add al,BYTE PTR [rip+0x10]        # 0x1016 <counter>",
        named.line(ByteSource.of(bytes, 0), CodeSize.BITS64, 0x1000, Syntax.INTEL).text());
  }
}
